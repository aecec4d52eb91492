import CaseFlow
import Foundation
import Models
import Postgres
import TestSupport
import Testing

@testable import Intake

/// Measures lists among a million cases and what their indexes cost; asks for minutes, so only where HUIYIN_MEASURE is set.
@Suite("Figures of the list of cases", .enabled(if: ProcessInfo.processInfo.environment["HUIYIN_MEASURE"] != nil))
struct CaseListFigures {
    private static let (templates, copies) = (4000, 250)
    private static let indexes = [
        "parts_unit", "cases_unit", "cases_stage", "cases_topic", "cases_topic_region", "cases_circle", "registrations_region",
        "registrations_grams",
    ]

    @Test("with a million cases")
    func million() async throws {
        var invented = try InventedCases(seed: 9, villages: 60)
        let cases = try (0..<Self.templates).map { index in
            var found = try invented.next(after: InventedCases.start + .seconds(Int64(index) * 95))
            // Most cases of a county are closed, and about one clock in fifty is overdue.
            if !invented.chance(20) { found = try invented.closed(found) }
            return found
        }
        // A house on servers of its own can be filled instead, to be asked over HTTP.
        if let url = ProcessInfo.processInfo.environment["HUIYIN_MEASURE_DATABASE"] {
            let client = PostgresClient(
                PostgresConfiguration(url: url, applicationName: "test", schema: "intake", queryTimeout: .seconds(600)))
            try Data(invented.county.definition.canonicalJSON()).write(to: URL(fileURLWithPath: "/var/tmp/huiyin-measured-county.json"))
            try await fill(CaseShelf(client: client, county: invented.county), cases)
            return await client.close()
        }
        try await CaseShelf.with(invented.county) { shelf in
            try await fill(shelf, cases)
            try await ask(shelf, cases)
            try await register(shelf, &invented)
        }
    }

    private func fill(_ shelf: CaseShelf, _ cases: [InventedCases.Case]) async throws {
        for start in stride(from: 0, to: cases.count, by: 500) {
            try await shelf.save(Array(cases[start..<start + 500]), isNew: true)
        }
        let indexes = Self.indexes
        var definitions: [String] = []
        for index in indexes {
            definitions.append(try await shelf.client.run("SELECT pg_get_indexdef(to_regclass(\(index)))")[0].value(0))
            try await shelf.client.run("DROP INDEX \(identifier: index)")
        }
        let moved =
            "(lpad(to_hex(('x' || left(replace(s.subject::text, '-', ''), 12))::bit(48)::bigint + n * 380000000::bigint), 12, '0') || substr(replace(s.subject::text, '-', ''), 13))::uuid"
        let number = "left(s.number, 9) || lpad((n * 4000 + substr(s.number, 10, 6)::int)::text, 7, '0') || '-' || n % 10"
        let places = (0...2).map { "(strpos('0123456789-X', substr(number, i + \($0), 1)) - 1)" }
        try await shelf.client.run("SET statement_timeout = 0")
        for statement in [
            "INSERT INTO cases (subject, position, head, number, stage, unit, registered_at, completed_at, file, topic, due, circle, parts, region) SELECT \(moved), position, head, \(number), stage, unit, registered_at + n * interval '380000 s', completed_at, file, topic, due + n * interval '380000 s', circle, parts, region FROM cases s, generate_series(1, \(Self.copies - 1)) AS n",
            "INSERT INTO parts SELECT subject, unnest(parts) FROM cases WHERE parts IS NOT NULL ON CONFLICT DO NOTHING",
            "INSERT INTO registrations (subject, number, kind, channel, title, narrative, topic, region, occurred_at, anonymous, petitioners, registered_at, session, grams) SELECT \(moved), \(number), kind, channel, title, repeat(md5(n::text), 12), topic, region, occurred_at, anonymous, petitioners, registered_at + n * interval '380000 s', session, array(SELECT g FROM unnest(grams) AS g WHERE g >= 0) FROM registrations s, generate_series(1, \(Self.copies - 1)) AS n",
            "UPDATE registrations SET title = title || '特殊情况' WHERE right(number, 6) = '1234-5'",
            "UPDATE registrations SET grams = grams || array(SELECT -1 - ((\(places[0]) * 12 + \(places[1])) * 12 + \(places[2])) FROM generate_series(1, length(number) - 2) AS i)",
            "VACUUM (FULL, ANALYZE) registrations",
        ] + definitions + ["VACUUM ANALYZE cases", "VACUUM ANALYZE registrations", "VACUUM ANALYZE parts", "CHECKPOINT"] {
            try await shelf.client.run(SQL(unsafe: statement))
        }
        let size = try await shelf.client.run(
            "SELECT count(*), pg_size_pretty(pg_database_size(current_database())), pg_size_pretty(pg_relation_size('registrations_grams')) FROM cases"
        )
        print("cases:", try size[0].value(0, as: Int.self), try size[0].value(1, as: String.self), try size[0].value(2, as: String.self))
    }

