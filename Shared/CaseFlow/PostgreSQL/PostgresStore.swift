import Models
import Postgres

/// The real store: one schema of PostgreSQL, reached with the service's own role.
///
/// A unit of work costs two round trips: one that begins, locks and loads, one that saves everything and commits. Locks
/// are taken on clock rows only, in the order of subjects. A subject that has no row yet cannot be locked: of two units of work that
/// are the first for it the later one finds the other's row when it saves its own, and is done over.
public final class PostgresStore<Tables: CaseTables>: CaseStore {
    public typealias State = Tables.State
    public typealias Effect = Tables.Effect

    public let client: PostgresClient
    private let tables: Tables
    private let shelf = CountyShelf()

    public init(client: PostgresClient, tables: Tables) {
        self.client = client
        self.tables = tables
    }

    public func work<R: Sendable>(
        _ scope: WorkScope, _ body: @Sendable (Loaded<State>) -> (changes: Changes<State, Effect>, result: R)
    ) async throws(StoreFailure) -> (result: R, outbox: [OutboxRow]) {
        try await work({ transaction, isAgain in try await self.load(scope, isAgain: isAgain, transaction) }, body)
    }

    /// A unit of work on up to `limit` cases that are due by the service's tables, the one that waits longest first, and that nobody else is
    /// working on.
    func workOnDue<R: Sendable>(
        limit: Int, _ body: @Sendable (Loaded<State>) -> (changes: Changes<State, Effect>, result: R)
    ) async throws(StoreFailure) -> (result: R, outbox: [OutboxRow]) {
        try await work({ transaction, _ in (try await self.loadDue(limit, transaction), []) }, body)
    }

    private func work<R: Sendable>(
        _ load: @Sendable (PostgresTransaction, _ isAgain: Bool) async throws -> (Loaded<State>, fresh: Set<Subject>),
        _ body: @Sendable (Loaded<State>) -> (changes: Changes<State, Effect>, result: R)
    ) async throws(StoreFailure) -> (result: R, outbox: [OutboxRow]) {
        do {
            let done = try await insist(load, body)
            if !done.effects.isEmpty { await tables.committed(done.effects) }
            return (done.result, done.rows)
        } catch { throw StoreFailure(error) }
    }

    /// Does the work over as often as another unit of work was the first for one of its cases: each time fewer are left.
    private func insist<R: Sendable>(
        _ load: @Sendable (PostgresTransaction, _ isAgain: Bool) async throws -> (Loaded<State>, fresh: Set<Subject>),
        _ body: @Sendable (Loaded<State>) -> (changes: Changes<State, Effect>, result: R)
    ) async throws -> (result: R, rows: [OutboxRow], effects: [Effect]) {
        for time in 0..<8 {
            do { return try await once(load, isAgain: time > 0, body) } catch let error as PostgresError where error.isClockOfAnother {}
        }
        return try await once(load, isAgain: true, body)
    }

    private func once<R: Sendable>(
        _ load: @Sendable (PostgresTransaction, _ isAgain: Bool) async throws -> (Loaded<State>, fresh: Set<Subject>), isAgain: Bool,
        _ body: @Sendable (Loaded<State>) -> (changes: Changes<State, Effect>, result: R)
    ) async throws -> (result: R, rows: [OutboxRow], effects: [Effect]) {
        try await client.withTransaction { transaction in
            let (loaded, fresh) = try await load(transaction, isAgain)
            let (changes, result) = body(loaded)
            // Not committed, it is rolled back.
            if changes.isEmpty { return (result, [], []) }
            let known = Set(loaded.states.keys)
            let results = try await transaction.commit(with: statements(for: changes, known, fresh))
            // Identity values rise in the order in which the rows were inserted.
            let ids =
                changes.outbox.isEmpty ? [] : try (results.last.map(Array.init) ?? []).map { try $0.value(0, as: Int64.self) }.sorted()
            for county in changes.counties { shelf.add(county.edition) }
            return (result, zip(ids, changes.outbox).map { OutboxRow(id: $0, message: $1) }, changes.effects)
        }
    }

    public func releasable(limit: Int) async throws(StoreFailure) -> [Subject] {
        do {
            // In random order, so that events which wait for something else as well cannot keep others from their turn.
            let rows = try await client.run(
                """
                SELECT subject FROM held WHERE replayed OR awaited_county IS NOT NULL AND awaited_county IN (SELECT version FROM counties)
                GROUP BY subject ORDER BY random() LIMIT \(limit)
                """)
            return try rows.map { try $0.value(0) }
        } catch { throw StoreFailure(error) }
    }

