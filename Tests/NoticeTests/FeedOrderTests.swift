import CaseFlow
import Models
import Postgres
import TestSupport
import Testing

@testable import Notification

/// The feed in PostgreSQL: positions without gaps whoever writes, and numbers that always mean the same.
@Suite("The feed's order", .timeLimit(.minutes(3)))
struct FeedOrderTests {
    private static let code = SubscriptionCode(validated: "roads-office")
    private static let roads = UnitCode(validated: "roads")

    private func with(_ body: (PostgresClient, SubscriptionShelf) async throws -> Void) async throws {
        let seal = try #require(SealKey(secret: [UInt8](repeating: 5, count: 32)))
        let url = try await PostgresServer.shared.database(like: "notification feed") { url in
            let client = PostgresClient(PostgresConfiguration(url: url, applicationName: "test", maximumConnections: 1))
            try await client.run("CREATE SCHEMA notification")
            try await Migrator(schema: "notification", migrations: NotificationService.migrations).apply(on: client)
            await client.close()
        }
        let client = PostgresClient(PostgresConfiguration(url: url, applicationName: "test", schema: "notification"))
        do {
            try await body(client, SubscriptionShelf(client: client, seal: seal))
            await client.close()
        } catch {
            await client.close()
            throw error
        }
    }

    /// An entry of one of fifty cases; every fifth is for the circle of `roads` alone, every seventh for nobody's here.
    private static func entry(_ number: Int) -> FeedEntry {
        FeedEntry(
            event: EventID(UniqueID(high: 7, low: UInt64(number))), subject: Subject(UniqueID(high: 9, low: UInt64(number % 50))),
            type: number % 3 == 0 ? "case.answered" : "case.assigned", time: Instant(microseconds: Int64(number) * 1_000_000),
            sequence: Int64(number / 50 + 1), kind: .claim, unit: number % 4 == 0 ? roads : TestCounty.education, topic: nil, region: nil,
            circle: number % 5 == 0 ? [roads] : number % 7 == 0 ? [TestCounty.education] : nil, body: Array(#"{"id":"\#(number)"}"#.utf8))
    }

    @Test("has no gaps and no entry below another that was seen, whoever writes at the same time and gives up")
    func positions() async throws {
        try await with { client, _ in
            let written = try await withThrowingTaskGroup(of: Int.self) { group in
                for writer in 0..<6 {
                    group.addTask {
                        var (random, count) = (SeededRandom(seed: UInt64(writer)), 0)
                        for batch in 0..<25 {
                            let size = Int.random(in: 1...9, using: &random)
                            let entries = (0..<size).map { Self.entry(writer * 10_000 + batch * 10 + $0) }
                            let isKept = Bool.random(using: &random)
                            try await client.withTransaction { transaction in
                                _ = try await transaction.run(FeedRows.statement(adding: entries))
                                if isKept { _ = try await transaction.commit() }
                            }
                            if isKept { count += size }
                        }
                        return count
                    }
                }
                group.addTask {
                    for _ in 0..<60 {
                        let row = try await client.run("SELECT count(*), coalesce(max(position), 0) FROM feed")[0]
                        let (count, last): (Int64, Int64) = (try row.value(0), try row.value(1))
                        #expect(count == last)
                    }
                    return 0
                }
                return try await group.reduce(0, +)
            }

            let head: Int64 = try await client.run("SELECT position FROM feed_head")[0].value(0)
            #expect(head == Int64(written) && written > 100)
        }
    }

    @Test("gives each subscription the numbers 1, 2, 3… over exactly what it may have, from wherever it begins again")
    func numbers() async throws {
        let county = try CountyIndex(TestCounty.definition())
        let filters = [
            FeedFilter(), FeedFilter(types: ["case.answered"]), FeedFilter(units: [Self.roads]), FeedFilter(types: ["none.such"]),
        ]
        try await with { client, shelf in
            for start in stride(from: 0, to: 6000, by: 500) {
                _ = try await client.run(FeedRows.statement(adding: (start..<start + 500).map(Self.entry)))
            }
            let reader = FeedReader(client: client)
            for (index, filter) in filters.enumerated() {
                let code = SubscriptionCode(validated: "roads-\(index)")
                let isMade = try await shelf.add(
                    code, unit: Self.roads, SubscriptionDefinition(kind: .pull, filter: filter), SubscriptionSecrets(current: "x"),
                    in: (county.version, county), from: 0)
                let wanted = (0..<6000).map(Self.entry).filter { entry in
                    (entry.circle == nil || entry.circle == [Self.roads]) && (filter.types.map { $0.contains(entry.type) } ?? true)
                        && (filter.units.map { $0.contains(entry.unit) } ?? true)
                }.map(\.event)

                var (found, after) = ([NumberedEntry](), Int64(0))
                repeat {
                    let page = try await reader.entries(of: code, after: after, limit: 170)
                    found += page.entries
                    if page.entries.isEmpty { break }
                    after = page.entries.last?.number ?? after
                } while true

                #expect(isMade)
                #expect(found.map(\.event) == wanted)
                #expect(found.map(\.number) == (0..<Int64(wanted.count)).map { $0 + 1 })
                for place in [0, 1, 13, wanted.count / 2, wanted.count - 1] where wanted.indices.contains(place) {
                    let again = try await reader.entries(of: code, after: Int64(place), limit: 5)
                    #expect(again.entries.map(\.event) == Array(wanted[place...].prefix(5)))
                }
                // A moment is where its first entry is.
                let moment = Instant(microseconds: 3_000_500_000)
                let before = try await shelf.number(of: code, before: moment)
                let next = try await reader.entries(of: code, after: before, limit: 1).entries.first
                #expect(next.map { $0.time > moment } ?? true)
            }
        }
    }

    @Test("keeps what was numbered as it is when the county changes, and follows it from there on")
    func follows() async throws {
        let old = try CountyIndex(TestCounty.definition())
        var definition = TestCounty.definition(revised: true)
        let place = try #require(definition.units.firstIndex { $0.code == Self.roads })
        definition.units[place].successor = TestCounty.education
        let new = try CountyIndex(definition)
        try await with { client, shelf in
            _ = try await shelf.add(
                Self.code, unit: Self.roads, SubscriptionDefinition(kind: .pull, filter: FeedFilter()), SubscriptionSecrets(current: "x"),
                in: (old.version, old), from: nil)
            _ = try await client.run(FeedRows.statement(adding: (0..<100).map(Self.entry)))

            let changed = try await shelf.follow(new.version, new)
            let again = try await shelf.follow(new.version, new)
            _ = try await client.run(FeedRows.statement(adding: (100..<200).map(Self.entry)))

            let wanted = (0..<200).filter { number in
                let circle = Self.entry(number).circle
                return circle == nil || circle == [number < 100 ? Self.roads : TestCounty.education]
            }
            var found: [NumberedEntry] = []
            while case let more = try await FeedReader(client: client).entries(of: Self.code, after: Int64(found.count), limit: 500).entries,
                !more.isEmpty
            {
                found += more
            }
            #expect(changed == [Self.code] && again.isEmpty)
            #expect(found.map(\.event) == wanted.map { Self.entry($0).event })
            #expect(try await shelf.all(Self.code).first?.unit == TestCounty.education)
        }
    }

    @Test("stays with the process that delivers it when its right is renewed while its progress is written down")
    func renewal() async throws {
        try await with { client, _ in
            try await client.run(
                """
                INSERT INTO subscriptions (code, unit, definition, secrets, phase, county, position, number)
                VALUES ('a', 'roads', '{}', 's', 'active', 'c', 0, 0), ('b', 'roads', '{}', 's', 'active', 'c', 0, 0)
                """)
            let lease = SubscriptionLease(client: client, holder: "one")
            let other = SubscriptionLease(client: client, holder: "two")
            #expect(try await lease.take().count == 2)

            let renewed = try await client.withTransaction { transaction in
                _ = try await transaction.run("UPDATE subscriptions SET number = 7 WHERE code = 'a'")
                async let renewing = lease.take()
                try await eventually {
                    try await client.run("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%held_until%'")
                        .count == 1
                }
                _ = try await transaction.commit()
                return try await renewing
            }

            #expect(Set(renewed.keys.map(\.text)) == ["a", "b"])
            #expect(try await other.take().isEmpty)
            try await client.run("UPDATE subscriptions SET held_until = now() - interval '1 second' WHERE code = 'b'")
            #expect(try await other.take().map(\.key.text) == ["b"])
            #expect(try await lease.take().map(\.key.text) == ["a"])
        }
    }
}
