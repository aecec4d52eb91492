import Models
import Postgres

/// The real store: one schema of PostgreSQL, reached with the service's own role.
///
/// A unit of work costs one round trip where everything it needs is remembered, which is the rule for a case that has just been worked on
/// and for one that has just been named: it saves everything and commits, unless what was remembered is not so any more. Otherwise it
/// costs two, one that begins, locks all of it and reads what is not remembered, and one that saves and commits. Locks are taken on
/// clock rows only, in the order of subjects where they are taken beforehand. A subject that has no row yet cannot be locked: of two units
/// of work that are the first for it the later one finds the other's row when it saves its own. Whatever turns out to be otherwise than
/// it was remembered or supposed is rolled back as a whole and done over, with everything locked.
public final class PostgresStore<Tables: CaseTables>: CaseStore {
    public typealias State = Tables.State
    public typealias Effect = Tables.Effect

    public let client: PostgresClient
    let tables: Tables
    let shelf = CountyShelf()
    let memory: CaseMemory<State>

    public convenience init(client: PostgresClient, tables: Tables) {
        self.init(client: client, tables: tables, memory: CaseMemory())
    }

    init(client: PostgresClient, tables: Tables, memory: CaseMemory<State>) {
        (self.client, self.tables, self.memory) = (client, tables, memory)
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
        try await work({ transaction, _ in try await self.loadDue(limit, transaction) }, body)
    }

    /// The county definitions as they were a second ago at most, for work that goes on all the time and may be told of a new one late.
    public func recentBook() async throws(StoreFailure) -> CountyBook {
        if let (_, inForce) = memory.moment(), inForce.map(shelf.knows) ?? true { return shelf.book(inForce: inForce) }
        return try await book(with: [])
    }

    private func work<R: Sendable>(
        _ load: @Sendable (PostgresTransaction, _ isAgain: Bool) async throws -> Beginning<State>,
        _ body: @Sendable (Loaded<State>) -> (changes: Changes<State, Effect>, result: R)
    ) async throws(StoreFailure) -> (result: R, outbox: [OutboxRow]) {
        do {
            let done = try await insist(load, body)
            if !done.effects.isEmpty { await tables.committed(done.effects) }
            return (done.result, done.rows)
        } catch { throw StoreFailure(error) }
    }

    /// Does the work over as often as something turned out to be otherwise than it was remembered, or another unit of work was the first for
    /// one of its cases: each time fewer are left.
    private func insist<R: Sendable>(
        _ load: @Sendable (PostgresTransaction, _ isAgain: Bool) async throws -> Beginning<State>,
        _ body: @Sendable (Loaded<State>) -> (changes: Changes<State, Effect>, result: R)
    ) async throws -> (result: R, rows: [OutboxRow], effects: [Effect]) {
        for time in 0..<8 {
            do { return try await once(load, isAgain: time > 0, body) } catch let error as PostgresError {
                // Whether the server is the same and has all that was committed is not known.
                if error.isConnectionBroken { memory.forget() }
                if error.isOvertaken { memory.wasWrong() } else if error.isFirstOfAnother, time == 0 { memory.wasWrongOfNames() }
                guard error.isOvertaken || error.isFirstOfAnother || error.isNameOfAnother else { throw error }
            }
        }
        return try await once(load, isAgain: true, body)
    }