    /// The county definitions of `versions`, as far as this service has seen them, with the one in force: for questions that change
    /// nothing.
    public func book(with versions: Set<String>) async throws(StoreFailure) -> CountyBook {
        do {
            let head = try await client.run("SELECT version FROM counties ORDER BY sequence DESC LIMIT 1").first
            let inForce: String? = try head?.value(0)
            let missing = versions.union([inForce].compactMap { $0 }).filter { !shelf.knows($0) }.sorted()
            try await fetch(missing) { try await self.client.run($0) }
            return shelf.book(inForce: inForce)
        } catch { throw StoreFailure(error) }
    }

    /// What the work needs, and the subjects that have no row yet.
    ///
    /// Of subjects that have just been named none is looked for, unless one turned out to be known when it was to be saved.
    private func load(
        _ scope: WorkScope, isAgain: Bool, _ transaction: PostgresTransaction
    ) async throws -> (Loaded<State>, fresh: Set<Subject>) {
        let subjects = isAgain ? scope.subjects : scope.subjects.filter { !scope.named.contains($0) }
        let lock: SQL =
            scope.skipsLocked
            ? """
            SELECT subject, intake, routing, deadline, notification, held, dead, clock_timestamp() FROM case_clock
            WHERE subject = ANY(\(subjects)) ORDER BY subject FOR UPDATE SKIP LOCKED
            """
            : """
            SELECT subject, intake, routing, deadline, notification, held, dead, clock_timestamp() FROM case_clock
            WHERE subject = ANY(\(subjects)) ORDER BY subject FOR UPDATE
            """
        var statements = subjects.isEmpty ? [Self.head] : [lock, tables.selection(of: subjects), Self.head]
        if !scope.claims.isEmpty {
            statements.append("SELECT key, digest, subject, answer, expires_at FROM claims WHERE key = ANY(\(scope.claims))")
        }
        var results = try await transaction.run(statements)[...]

        var clocks: [Subject: CaseClock] = [:]
        clocks.reserveCapacity(scope.subjects.count)
        var states: PostgresRows?
        if !subjects.isEmpty {
            for row in results.removeFirst() { clocks[try row.value(0)] = try Self.clock(row) }
            states = results.removeFirst()
        }
        let head = results.removeFirst()
        var fresh: Set<Subject> = []
        if !scope.skipsLocked, clocks.count < scope.subjects.count {
            for subject in scope.subjects where clocks[subject] == nil {
                clocks[subject] = CaseClock()
                fresh.insert(subject)
            }
        }
        var claims: [ClaimKey: Claim] = [:]
        if !scope.claims.isEmpty {
            for row in results.removeFirst() {
                let key: ClaimKey = try row.value(0)
                claims[key] = Claim(
                    key: key, digest: try row.value(1), subject: try row.value(2), answer: try row.value(3), expires: try row.optional(4))
            }
        }
        return (try await loaded(clocks, states, head, claims, scope.counties, transaction), fresh)
    }

    /// The cases that are due, without a look at what is stored of them.
    func due(limit: Int) async throws(StoreFailure) -> [Subject] {
        guard let due = tables.due else { return [] }
        do {
            return try await client.run("SELECT k.subject FROM case_clock k \(unsafe: due) LIMIT \(limit)").map { try $0.value(0) }
        } catch { throw StoreFailure(error) }
    }

    /// The time, and the county version in force.
    private static var head: SQL { "SELECT clock_timestamp(), (SELECT version FROM counties ORDER BY sequence DESC LIMIT 1)" }

    /// Finds and locks cases that are due.
    private func loadDue(_ limit: Int, _ transaction: PostgresTransaction) async throws -> Loaded<State> {
        guard let due = tables.due else { throw StoreFailure(isRetryable: false, reason: "nothing becomes due here") }
        let found = try await transaction.run(
            """
            SELECT k.subject, k.intake, k.routing, k.deadline, k.notification, k.held, k.dead FROM case_clock k \(unsafe: due)
            LIMIT \(limit) FOR UPDATE OF k SKIP LOCKED
            """)
        var clocks: [Subject: CaseClock] = [:]
        for row in found { clocks[try row.value(0)] = try Self.clock(row) }
        let results = try await transaction.run([tables.selection(of: clocks.keys.sorted()), Self.head])
        return try await loaded(clocks, results[0], results[1], [:], [], transaction)
    }

