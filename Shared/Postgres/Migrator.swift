/// One step of a schema: an SQL file, by its name.
public struct Migration: Sendable, Hashable {
    /// Such as `M0001_intake`: unique in its schema, for good.
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

    /// Takes the migrations in the order in which they are to be applied.
    public init(schema: String, migrations: [Migration]) {
        self.schema = schema
        self.migrations = migrations
    }

    /// Applies what is missing, in order, with `report` called after each.
    ///
    /// The schema must exist. Throws a sentence as `PostgresError`; what was applied before stays.
    public func apply(on client: PostgresClient, report: (String) -> Void = { _ in }) async throws {
        try await client.withTransaction { transaction in
            try await lock(transaction)
            try await transaction.run([
                """
                CREATE TABLE IF NOT EXISTS \(identifier: schema).migrations (
                    name text PRIMARY KEY, checksum bytea NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
                """
            ])
            try await transaction.commit()
        }
        for migration in migrations {
            try await client.withTransaction { transaction in
                try await lock(transaction)
                let known = try await transaction.run(
                    "SELECT checksum = sha256(convert_to(\(migration.sql), 'UTF8')) FROM \(identifier: schema).migrations WHERE name = \(migration.name)"
                )
                if let row = known.first {
                    if try !row.value(0, as: Bool.self) { throw PostgresError(.value, message: changed(migration)) }
                    return
                }
                try await transaction.run("SET LOCAL search_path = \(identifier: schema)")
                do throws(PostgresError) { try await transaction.runScript(migration.sql) } catch {
                    throw PostgresError(
                        error.code, sqlState: error.sqlState, constraint: error.constraint,
                        message: "the migration \(migration.name) of the schema \(schema) failed and was rolled back: \(error.message)")
                }
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
        let exists = try await client.run("SELECT to_regclass(\(SQL.quoted(schema) + ".migrations")) IS NOT NULL")
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

    /// Waits for other migrators of the schema; neither the wait nor what follows is limited in time, since it may build an index.
    private func lock(_ transaction: PostgresTransaction) async throws(PostgresError) {
        let key = SQL.literal("huiyin migrate \(schema)")
        try await transaction.runScript("SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(hashtextextended(\(key), 0))")
    }

    private func changed(_ migration: Migration) -> String {
        "the migration \(migration.name) of the schema \(schema) was applied in another form; run the version of Huiyin that applied it"
    }
}
