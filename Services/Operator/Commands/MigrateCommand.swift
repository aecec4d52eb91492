import ArgumentParser
import Deadline
import Intake
import Notification
import Postgres
import Routing

/// Brings the four schemas to this version.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the four schemas to this version.",
        discussion: """
            Reads HUIYIN_DATABASE_URL, the address of PostgreSQL as administrator, else what `up` wrote. When \
            HUIYIN_SERVICE_PASSWORD is set, the roles of the four services get it as their password.
            """)

    func run() async throws {
        let environment = Environment.current
        var passwords: [String: String] = [:]
        if let password = environment["HUIYIN_SERVICE_PASSWORD"], !password.isEmpty {
            for service in Schemas.all.map(\.name) { passwords["huiyin_\(service)"] = password }
        }
        try await Schemas.migrate(adminURL: try Environment.databaseURL(), passwords: passwords) { print($0) }
        print("every schema is at this version")
    }
}

/// The schemas of the house: one for each service, with a role of its own that can reach no other.
enum Schemas {
    static let all: [(name: String, migrations: [Migration])] = [
        ("intake", IntakeService.migrations), ("routing", RoutingService.migrations), ("deadline", DeadlineService.migrations),
        ("notification", NotificationService.migrations),
    ]

    /// Makes roles and schemas that are missing, applies migrations, and grants each role its own schema.
    ///
    /// Several at once, of several hosts, do it one after the other. A service that runs meanwhile lacks no right at any moment.
    static func migrate(adminURL: String, passwords: [String: String], report: @Sendable (String) -> Void) async throws {
        // The lock belongs to the one session of this client and is free when that ends, however it ends. Another migration may
        // build an index, so the wait for it is long.
        let lock = PostgresClient(
            PostgresConfiguration(
                url: adminURL, applicationName: "huiyin migrate (lock)", maximumConnections: 1, queryTimeout: .seconds(3600)))
        let client = PostgresClient(PostgresConfiguration(url: adminURL, applicationName: "huiyin migrate", maximumConnections: 1))
        do {
            try await lock.run("SELECT 1 FROM pg_advisory_lock(hashtextextended('huiyin migrate', 0))")
            // An administrator may have dropped it.
            let isThere = try await client.run("SELECT to_regnamespace('public') IS NOT NULL").first?.value(0, as: Bool.self)
            if isThere == true { try await client.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC") }
            for (name, migrations) in all {
                try await prepare(name, password: passwords["huiyin_\(name)"], on: client)
                try await Migrator(schema: name, migrations: migrations).apply(on: client, report: report)
                try await grant(name, on: client)
            }
            let rebuild = StateRebuild(client: client)
            if try await rebuild.isNeeded() {
                // A process of the version before would write cases back in its own form.
                let busy = try await client.run(
                    "SELECT string_agg(DISTINCT application_name, ', ') FROM pg_stat_activity WHERE application_name LIKE 'huiyin-%' AND datname = current_database()"
                ).first?.optional(0, as: String.self)
                if let busy = busy ?? nil { throw CommandFailure("\(busy) still run: stop them, then migrate again") }
                let (written, left) = try await rebuild.run { _ in }
                report("\(written) cases are remembered in this version's form")
                if left > 0, try await rebuild.isForced() {
                    throw CommandFailure(
                        "\(left) cases were being worked on: start the version before, wait until `./huiyin status` shows nothing waiting, stop it and migrate again"
                    )
                }
                if left > 0 {
                    report(
                        "\(left) cases with work under way or dead letters keep the older form; `huiyin rebuild` writes them when that is settled"
                    )
                }
            }
            try await rebuild.recordForm()
            await client.close()
            await lock.close()
        } catch {
            await client.close()
            await lock.close()
            throw CommandFailure("The database could not be migrated: \(error)")
        }
    }

    private static func prepare(_ name: String, password: String?, on client: PostgresClient) async throws {
        let role = "huiyin_\(name)"
        let exists = try await client.run("SELECT 1 FROM pg_roles WHERE rolname = \(role)").first != nil
        if !exists { try await client.run("CREATE ROLE \(identifier: role) LOGIN") }
        if let password {
            // ALTER ROLE takes no parameters; format() quotes the password on the server, so it is never pasted here.
            let row = try await client.run("SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', \(role), \(password))")
            if let statement = try row.first?.value(0, as: String.self) { try await client.run(SQL(unsafe: statement)) }
        }
        try await client.run("CREATE SCHEMA IF NOT EXISTS \(identifier: name)")
        // What a migration makes is granted in the moment it is made.
        try await client.run("GRANT USAGE ON SCHEMA \(identifier: name) TO \(identifier: role)")
        try await client.run(
            """
            ALTER DEFAULT PRIVILEGES IN SCHEMA \(identifier: name)
            GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO \(identifier: role)
            """)
        try await client.run(
            "ALTER DEFAULT PRIVILEGES IN SCHEMA \(identifier: name) GRANT USAGE, SELECT ON SEQUENCES TO \(identifier: role)")
    }

    /// Grants what was there before, also what another administrator made.
    private static func grant(_ name: String, on client: PostgresClient) async throws {
        let role = "huiyin_\(name)"
        try await client.run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \(identifier: name) TO \(identifier: role)")
        try await client.run("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA \(identifier: name) TO \(identifier: role)")
    }
}