    /// Puts together what was locked and read, with what waits at it and the county versions that it takes.
    private func loaded(
        _ clocks: [Subject: CaseClock], _ rows: PostgresRows?, _ head: PostgresRows, _ claims: [ClaimKey: Claim], _ counties: Set<String>,
        _ transaction: PostgresTransaction
    ) async throws -> Loaded<State> {
        var states: [Subject: State] = [:]
        if let rows { for row in rows { states[try row.value(0)] = try tables.state(from: row) } }
        guard let head = head.first else { throw PostgresError(.connectionLost, message: "PostgreSQL gave no time") }
        var loaded = Loaded<State>(now: try head.value(0), counties: CountyBook(), clocks: clocks, states: states, claims: claims)
        try await addWaiting(to: &loaded, transaction)
        let inForce: String? = try head.optional(1)
        var versions = counties.union(states.values.map(tables.county))
        versions.formUnion(loaded.held.values.joined().map(\.county))
        if let inForce { versions.insert(inForce) }
        try await fetch(versions.filter { !shelf.knows($0) }.sorted()) { try await transaction.run($0) }
        loaded.counties = shelf.book(inForce: inForce)
        return loaded
    }

    /// Puts those of `versions` that this service has seen on the shelf.
    private func fetch(_ versions: [String], _ run: (SQL) async throws -> PostgresRows) async throws {
        if versions.isEmpty { return }
        for row in try await run("SELECT DISTINCT ON (version) definition FROM counties WHERE version = ANY(\(versions))") {
            let definition: [UInt8] = try row.value(0)
            do throws(CountyError) { try shelf.add(canonicalJSON: definition) } catch {
                // No case is guilty of it, so none is put aside for it.
                throw StoreFailure(isRetryable: true, reason: "a county version that cases are bound to cannot be read: \(error)")
            }
        }
    }

    /// Loads held events and dead letters, of the few subjects that have some.
    private func addWaiting(to loaded: inout Loaded<State>, _ transaction: PostgresTransaction) async throws {
        let held = loaded.clocks.filter { $0.value.held > 0 }.map(\.key)
        let dead = loaded.clocks.filter { $0.value.dead > 0 }.map(\.key)
        if held.isEmpty, dead.isEmpty { return }
        let results = try await transaction.run([
            "SELECT event FROM held WHERE subject = ANY(\(held))",
            "SELECT subject, event_id FROM dead_letters WHERE subject = ANY(\(dead))",
        ])
        for row in results[0] {
            let event = try CaseEvent(wire: row.value(0))
            loaded.held[event.subject, default: []].append(event)
        }
        for row in results[1] { loaded.dead[try row.value(0), default: []].insert(try row.value(1)) }
    }

    private static func clock(_ row: PostgresRow) throws(PostgresError) -> CaseClock {
        CaseClock(
            positions: SourcePositions(
                intake: try row.value(1), routing: try row.value(2), deadline: try row.value(3), notification: try row.value(4)),
            held: try row.value(5), dead: try row.value(6))
    }

