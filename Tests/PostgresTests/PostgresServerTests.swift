import Postgres
import TestSupport
import Testing

@Suite("The tests' own PostgreSQL")
struct PostgresServerTests {
    @Test("each test gets a database of its own, a copy of one that is filled once")
    func copies() async throws {
        let server = try await PostgresServer.shared
        let fill: @Sendable (String) async throws -> Void = { url in
            let client = PostgresClient(PostgresConfiguration(url: url, applicationName: "fill"))
            try await client.run("CREATE TABLE visits (place text)")
            await client.close()
        }
        let first = try await server.database(like: "visits", fill: fill)
        let second = try await server.database(like: "visits", fill: fill)

        let client = PostgresClient(PostgresConfiguration(url: first, applicationName: "tests"))
        try await client.run("INSERT INTO visits VALUES ('Dongzhuang')")
        await client.close()

        let other = PostgresClient(PostgresConfiguration(url: second, applicationName: "tests"))
        #expect(try await other.run("SELECT * FROM visits").isEmpty)
        await other.close()
    }
}