    private func once<R: Sendable>(
        _ load: @Sendable (PostgresTransaction, _ isAgain: Bool) async throws -> Beginning<State>, isAgain: Bool,
        _ body: @Sendable (Loaded<State>) -> (changes: Changes<State, Effect>, result: R)
    ) async throws -> (result: R, rows: [OutboxRow], effects: [Effect]) {
        try await client.withTransaction { transaction in
            let beginning = try await load(transaction, isAgain)
            let (changes, result) = body(beginning.loaded)
            let rows = ClockRows(of: changes, from: beginning)
            if changes.isEmpty, !beginning.isUnasked {
                // Not committed, it is rolled back; what was read under the locks is so.
                remember(beginning, changes, rows, written: nil)
                return (result, [], [])
            }
            let asked = ServerTime.Local.now
            let results = try await transaction.commit(
                with: [head(beginning, changes, rows)] + [check(beginning, rows)].compactMap(\.self)
                    + (changes.isEmpty ? [] : statements(for: changes, rows, from: beginning)))
            for county in changes.counties { shelf.add(county.edition) }
            // What is durable is not called a failure because it could not be remembered.
            if let head = results.first?.first, let now = try? head.value(0, as: Instant.self) {
                // A county version that came with it is found at the next look.
                if changes.counties.isEmpty {
                    memory.learn(now, asked: asked, inForce: beginning.inForce)
                } else {
                    memory.ask(after: now)
                }
                if let written = try? head.optional(1, as: PostgresTransactionID.self) {
                    remember(beginning, changes, rows, written: written)
                }
            }
            // Identity values rise in the order in which the rows were inserted.
            let ids =
                changes.outbox.isEmpty ? [] : try (results.last.map(Array.init) ?? []).map { try $0.value(0, as: Int64.self) }.sorted()
            return (result, zip(ids, changes.outbox).map { OutboxRow(id: $0, message: $1) }, changes.effects)
        }
    }

    /// Remembers the cases as they are once the transaction `written` is committed; without one, as they were found.
    private func remember(
        _ beginning: Beginning<State>, _ changes: Changes<State, Effect>, _ rows: ClockRows, written: PostgresTransactionID?
    ) {
        var states = beginning.loaded.states
        for (subject, state) in changes.states { states[subject] = state }
        var known: [(subject: Subject, known: RememberedCase<State>)] = []
        known.reserveCapacity(beginning.loaded.clocks.count)
        var unmoved = beginning.versions
        if let written {
            for (subject, clock) in rows.new + rows.moved {
                known.append((subject, RememberedCase(clock: clock, state: states[subject], version: written)))
                unmoved[subject] = nil
            }
        }
        for (subject, version) in unmoved {
            guard let clock = beginning.loaded.clocks[subject] else { continue }
            known.append((subject, RememberedCase(clock: clock, state: states[subject], version: version)))
        }
        memory.keep(known)
    }

    /// Lets go of what is remembered when nothing has happened for two seconds.
    public func tidyMemory() { memory.tidy() }

    /// How often work was done over so far because what was remembered or supposed was not so.
    public var doneOver: Int { memory.faults }

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
            let inForce: String? = try await client.run("\(unsafe: Self.inForce)").first?.value(0)
            let missing = versions.union([inForce].compactMap { $0 }).filter { !shelf.knows($0) }.sorted()
            try await fetch(missing) { try await self.client.run($0) }
            return shelf.book(inForce: inForce)
        } catch { throw StoreFailure(error) }
    }
}

extension PostgresError {
    /// Whether another unit of work was the first for a subject.
    fileprivate var isFirstOfAnother: Bool { sqlState == "23505" && constraint == "case_clock_pkey" }

    /// Whether another unit of work took a name first.
    fileprivate var isNameOfAnother: Bool { sqlState == "23505" && constraint == "claims_pkey" }

    /// Whether `as_seen` found that something is not so any more, or two units of work stood in each other's way.
    fileprivate var isOvertaken: Bool { sqlState == "40001" || sqlState == "40P01" }

    /// Whether the connection went, and not because this process wanted it.
    fileprivate var isConnectionBroken: Bool { isConnectionGone && code != .cancelled && code != .closed }
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
                isRetryable: !error.isAboutValues || error.isFirstOfAnother || error.isNameOfAnother, reason: "\(error)")
        case let error as EventError: self.init(isRetryable: false, reason: error.reason)
        default: self.init(isRetryable: false, reason: "a stored value cannot be read by this version")
        }
    }
}
