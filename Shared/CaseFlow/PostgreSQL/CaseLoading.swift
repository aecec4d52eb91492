import Models
import Postgres

/// What a unit of work begins with, and how sure that is.
struct Beginning<State: Sendable> {
    var loaded: Loaded<State>
    /// The subjects that have no clock row, as far as is known.
    var fresh: Set<Subject> = []
    /// The version of the clock rows that there are.
    var versions: [Subject: PostgresTransactionID]
    /// The subjects that are not locked but remembered; the commit makes sure of them.
    var remembered: Set<Subject> = []
    /// The county version in force.
    var inForce: String?
    /// The names that nobody has taken, as is supposed but not looked up.
    var supposed: [ClaimKey] = []
    /// Whether nothing was asked at all, so that the commit has to make sure of the county version, too.
    var isUnasked = false
}

extension PostgresStore {
    /// What the work needs: as much as possible is remembered, and the rest locked and read.
    ///
    /// Of subjects of which most likely nothing is stored none is looked for, and where nothing else is to be read the database is not
    /// asked, unless something turned out to be otherwise when it was to be saved.
    func load(_ scope: WorkScope, isAgain: Bool, _ transaction: PostgresTransaction) async throws -> Beginning<State> {
        let remembered = memory.take(scope.subjects)
        if isAgain || scope.skipsLocked { return try await load(scope, remembering: [:], scope.subjects, transaction) }
        let sought = scope.subjects.filter { remembered[$0] == nil && !scope.named.contains($0) }
        // A name that somebody may have taken is supposed to be free for those only who are the first for their case.
        if sought.isEmpty, scope.claims.isEmpty || remembered.isEmpty, let beginning = recall(scope, remembered) { return beginning }
        return try await load(scope, remembering: remembered, sought, transaction)
    }

    /// What the work needs without a question to the database; nil when something is missing.
    private func recall(_ scope: WorkScope, _ remembered: [Subject: RememberedCase<State>]) -> Beginning<State>? {
        guard let (now, inForce) = memory.moment(after: scope.heard) else { return nil }
        var versions = scope.counties
        for known in remembered.values { if let state = known.state { versions.insert(tables.county(of: state)) } }
        // What this service has not seen is looked for once more.
        guard versions.allSatisfy({ $0.isEmpty || shelf.knows($0) }) else { return nil }
        var beginning = Beginning<State>(
            loaded: Loaded(now: now, counties: shelf.book(inForce: inForce), clocks: [:], states: [:]), versions: [:], inForce: inForce,
            supposed: scope.claims, isUnasked: true)
        beginning.add(remembered)
        beginning.addFresh(scope)
        return beginning
    }

    private func load(
        _ scope: WorkScope, remembering remembered: [Subject: RememberedCase<State>], _ sought: [Subject],
        _ transaction: PostgresTransaction
    ) async throws -> Beginning<State> {
        let lock: SQL =
            scope.skipsLocked
            ? """
            SELECT subject, xmin, intake, routing, deadline, notification, held, dead FROM case_clock
            WHERE subject = ANY(\(sought)) ORDER BY subject FOR UPDATE SKIP LOCKED
            """
            : """
            SELECT subject, xmin, intake, routing, deadline, notification, held, dead FROM case_clock
            WHERE subject = ANY(\(sought)) ORDER BY subject FOR UPDATE
            """
        var statements = sought.isEmpty ? [Self.head] : [lock, tables.selection(of: sought), Self.head]
        if !scope.claims.isEmpty {
            statements.append("SELECT key, digest, subject, answer, expires_at FROM claims WHERE key = ANY(\(scope.claims))")
        }
        var results = try await transaction.run(statements)[...]

        let clocks = sought.isEmpty ? nil : results.removeFirst()
        let states = sought.isEmpty ? nil : results.removeFirst()
        var beginning = try await begin(clocks, states, results.removeFirst())
        beginning.add(remembered)
        if !scope.skipsLocked { beginning.addFresh(scope) }
        if !scope.claims.isEmpty {
            for row in results.removeFirst() {
                let key: ClaimKey = try row.value(0)
                beginning.loaded.claims[key] = Claim(
                    key: key, digest: try row.value(1), subject: try row.value(2), answer: try row.value(3), expires: try row.optional(4))
            }
        }
        try await complete(&beginning, scope.counties, transaction)
        return beginning
    }

