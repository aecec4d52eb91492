import Postgres
import TestSupport
import Testing

@Suite("Migrations")
struct MigratorTests {
    private func migration(_ name: String, _ sql: String) -> Migration { Migration(name: name, sql: Array(sql.utf8)) }

    private func withSchema(_ body: (PostgresClient) async throws -> Void) async throws {
        try await withClient { client in
            try await client.run("CREATE SCHEMA intake")
            try await body(client)
        }
    }

    /// A file with everything that a naive splitting at semicolons would break.
    private let awkward = """
        -- A comment; with a semicolon at its end;
        CREATE TABLE notes (text text NOT NULL DEFAULT 'a;
        -- not a comment;
        b'); /* another; */ CREATE FUNCTION twice(x integer) RETURNS integer LANGUAGE plpgsql AS $body$
        BEGIN
            RETURN x * 2;
        END;
        $body$;
        INSERT INTO notes DEFAULT VALUES
        """

    @Test("files are applied in order, once, in their schema, and recorded")
    func apply() async throws {
        try await withSchema { client in
            let first = [migration("M0001_notes", awkward)]
            let both = first + [migration("M0002_more", "ALTER TABLE notes ADD x integer; UPDATE notes SET x = twice(21);")]
            #expect(
                try await Migrator(schema: "intake", migrations: first).status(on: client) == [
                    "the schema intake is not there yet; run: huiyin migrate"
                ])

            try await Migrator(schema: "intake", migrations: first).apply(on: client)
            let missing = try await Migrator(schema: "intake", migrations: both).status(on: client)
            let reports = Reports()
            for _ in 0..<2 { try await Migrator(schema: "intake", migrations: both).apply(on: client) { reports.add($0) } }

            #expect(missing == ["the schema intake lacks M0002_more; run: huiyin migrate"])
            #expect(reports.all == ["intake: applied M0002_more"])
            #expect(try await Migrator(schema: "intake", migrations: both).status(on: client).isEmpty)
            let row = try await client.run("SELECT text, x FROM intake.notes")[0]
            #expect(try row.value(0) == "a;\n-- not a comment;\nb")
            #expect(try row.value(1) == 42)
        }
    }

    @Test("a file that fails leaves nothing of itself, and what went before stays")
    func failing() async throws {
        try await withSchema { client in
            let good = migration("M0001_good", "CREATE TABLE good ()")
            let bad = migration("M0002_bad", "CREATE TABLE half (); SELECT 1 / 0; CREATE TABLE other ();")

            let error = await failure { try await Migrator(schema: "intake", migrations: [good, bad]).apply(on: client) }
            let tables = try await client.run("SELECT tablename::text FROM pg_tables WHERE schemaname = 'intake' ORDER BY 1")
            let fixed = migration("M0002_bad", "CREATE TABLE half ()")
            try await Migrator(schema: "intake", migrations: [good, fixed]).apply(on: client)

            #expect(error?.message.hasPrefix("the migration M0002_bad of the schema intake failed and was rolled back: ") == true)
            #expect(error?.sqlState == "22012")
            #expect(try tables.map { try $0.value(0) } == ["good", "migrations"])
        }
    }

    @Test("a file that was changed after it was applied is refused, and nothing else is applied")
    func changed() async throws {
        try await withSchema { client in
            try await Migrator(schema: "intake", migrations: [migration("M0001", "CREATE TABLE a ()")]).apply(on: client)
            let other = Migrator(
                schema: "intake", migrations: [migration("M0001", "CREATE TABLE a (); "), migration("M0002", "CREATE TABLE b ()")])

            let error = await failure { try await other.apply(on: client) }
            let faults = try await other.status(on: client)

            #expect(error?.message.hasPrefix("the migration M0001 of the schema intake was applied in another form") == true)
            #expect(faults.count == 2)
            #expect(try await client.one("SELECT to_regclass('intake.b') IS NULL", as: Bool.self))
        }
    }

    @Test("a file that ends its own transaction is refused", arguments: ["COMMIT;", "ROLLBACK;", "SELECT 1; COMMIT; BEGIN; COMMIT"])
    func ownTransaction(sql: String) async throws {
        try await withSchema { client in
            let error = await failure { try await Migrator(schema: "intake", migrations: [migration("M0001", sql)]).apply(on: client) }

            #expect(error?.message.contains("take COMMIT and ROLLBACK out of them") == true)
            let recorded = try await client.one("SELECT count(*) FROM intake.migrations", as: Int.self)
            #expect(recorded == 0)
        }
    }

    @Test("migrators that start together apply each file once, however long one takes")
    func together() async throws {
        let url = try await PostgresServer.shared.database()
        try await withClient(of: url) { client in
            try await client.run("CREATE SCHEMA intake")
            let slow = migration("M0001_slow", "CREATE TABLE runs (at timestamptz); SELECT pg_sleep(0.5); INSERT INTO runs VALUES (now())")
            let migrator = Migrator(schema: "intake", migrations: [slow, migration("M0002", "INSERT INTO runs VALUES (now())")])

            // Their statements may take a tenth of a second only, which neither the file nor the wait for it keeps to.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await withClient(of: url, { $0.queryTimeout = .milliseconds(100) }) { try await migrator.apply(on: $0) }
                    }
                }
                try await group.waitForAll()
            }

            #expect(try await client.one("SELECT count(*) FROM intake.runs", as: Int.self) == 2)
        }
    }
}

/// Collects what a migrator reports.
private final class Reports {
    private(set) var all: [String] = []
    func add(_ report: String) { all.append(report) }
}