    /// One statement for each table that changes, or two where some rows are new; the outbox, whose rows are returned, last.
    ///
    /// - Parameters:
    ///   - known: The subjects that have states.
    ///   - fresh: Those that have no clock row yet.
    private func statements(for changes: Changes<State, Effect>, _ known: Set<Subject>, _ fresh: Set<Subject>) throws -> [SQL] {
        var statements: [SQL] = []
        // Before all others: of two units of work that are the first for a case, the later one must fail here.
        if !fresh.isEmpty {
            var begun = changes.clocks.filter { fresh.contains($0.subject) }
            let subjects = Set(begun.map(\.subject))
            // Whatever has a state has a clock to lock.
            begun += changes.states.filter { fresh.contains($0.subject) && !subjects.contains($0.subject) }.map {
                ($0.subject, CaseClock())
            }
            if !begun.isEmpty { statements.append(Self.clocks(begun.sorted { $0.subject < $1.subject }, .new)) }
        }
        let moved = fresh.isEmpty ? changes.clocks : changes.clocks.filter { !fresh.contains($0.subject) }
        if !moved.isEmpty { statements.append(Self.clocks(moved, .known)) }

        let new = changes.states.filter { !known.contains($0.subject) }
        let old = new.isEmpty ? changes.states : changes.states.filter { known.contains($0.subject) }
        if !old.isEmpty { statements += try tables.statements(saving: old, .known, effects: []) }
        if !new.isEmpty || !changes.effects.isEmpty { statements += try tables.statements(saving: new, .new, effects: changes.effects) }
        if !changes.held.isEmpty {
            let events = changes.held.map(\.event)
            statements.append(
                """
                INSERT INTO held (event_id, subject, event, awaited_county)
                SELECT * FROM unnest(\(events.map(\.id)), \(events.map(\.subject)), \(events.map(\.wire)),
                    \(changes.held.map { $0.awaitsCounty ? $0.event.county : nil } as [String?]))
                ON CONFLICT DO NOTHING
                """)
        }
        if !changes.released.isEmpty { statements.append("DELETE FROM held WHERE event_id = ANY(\(changes.released))") }
        if !changes.deadLetters.isEmpty {
            let events = changes.deadLetters.map(\.event)
            statements.append(
                """
                INSERT INTO dead_letters (event_id, subject, source, sequence, type, event, reason, died_at)
                SELECT * FROM unnest(\(events.map(\.id)), \(events.map(\.subject)), \(events.map(\.source.rawValue)),
                    \(events.map(\.sequence)), \(events.map(\.type)), \(events.map(\.wire)), \(changes.deadLetters.map(\.reason)),
                    \(changes.deadLetters.map(\.at)))
                ON CONFLICT DO NOTHING
                """)
        }
        if !changes.revived.isEmpty { statements.append("DELETE FROM dead_letters WHERE event_id = ANY(\(changes.revived))") }
        if !changes.claims.isEmpty {
            let claims = changes.claims
            statements.append(
                """
                INSERT INTO claims (key, digest, subject, answer, expires_at)
                SELECT * FROM unnest(\(claims.map(\.key)), \(claims.map(\.digest)), \(claims.map(\.subject)), \(claims.map(\.answer)),
                    \(claims.map(\.expires)))
                """)
        }
        for county in changes.counties {
            statements.append(
                """
                INSERT INTO counties (version, sequence, definition)
                VALUES (\(county.edition.index.version), \(county.sequence), \(try county.edition.index.definition.canonicalJSON()))
                """
            )
        }
        if !changes.outbox.isEmpty {
            let rows = changes.outbox
            statements.append(
                """
                WITH written AS (
                    INSERT INTO bundles (exchange, routing_key, content_type, body)
                    SELECT exchange, routing_key, content_type, body
                    FROM unnest(\(rows.map(\.exchange.rawValue)), \(rows.map(\.routingKey)), \(rows.map(\.contentType)), \(rows.map(\.body)))
                        WITH ORDINALITY AS u(exchange, routing_key, content_type, body, place)
                    ORDER BY place RETURNING id, exchange
                )
                INSERT INTO outbox (bundle, lane)
                SELECT id, CASE exchange WHEN \(OutboundMessage.Exchange.feed.rawValue) THEN \(OutboxLane.feed.rawValue)
                    ELSE \(OutboxLane.services.rawValue) END
                FROM written ORDER BY id RETURNING id
                """)
        }
        return statements
    }
}

extension PostgresStore {
    private static func clocks(_ changed: [(subject: Subject, clock: CaseClock)], _ rows: StateRows) -> SQL {
        let columns = ["intake", "routing", "deadline", "notification", "held", "dead"]
        let clocks = changed.map(\.clock)
        return """
            \(unsafe: rows.beginning("case_clock", columns))
            FROM unnest(\(changed.map(\.subject)), \(clocks.map { $0.positions[.intake] }), \(clocks.map { $0.positions[.routing] }),
                \(clocks.map { $0.positions[.deadline] }), \(clocks.map { $0.positions[.notification] }), \(clocks.map(\.held)),
                \(clocks.map(\.dead))) AS u(subject, intake, routing, deadline, notification, held, dead)
            \(unsafe: rows.end("case_clock", columns))
            """
    }
}

extension PostgresError {
    /// Whether another unit of work was the first for a subject.
    fileprivate var isClockOfAnother: Bool { sqlState == "23505" && constraint == "case_clock_pkey" }
}

extension StoreFailure {
    /// Says what `error` means for the work.
    ///
    /// Only what speaks of values can be the fault of an event or a command. Everything else, such as a table that a migration has
    /// just changed or a right that is lacking, is waited out: no event is guilty of it. A claim that another transaction took
    /// first, or a clock that it made, is found at the next try.
    init(_ error: any Error) {
        switch error {
        case let failure as StoreFailure: self = failure
        case let error as PostgresError:
            self.init(
                isRetryable: !error.isAboutValues || error.isClockOfAnother
                    || error.sqlState == "23505" && error.constraint == "claims_pkey",
                reason: "\(error)")
        case let error as EventError: self.init(isRetryable: false, reason: error.reason)
        default: self.init(isRetryable: false, reason: "a stored value cannot be read by this version")
        }
    }
}
