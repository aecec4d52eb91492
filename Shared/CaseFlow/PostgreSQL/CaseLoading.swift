import Models
import Postgres

/// What a unit of work begins with, and how sure that is.
struct Beginning<State: Sendable> {
    var loaded: Loaded<State>
    /// The subjects that have no clock row, as far as is known.
    var fresh: Set<Subject> = []
    /// The version of the clock rows that there are.
    var versions: [Subject: PostgresTransactionID] = [:]
    /// The county version in force.
    var inForce: String?
    /// The names that nobody has taken, as is supposed but not looked up.
    var supposed: [ClaimKey] = []
    /// What the database's clock showed when it was asked, and when that was; nil where nothing was asked at all: then no row is locked, and
    /// the commit has to make sure of each case.
    var answer: (now: Instant, asked: ServerTime.Local)?

    var isUnasked: Bool { answer == nil }
}

extension PostgresStore {
    /// What the work needs: remembered where that is possible for all of it, and otherwise locked, and read as far as it is not remembered.
    ///
    /// Of subjects of which most likely nothing is stored none is looked for, unless something turned out to be otherwise when it was to be
    /// saved.
    func load(_ scope: WorkScope, isAgain: Bool, _ transaction: PostgresTransaction) async throws -> Beginning<State> {
        let remembered = memory.take(scope.subjects)
        let named = isAgain || !memory.trustsNames ? [] : scope.named.subtracting(remembered.unfit)
        let sought = scope.subjects.filter { remembered.cases[$0] != nil || !named.contains($0) }
        // A name that somebody may have taken is supposed to be free for those only who are the first for their case.
        if !isAgain, !scope.skipsLocked, memory.isTrusted, sought.count == remembered.cases.count, scope.claims.isEmpty || sought.isEmpty,
            let beginning = recall(scope, remembered.cases)
        {
            return beginning
        }
        return try await lock(sought, scope, remembered.cases, transaction)
    }

    /// What the work needs without a question to the database; nil when something is missing.
    private func recall(_ scope: WorkScope, _ remembered: [Subject: RememberedCase<State>]) -> Beginning<State>? {
        guard let (now, inForce) = memory.moment() else { return nil }
        var versions = scope.counties
        if let inForce { versions.insert(inForce) }
        for known in remembered.values { if let state = known.state { versions.insert(tables.county(of: state)) } }
        // What this service has not seen is looked for once more.
        guard versions.allSatisfy({ $0.isEmpty || shelf.knows($0) }) else { return nil }
        var beginning = Beginning<State>(
            loaded: Loaded(now: scope.moment(now), counties: shelf.book(inForce: inForce), clocks: [:], states: [:]), inForce: inForce,
            supposed: scope.claims)
        for (subject, known) in remembered { beginning.add(subject, known) }
        beginning.addFresh(scope)
        return beginning
    }

    private func lock(
        _ sought: [Subject], _ scope: WorkScope, _ remembered: [Subject: RememberedCase<State>], _ transaction: PostgresTransaction
    ) async throws -> Beginning<State> {
        var statements: [SQL] = []
        let unread = sought.filter { remembered[$0] == nil }
        if !sought.isEmpty {
            statements.append(
                """
                SELECT subject, xmin, intake, routing, deadline, notification, held, dead FROM case_clock
                WHERE subject = ANY(\(sought)) ORDER BY subject FOR UPDATE \(unsafe: scope.skipsLocked ? "SKIP LOCKED" : "")
                """)
        }
        if !unread.isEmpty { statements.append(tables.selection(of: unread)) }
        // After the locks, for which it may have to wait.
        statements.append(Self.head)
        if !scope.claims.isEmpty {
            statements.append("SELECT key, digest, subject, answer, expires_at FROM claims WHERE key = ANY(\(scope.claims))")
        }
        let asked = ServerTime.Local.now
        var results = try await transaction.run(statements)[...]

        let clocks = sought.isEmpty ? nil : results.removeFirst()
        let states = unread.isEmpty ? nil : results.removeFirst()
        var beginning = try Self.begin(results.removeFirst(), asked, for: scope)
        if let clocks {
            let outdated = try beginning.add(clocks, remembered)
            if let states { try read(states, into: &beginning) }
            if !outdated.isEmpty { try read(try await transaction.run(tables.selection(of: outdated)), into: &beginning) }
        }
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
        let subjects: [Subject] = try clocks.map { try $0.value(0) }
        _ = memory.take(subjects)
        let asked = ServerTime.Local.now
        let results = try await transaction.run([Self.head, tables.selection(of: subjects)])
        var beginning = try Self.begin(results[0], asked, for: WorkScope(subjects: []))
        _ = try beginning.add(clocks, [:])
        try read(results[1], into: &beginning)
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

    private static func begin(_ head: PostgresRows, _ asked: ServerTime.Local, for scope: WorkScope) throws -> Beginning<State> {
        guard let head = head.first else { throw PostgresError(.connectionLost, message: "PostgreSQL gave no time") }
        let now: Instant = try head.value(0)
        return Beginning(
            loaded: Loaded(now: scope.moment(now), counties: CountyBook(), clocks: [:], states: [:]), inForce: try head.optional(1),
            answer: (now, asked))
    }

    private func read(_ states: PostgresRows, into beginning: inout Beginning<State>) throws {
        for row in states { beginning.loaded.states[try row.value(0)] = try tables.state(from: row) }
    }

    /// Adds what waits at the cases, and the county versions that the work takes.
    private func complete(_ beginning: inout Beginning<State>, _ counties: Set<String>, _ transaction: PostgresTransaction) async throws {
        try await addWaiting(to: &beginning.loaded, transaction)
        var versions = counties.union(beginning.loaded.states.values.map(tables.county))
        versions.formUnion(beginning.loaded.held.values.joined().map(\.county))
        if let inForce = beginning.inForce { versions.insert(inForce) }
        try await fetch(versions.filter { !shelf.knows($0) }.sorted()) { try await transaction.run($0) }
        beginning.loaded.counties = shelf.book(inForce: beginning.inForce)
        // Not before the county is on the shelf: whoever goes by memory looks nothing up.
        if let answer = beginning.answer { memory.learn(answer.now, asked: answer.asked, inForce: beginning.inForce) }
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
    fileprivate mutating func add(_ subject: Subject, _ known: RememberedCase<State>) {
        loaded.clocks[subject] = known.clock
        loaded.states[subject] = known.state
        versions[subject] = known.version
    }

    /// Adds clock rows that were locked, with what is remembered of those that are as they were; names those that are not.
    fileprivate mutating func add(_ rows: PostgresRows, _ remembered: [Subject: RememberedCase<State>]) throws -> [Subject] {
        var outdated: [Subject] = []
        loaded.clocks.reserveCapacity(rows.count)
        for row in rows {
            let (subject, version) = (try row.value(0, as: Subject.self), try row.value(1, as: PostgresTransactionID.self))
            if let known = remembered[subject] {
                if known.version == version {
                    add(subject, known)
                    continue
                }
                outdated.append(subject)
            }
            versions[subject] = version
            loaded.clocks[subject] = CaseClock(
                positions: SourcePositions(
                    intake: try row.value(2), routing: try row.value(3), deadline: try row.value(4), notification: try row.value(5)),
                held: try row.value(6), dead: try row.value(7))
        }
        return outdated
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

extension WorkScope {
    /// `now`, or when the youngest delivery happened: what answers an event does not come before it, by clocks that differ by a little.
    fileprivate func moment(_ now: Instant) -> Instant {
        guard let heard, heard > now, heard - now < .seconds(1) else { return now }
        return heard
    }
}
