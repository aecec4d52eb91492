/// One step of a schema: an SQL file, by its name.
public struct Migration: Sendable, Hashable {
    /// `M0001_intake`; a set of migrations is applied in the order of their names.
    public var name: String
    public var sql: String

    public init(name: String, sql: [UInt8]) {
        self.name = name
        self.sql = String(decoding: sql, as: UTF8.self)
    }
}

/// Brings a schema forward by SQL files, each once, in order, in a transaction of its own.
///
/// What was applied is recorded in `<schema>.migrations` with a checksum; a file that was changed after it had been applied
/// is refused, since the database would not be what the file says. Several migrators at once wait for each other on an
/// advisory lock.
public struct Migrator: Sendable {
    private let schema: String
    private let migrations: [Migration]

    public init(schema: String, migrations: [Migration]) {
        self.schema = schema
        self.migrations = migrations
    }

    /// Applies what is missing, with `report` called after each; the schema must exist. Throws a sentence as `PostgresError`.
    public func apply(on client: PostgresClient, report: (String) -> Void = { _ in }) async throws {
        try await client.withTransaction { transaction in
            try await transaction.run([
                "SELECT pg_advisory_xact_lock(hashtext(\("huiyin migrate " + schema)))",
                SQL(
                    unsafe: """
                        CREATE TABLE IF NOT EXISTS "\(schema)".migrations (
                            name text PRIMARY KEY, checksum bytea NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
                        """),
            ])
            try await transaction.commit()
        }
        for migration in migrations {
            try await client.withTransaction { transaction in
                try await transaction.run("SELECT pg_advisory_xact_lock(hashtext(\("huiyin migrate " + schema)))")
                let known = try await transaction.run(
                    "SELECT checksum = sha256(convert_to(\(migration.sql), 'UTF8')) FROM \(identifier: schema).migrations WHERE name = \(migration.name)")
                if let row = known.first {
                    if try !row.value(0, as: Bool.self) { throw PostgresError(.value, message: changed(migration)) }
                    return
                }
                try await transaction.run("SET LOCAL search_path = \(identifier: schema)")
                for statement in Self.statements(in: migration.sql) { try await transaction.run(SQL(unsafe: statement)) }
                try await transaction.commit(with: [
                    """
                    INSERT INTO \(identifier: schema).migrations (name, checksum)
                    VALUES (\(migration.name), sha256(convert_to(\(migration.sql), 'UTF8')))
                    """
                ])
                report("\(schema): applied \(migration.name)")
            }
        }
    }

    /// Says what keeps the schema from being this version's, as sentences; empty when it is.
    public func status(on client: PostgresClient) async throws(PostgresError) -> [String] {
        let exists = try await client.run("SELECT to_regclass(\("\"\(schema)\".migrations")) IS NOT NULL")
        guard try exists.first?.value(0, as: Bool.self) ?? false else {
            return ["the schema \(schema) is not there yet; run: huiyin migrate"]
        }
        var applied: [String: Bool] = [:]
        for row in try await client.run(
            """
            SELECT m.name, m.checksum = sha256(convert_to(u.sql, 'UTF8')) FROM \(identifier: schema).migrations m
            JOIN unnest(\(migrations.map(\.name)), \(migrations.map(\.sql))) AS u(name, sql) ON u.name = m.name
            """)
        { applied[try row.value(0)] = try row.value(1) }
        return migrations.compactMap { migration in
            switch applied[migration.name] {
            case nil: "the schema \(schema) lacks \(migration.name); run: huiyin migrate"
            case false?: changed(migration)
            case true?: nil
            }
        }
    }

    private func changed(_ migration: Migration) -> String {
        "the migration \(migration.name) of the schema \(schema) was applied in another form; run the version of Huiyin that applied it"
    }

    /// The statements of a file, which end with a semicolon at the end of a line.
    ///
    /// Prepared statements hold one command each; a body of a function would have to keep its semicolons off the ends of lines.
    static func statements(in sql: String) -> [String] {
        let lines = sql.split(separator: "\n", omittingEmptySubsequences: true).filter { line in
            !line.drop { $0 == " " || $0 == "\t" }.hasPrefix("--")
        }
        var (statements, current): ([String], String) = ([], "")
        for line in lines {
            current += line + "\n"
            if line.reversed().first(where: { $0 != " " }) == ";" {
                statements.append(current)
                current = ""
            }
        }
        if current.contains(where: { !$0.isWhitespace }) { statements.append(current) }
        return statements
    }
}
