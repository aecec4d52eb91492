import Postgres
import TestSupport
import Testing

@testable import Operator

@Suite("Migrating the four schemas", .timeLimit(.minutes(3)))
struct SchemasTests {
    @Test("Two at once both succeed, and each service may use its own tables from their first moment and no others")
    func together() async throws {
        let url = try await PostgresServer.shared.database()

        async let first: Void = Schemas.migrate(adminURL: url, passwords: [:]) { _ in }
        async let second: Void = Schemas.migrate(adminURL: url, passwords: [:]) { _ in }
        _ = try await (first, second)

        let client = PostgresClient(PostgresConfiguration(url: url, applicationName: "tests", maximumConnections: 1))
        // As a migration of a later version would.
        try await client.run("CREATE TABLE intake.later (x integer)")
        let allowed = try await client.run(
            """
            SELECT s.name, bool_and(has_table_privilege('huiyin_' || s.name, c.oid, p.name) = (n.nspname = s.name))
            FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p(name), unnest(ARRAY['intake', 'routing', 'deadline', 'notification']) AS s(name), pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('intake', 'routing', 'deadline', 'notification') GROUP BY s.name ORDER BY s.name
            """
        ).map { (try $0.value(0, as: String.self), try $0.value(1, as: Bool.self)) }
        let sound = allowed.filter { $0.1 }.map { $0.0 }
        #expect(sound == ["deadline", "intake", "notification", "routing"])

        try await client.run("DROP SCHEMA public")
        try await Schemas.migrate(adminURL: url, passwords: [:]) { _ in }
        await client.close()
    }
}