    /// Finds and locks cases that are due.
    func loadDue(_ limit: Int, _ transaction: PostgresTransaction) async throws -> Beginning<State> {
        guard let due = tables.due else { throw StoreFailure(isRetryable: false, reason: "nothing becomes due here") }
        let clocks = try await transaction.run(
            """
            SELECT k.subject, k.xmin, k.intake, k.routing, k.deadline, k.notification, k.held, k.dead FROM case_clock k \(unsafe: due)
            LIMIT \(limit) FOR UPDATE OF k SKIP LOCKED
            """)
        let results = try await transaction.run([tables.selection(of: try clocks.map { try $0.value(0) }), Self.head])
        var beginning = try await begin(clocks, results[0], results[1])
        _ = memory.take(Array(beginning.loaded.clocks.keys))
        try await complete(&beginning, [], transaction)
        return beginning
    }

    /// The cases that are due, without a look at what is stored of them.
    func due(limit: Int) async throws(StoreFailure) -> [Subject] {
        guard let due = tables.due else { return [] }
        do {
            return try await client.run("SELECT k.subject FROM case_clock k \(unsafe: due) LIMIT \(limit)").map { try $0.value(0) }
        } catch { throw StoreFailure(error) }
    }

    /// The time, and the county version in force.
    private static var head: SQL { "SELECT clock_timestamp(), (\(unsafe: Self.inForce))" }

    /// Puts together what was locked and read.
    private func begin(_ clocks: PostgresRows?, _ states: PostgresRows?, _ head: PostgresRows) async throws -> Beginning<State> {
        guard let head = head.first else { throw PostgresError(.connectionLost, message: "PostgreSQL gave no time") }
        let (now, inForce) = (try head.value(0, as: Instant.self), try head.optional(1, as: String.self))
        memory.learn(now, inForce: inForce)
        var beginning = Beginning<State>(
            loaded: Loaded(now: now, counties: CountyBook(), clocks: [:], states: [:]), versions: [:], inForce: inForce)
        if let clocks {
            beginning.loaded.clocks.reserveCapacity(clocks.count)
            for row in clocks {
                let subject: Subject = try row.value(0)
                beginning.versions[subject] = try row.value(1)
                beginning.loaded.clocks[subject] = CaseClock(
                    positions: SourcePositions(
                        intake: try row.value(2), routing: try row.value(3), deadline: try row.value(4), notification: try row.value(5)),
                    held: try row.value(6), dead: try row.value(7))
            }
        }
        if let states { for row in states { beginning.loaded.states[try row.value(0)] = try tables.state(from: row) } }
        return beginning
    }

    /// Adds what waits at the cases, and the county versions that the work takes.
    private func complete(_ beginning: inout Beginning<State>, _ counties: Set<String>, _ transaction: PostgresTransaction) async throws {
        try await addWaiting(to: &beginning.loaded, transaction)
        var versions = counties.union(beginning.loaded.states.values.map(tables.county))
        versions.formUnion(beginning.loaded.held.values.joined().map(\.county))
        if let inForce = beginning.inForce { versions.insert(inForce) }
        try await fetch(versions.filter { !shelf.knows($0) }.sorted()) { try await transaction.run($0) }
        beginning.loaded.counties = shelf.book(inForce: beginning.inForce)
    }

    /// Puts those of `versions` that this service has seen on the shelf.
    func fetch(_ versions: [String], _ run: (SQL) async throws -> PostgresRows) async throws {
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
}

extension Beginning {
    fileprivate mutating func add(_ cases: [Subject: RememberedCase<State>]) {
        for (subject, known) in cases {
            loaded.clocks[subject] = known.clock
            loaded.states[subject] = known.state
            versions[subject] = known.version
            remembered.insert(subject)
        }
    }

    /// Whatever was not found is new.
    fileprivate mutating func addFresh(_ scope: WorkScope) {
        if loaded.clocks.count == scope.subjects.count { return }
        for subject in scope.subjects where loaded.clocks[subject] == nil {
            loaded.clocks[subject] = CaseClock()
            fresh.insert(subject)
        }
    }
}
