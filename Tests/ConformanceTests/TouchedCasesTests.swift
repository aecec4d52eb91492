import CaseFlow
import Models
import Postgres
import TestSupport
import Testing

@testable import Operator

@Suite("Open cases under a new county definition", .timeLimit(.minutes(3)))
struct TouchedCasesTests {
    @Test("are named by the units, packs and rules that change, and closed ones are not")
    func find() async throws {
        let url = try await PostgresServer.shared.database(like: "house") { url in
            try await Schemas.migrate(adminURL: url, passwords: [:]) { _ in }
        }
        let client = PostgresClient(PostgresConfiguration(url: url, applicationName: "test"))
        try await client.run([
            """
            INSERT INTO routing.cases (subject, unit, open, state)
            SELECT lpad(n::text, 32, '0')::uuid, CASE WHEN n % 2 = 0 THEN 'roads' ELSE 'edu' END, n > 3,
                convert_to(
                    '{"number":"' || n || '","life":{"kind":"' || CASE WHEN n = 4 THEN 'accusation' ELSE 'claim' END
                        || '"},"assignment":{"rule":"' || CASE WHEN n < 8 THEN 'roads' ELSE 'schools' END || '"}}', 'UTF8')
            FROM generate_series(1, 10) AS n
            """,
            "INSERT INTO routing.parts (subject, unit, due) SELECT subject, 'roads', now() FROM routing.cases ORDER BY subject LIMIT 1 OFFSET 4",
            "INSERT INTO deadline.cases (subject, state) SELECT subject, convert_to('{\"pack\":\"national\"}', 'UTF8') FROM routing.cases",
        ])
        let old = TestCounty.whole()
        var new = old
        new.packs[0].clocks[0].term = Term(1, .day)
        new.rules.removeLast()
        for index in new.units.indices where new.units[index].code == TestCounty.roads { new.units[index].successor = TestCounty.works }

        let touched = try await TouchedCases.find(CountyDiff(from: old, to: new), on: client)

        #expect(touched.units == ["roads": .init(numbers: ["10", "5", "6", "8"], confidential: 1)])
        #expect(touched.packs == ["national": .init(numbers: ["10", "5", "6", "7", "8", "9"], confidential: 1)])
        #expect(touched.rules == ["roads": .init(numbers: ["5", "6", "7"], confidential: 1)])
        #expect(touched.sentences.first == "5 open cases with unit roads: 10, 5, 6, 8, and 1 confidential.")
        await client.close()
    }
}
