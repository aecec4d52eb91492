import CaseFlow
import Models
import Postgres
import TestSupport
import Testing

@testable import Operator

@Suite("Sealing again", .timeLimit(.minutes(3)))
struct ResealingTests {
    private let old: SealKey
    private let new: SealKey

    init() throws {
        let (first, second) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
        old = try #require(SealKey(secret: first))
        new = try #require(SealKey(secret: second, older: [first]))
    }

    /// A house's database with sealed texts of 600 cases, and a client of it.
    private func with(_ body: (PostgresClient) async throws -> Void) async throws {
        let url = try await PostgresServer.shared.database(like: "house") { url in
            try await Schemas.migrate(adminURL: url, passwords: [:]) { _ in }
        }
        let client = PostgresClient(PostgresConfiguration(url: url, applicationName: "test"))
        do {
            let ids = (1...600).map { UniqueID(high: UInt64($0), low: 1) }
            let sealed = try ids.map { try old.seal("person \($0.high)").text }
            try await client.run([
                """
                INSERT INTO intake.registrations (subject, number, kind, channel, title, narrative, anonymous, petitioners, registered_at)
                SELECT id, id::text, 'claim', 'web', '', '', false,
                    convert_to('[{"person":"p","contact":"' || text || '"},{"person":"q","contact":"not.sealed"}]', 'UTF8'), now()
                FROM unnest(\(ids), \(sealed)) AS u(id, text)
                """,
                """
                INSERT INTO notification.cases (subject, state)
                SELECT id, convert_to('{"number":"1","feedEntries":7,"contacts":[{"index":0,"sealed":"' || text || '"}]}', 'UTF8')
                FROM unnest(\(ids), \(sealed)) AS u(id, text)
                """,
                """
                INSERT INTO notification.notices (id, subject, template, recipient, fields, contact, county)
                SELECT id, id, 'receipt', 'petitioner', '{}', CASE WHEN id::text LIKE '%1' THEN text END, 'c' FROM unnest(\(ids), \(sealed)) AS u(id, text)
                """,
                """
                INSERT INTO intake.sessions (subject, kind, level, leader, unit, starts_at, ends_at, phase, record)
                SELECT id, 'reception', 'county', 'l', 'u', now(), now(), 'closed', convert_to('{"note":"' || text || '"}', 'UTF8')
                FROM unnest(\(ids), \(sealed)) AS u(id, text) LIMIT 10
                """,
            ])
            try await body(client)
            await client.close()
        } catch {
            await client.close()
            throw error
        }
    }

    private func contacts(_ client: PostgresClient) async throws -> [String] {
        try await client.run(
            """
            SELECT convert_from(petitioners, 'UTF8')::jsonb -> 0 ->> 'contact' FROM intake.registrations ORDER BY subject
            """
        ).map { try $0.value(0) }
    }

    @Test("reaches everything that may be written again, changes nothing else, and has nothing to do the second time")
    func whole() async throws {
        try await with { client in
            let resealing = Resealing(client: client, seal: new)
            let before = try await resealing.pending()

            let count = try await resealing.run()
            let again = try await resealing.run()

            #expect(before == count && count > 1200 && again == 0)
            #expect(try await resealing.pending() == 0)
            let contacts = try await contacts(client)
            #expect(try contacts.enumerated().allSatisfy { try new.open(SealedText(text: $1), as: String.self) == "person \($0 + 1)" })
            let state: String = try await client.run("SELECT convert_from(state, 'UTF8') FROM notification.cases LIMIT 1")[0].value(0)
            #expect(state.contains("\"feedEntries\":7") && !state.contains("\(old.id)."))
            let untouched = try await client.run(
                "SELECT count(*) FROM intake.registrations WHERE convert_from(petitioners, 'UTF8')::jsonb -> 1 ->> 'contact' = 'not.sealed'"
            )
            #expect(try untouched[0].value(0) == 600)
        }
    }

    @Test("goes on where it was cut off, and two at once do not harm each other")
    func cutOff() async throws {
        try await with { client in
            let before = try await Resealing(client: client, seal: new).pending()
            let first = Task {
                try await Resealing(client: client, seal: new).run { share in if share > 0.2 { withUnsafeCurrentTask { $0?.cancel() } } }
            }
            _ = await first.result
            let left = try await Resealing(client: client, seal: new).pending()

            async let one = Resealing(client: client, seal: new).run()
            async let other = Resealing(client: client, seal: new).run()
            _ = try await (one, other)

            #expect(left > 0 && left < before)
            #expect(try await Resealing(client: client, seal: new).pending() == 0)
            #expect(try await Set(contacts(client)).count == 600)
        }
    }

    @Test("changes a case's clock row with what is remembered of it, and no other, after whoever holds that row")
    func clocks() async throws {
        try await with { client in
            try await client.run([
                "INSERT INTO notification.case_clock (subject) SELECT subject FROM notification.cases",
                """
                UPDATE notification.cases SET state = '{}' WHERE subject IN (SELECT subject FROM notification.cases ORDER BY subject LIMIT 100)
                """,
            ])
            func versions() async throws -> [Subject: PostgresTransactionID] {
                Dictionary(
                    uniqueKeysWithValues: try await client.run("SELECT subject, xmin FROM notification.case_clock").map {
                        (try $0.value(0), try $0.value(1))
                    })
            }
            let before = try await versions()
            let running = try await client.withTransaction { transaction in
                try await transaction.run("SELECT 1 FROM notification.case_clock ORDER BY subject DESC LIMIT 1 FOR UPDATE")
                let running = Task { try await Resealing(client: client, seal: new).run() }
                try await eventually(within: .seconds(120), "the others are sealed again") {
                    try await transaction.run("SELECT 1")
                    return try await Resealing(client: client, seal: new).pending() == 1
                }
                try await transaction.commit()
                return running
            }
            _ = try await running.value

            let after = try await versions()

            #expect(after.count { before[$0.key] != $0.value } == 500)
            #expect(try await Resealing(client: client, seal: new).pending() == 0)
        }
    }

    @Test("loses nothing that services write meanwhile, and waits for no row that one has in hand")
    func underLoad() async throws {
        try await with { client in
            let subject = UniqueID(high: 7, low: 1)
            let written = try old.seal("written meanwhile").text
            let running = try await client.withTransaction { transaction in
                try await transaction.run(
                    """
                    UPDATE intake.registrations SET petitioners = convert_to('[{"contact":"' || \(written) || '"}]', 'UTF8') WHERE subject = \(subject)
                    """)
                let running = Task { try await Resealing(client: client, seal: new).run() }
                // The other rows are done while this one is held.
                // The transaction is asked too, so that the server does not end it as an idle one.
                try await eventually(within: .seconds(120), "the others are sealed again") {
                    try await transaction.run("SELECT 1")
                    return try await contacts(client).count { $0.hasPrefix("\(old.id).") } == 1
                }
                try await transaction.commit()
                return running
            }

            _ = try await running.value

            let found = try await contacts(client)[6]
            #expect(try new.open(SealedText(text: found), as: String.self) == "written meanwhile")
        }
    }
}
