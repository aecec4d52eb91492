import CaseFlow
import InMemory
import Models
import Postgres
import TestSupport

/// The tables of a service that remembers one number for each subject and lists what it was told.
struct NumberTables: CaseTables {
    typealias State = Int64
    typealias Effect = String

    static let migrations =
        FlowMigrations.all + [
            Migration(
                name: "M0001_numbers",
                sql: Array(
                    """
                    CREATE TABLE numbers (subject uuid PRIMARY KEY, value bigint NOT NULL CHECK (value < 1000));
                    CREATE TABLE told (id bigint GENERATED ALWAYS AS IDENTITY, text text NOT NULL);
                    """.utf8))
        ]

    func selection(of subjects: [Subject]) -> SQL { "SELECT subject, value FROM numbers WHERE subject = ANY(\(subjects))" }

    /// The version that states of each number are bound to.
    var counties: [Int64: String] = [:]

    func state(from row: PostgresRow) throws -> Int64 { try row.value(1) }

    func county(of state: Int64) -> String { counties[state] ?? "" }

    func statements(saving states: [(subject: Subject, state: Int64)], _ rows: StateRows, effects: [String]) throws -> [SQL] {
        var statements: [SQL] = []
        if !states.isEmpty {
            statements.append(
                """
                \(unsafe: rows.beginning("numbers", ["value"]))
                FROM unnest(\(states.map(\.subject)), \(states.map(\.state))) AS u(subject, value)
                \(unsafe: rows.end("numbers", ["value"]))
                """)
        }
        if !effects.isEmpty { statements.append("INSERT INTO told (text) SELECT * FROM unnest(\(effects))") }
        return statements
    }
}

/// The two stores, which must be told apart by nothing but where they keep things.
enum StoreKind: CaseIterable, Sendable {
    case memory, postgres

    /// Runs `body` on an empty store.
    func with(_ body: (any CaseStore<Int64, String>) async throws -> Void) async throws {
        switch self {
        case .memory: try await body(InMemoryStore<Int64, String>(clock: { Instant(microseconds: 1_790_000_000_000_000) }))
        case .postgres: try await Self.withPostgres { store, _ in try await body(store) }
        }
    }

    /// Runs `body` on an empty PostgreSQL store and with a client of its schema.
    static func withPostgres(_ body: (PostgresStore<NumberTables>, PostgresClient) async throws -> Void) async throws {
        let url = try await PostgresServer.shared.database(like: "numbers") { url in
            let client = PostgresClient(PostgresConfiguration(url: url, applicationName: "test", maximumConnections: 1))
            try await client.run("CREATE SCHEMA numbers")
            try await Migrator(schema: "numbers", migrations: NumberTables.migrations).apply(on: client)
            await client.close()
        }
        let client = PostgresClient(PostgresConfiguration(url: url, applicationName: "test", schema: "numbers"))
        do {
            try await body(PostgresStore(client: client, tables: NumberTables()), client)
            await client.close()
        } catch {
            await client.close()
            throw error
        }
    }
}

extension CaseStore<Int64, String> {
    /// One unit of work that stores what `change` makes of nothing; what was found before.
    @discardableResult
    func store(
        _ scope: WorkScope, _ change: @Sendable (inout Changes<Int64, String>) -> Void = { _ in }
    ) async throws(StoreFailure) -> (found: Loaded<Int64>, outbox: [OutboxRow]) {
        let (found, outbox) = try await work(scope) { loaded in
            var changes = Changes<Int64, String>()
            change(&changes)
            return (changes, loaded)
        }
        return (found, outbox)
    }
}

/// Adds the numbers that it hears of and is told; refuses what would leave less than nothing, and only takes a name for nothing.
struct Counting: CaseProcess {
    struct Number: EventFacts {
        static var type: String { "case.registered" }
        var number: Int64
    }

    let source = Source.routing

    func apply(_ event: CaseEvent, to state: inout Int64?, in context: FlowContext) throws(EventError) -> Consequences<String> {
        state = (state ?? 0) + (try event.facts(Number.self).number)
        return Consequences()
    }

    func decide(_ command: Int64, on state: Int64?, in context: FlowContext) throws(Refusal) -> Decision {
        if (state ?? 0) + command < 0 { throw Refusal(.conflict, rule: "too-little", sentence: "there is not as much") }
        if command == 0 { return Decision(facts: [], answer: [], claims: [ClaimKey(digest: [1])]) }
        return Decision(facts: [Number(number: command)], answer: [])
    }
}