    private func ask(_ shelf: CaseShelf, _ cases: [InventedCases.Case]) async throws {
        let county = shelf.county
        let last = InventedCases.start + .seconds(Int64(Self.copies) * 380_000)
        let dispatcher = ActingPerson(role: .dispatcher, unit: TestCounty.desk)
        let officer = ActingPerson(role: .officer, unit: UnitCode(validated: "village-7"))
        let head = ActingPerson(role: .unitHead, unit: UnitCode(validated: "town"))
        let village = county.unitTree.subtree(of: UnitCode(validated: "village-9"))
        let questions: [(String, CaseFilter, ActingPerson)] = [
            ("newest", CaseFilter(), dispatcher),
            ("under review", CaseFilter(stages: [.underReview]), dispatcher),
            ("registered", CaseFilter(stages: [.registered]), dispatcher),
            ("a village", CaseFilter(units: village), dispatcher),
            ("a village, a channel, accepted", CaseFilter(stages: [.accepted], units: village, channels: [.hotline]), dispatcher),
            (
                "a topic, a place", CaseFilter(topics: [TopicCode(validated: "topic-7")], regions: [RegionCode(validated: "place-9")]),
                dispatcher
            ),
            (
                "accusations by fax of a week",
                CaseFilter(
                    kinds: [.accusation], channels: [.letter], from: last - .seconds(40_000_000), until: last - .seconds(39_400_000)),
                dispatcher
            ),
            ("overdue", CaseFilter(isOverdue: true), dispatcher),
            ("overdue of a village", CaseFilter(units: village, isOverdue: true), dispatcher),
            ("a common text", CaseFilter(text: "路灯"), dispatcher),
            ("a text of one in a thousand", CaseFilter(text: "灯医保停"), dispatcher),
            ("a text that is rare", CaseFilter(text: "特殊情况"), dispatcher),
            ("a text that is nowhere", CaseFilter(text: "不存在"), dispatcher),
            ("a number's end", CaseFilter(text: "0612345"), dispatcher),
            ("an officer's newest", CaseFilter(), officer),
            ("an officer's accepted", CaseFilter(stages: [.accepted]), officer),
            ("an officer's overdue", CaseFilter(isOverdue: true), officer),
            ("an officer's text", CaseFilter(text: "道路"), officer),
            ("an officer's nothing", CaseFilter(topics: [TopicCode(validated: "topic-7")], channels: [.forum], isOverdue: true), officer),
            ("a township's newest", CaseFilter(), head),
            ("a township's under review", CaseFilter(stages: [.underReview]), head),
        ]
        let file = cases[0].file
        let bytes = try StateCoding.encode(file)
        let reading =
            try ContinuousClock().measure { for _ in 0..<200 { _ = try StateCoding.decode(bytes, as: CaseFile.self) } } / 200
        print("reading a case file:", reading, bytes.count, "bytes")
        for (name, filter, person) in questions {
            var (times, found, examined) = ([Duration](), 0, 0)
            var next: Subject?
            let before = try await serverTime(shelf)
            for round in 0..<120 {
                let start = ContinuousClock.now
                let page = try await shelf.page(filter, for: person, limit: 50, after: next, now: last - .seconds(864_000))
                // This build reads files slowly; a release build's tenth of it is left in.
                times.append(ContinuousClock.now - start - reading * (Double(page.items.count) * 0.9))
                if round == 0 { (found, examined) = (page.items.count, page.next == nil ? 1 : 0) }
                next = page.next
            }
            let work = (try await serverTime(shelf) - before) / 120
            times.sort()
            print(
                "\(name): \(found)\(examined == 1 ? " all" : ""), p50 \(times[60].milliseconds), p99 \(times[118].milliseconds) ms, server's work \(work.milliseconds) ms"
            )
        }
    }

    /// How long the server's processes have worked for this client: on a busy machine, what a page costs and not how long it waits.
    private func serverTime(_ shelf: CaseShelf) async throws -> Duration {
        let processes = try await shelf.client.run("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return try processes.reduce(.zero) { sum, row in
            let status = try String(contentsOfFile: "/proc/\(row.value(0, as: Int.self))/stat", encoding: .utf8)
            let ticks = status.split(separator: ")").last?.split(separator: " ").dropFirst(11).prefix(2).compactMap { Int64($0) } ?? []
            return sum + .milliseconds(ticks.reduce(0, +) * 10)
        }
    }

    /// Registers cases and lets them be assigned and their clocks start, with the indexes and without, turn by turn.
    private func register(_ shelf: CaseShelf, _ invented: inout InventedCases) async throws {
        let indexes = Self.indexes
        var moment = InventedCases.start + .seconds(Int64(Self.copies) * 380_000)
        var times = [[Duration]](repeating: [], count: 3)
        var works: [Duration] = []
        var invented = invented
        for turn in [0, 1, 2] {
            let dropped = turn == 0 ? [] : turn == 1 ? ["registrations_grams"] : indexes.filter { $0 != "registrations_grams" }
            for index in dropped { try await shelf.client.run("DROP INDEX \(identifier: index)") }
            let before = try await serverTime(shelf)
            for _ in 0..<100 {
                var batch: [InventedCases.Case] = []
                for _ in 0..<100 {
                    batch.append(try invented.next(after: moment))
                }
                moment = moment + .seconds(5)
                var fresh = batch
                for index in fresh.indices { fresh[index].file.clocks = [] }
                let statements = try [(fresh, true), (batch, false), (batch, false)].map { cases, isNew in
                    try shelf.statements(saving: cases, isNew: isNew)
                }
                let start = ContinuousClock.now
                for statement in statements { try await shelf.client.run(statement) }
                times[turn].append(ContinuousClock.now - start)
            }
            works.append(try await serverTime(shelf) - before)
        }
        let sums = times.map { $0.reduce(.zero, +) }
        print(
            "10,000 registered and updated twice: \(sums[0]), without pieces \(sums[1]), without any index of lists \(sums[2]); server's work \(works)"
        )
    }
}

extension Duration {
    fileprivate var milliseconds: Double { Double((self / .microseconds(10)).rounded()) / 100 }
}
