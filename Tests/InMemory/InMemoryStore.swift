import CaseFlow
import Models

/// A store in memory, for tests and simulations: the same promises as the real one, except that it dies with its process.
///
/// Its clock is given from outside, so a run can be played again.
public actor InMemoryStore<State: Sendable & Equatable, Effect: Sendable>: CaseStore {
    private let clock: @Sendable () -> Instant
    private var counties = CountyBook()
    public private(set) var clocks: [Subject: CaseClock] = [:]
    public private(set) var states: [Subject: State] = [:]
    public private(set) var held: [Subject: [CaseEvent]] = [:]
    public private(set) var deadLetters: [EventID: DeadLetter] = [:]
    public private(set) var claims: [ClaimKey: Claim] = [:]
    public private(set) var outbox: [Int64: (message: OutboundMessage, sweepable: Instant)] = [:]
    /// Every message that was ever committed, in the order of commits.
    public private(set) var bundles: [OutboundMessage] = []
    /// Every stored effect, in the order of storing.
    public private(set) var effects: [Effect] = []
    private var lastRow: Int64 = 0
    private var replayed: Set<Subject> = []
    private var awaitingCounty: [EventID: CaseEvent] = [:]

    /// Makes an empty store.
    public init(clock: @escaping @Sendable () -> Instant) { self.clock = clock }

    public func work<R: Sendable>(
        _ scope: WorkScope, _ body: @Sendable (Loaded<State>) -> (changes: Changes<State, Effect>, result: R)
    ) async throws(StoreFailure) -> (result: R, outbox: [OutboxRow]) {
        try await work(scope, beforeCommit: { (_) throws(StoreFailure) in }, body)
    }

    /// The same, with a last look at the changes: what `beforeCommit` throws is what becomes of the work, and nothing is stored.
    public func work<R: Sendable>(
        _ scope: WorkScope, beforeCommit: @Sendable (inout Changes<State, Effect>) throws(StoreFailure) -> Void,
        _ body: @Sendable (Loaded<State>) -> (changes: Changes<State, Effect>, result: R)
    ) async throws(StoreFailure) -> (result: R, outbox: [OutboxRow]) {
        var (changes, result) = body(load(scope))
        try beforeCommit(&changes)
        for claim in changes.claims where claims[claim.key] != nil {
            throw StoreFailure(isRetryable: true, reason: "another transaction took the claim first")
        }
        // Who waits for a lock makes the row that is locked.
        if !scope.skipsLocked { for subject in scope.subjects where clocks[subject] == nil { clocks[subject] = CaseClock() } }
        let rows = store(changes)
        return (result, rows)
    }

    public func takeOutbox(_ lane: OutboxLane, limit: Int) async throws(StoreFailure) -> [OutboxRow] {
        let now = clock()
        let due = outbox.filter { $0.value.sweepable <= now }.sorted { ($0.value.sweepable, $0.key) < ($1.value.sweepable, $1.key) }
        let rows = due.map { OutboxRow(id: $0.key, message: $0.value.message) }.filter { $0.lane == lane }.prefix(limit)
        for row in rows { outbox[row.id] = (row.message, now + .seconds(30)) }
        return Array(rows)
    }

    public func forgetOutbox(_ ids: [Int64]) async throws(StoreFailure) {
        for id in ids { outbox[id] = nil }
    }

    public func resend() async throws(StoreFailure) -> Int {
        let kept = bundles.filter { $0.exchange == .events }
        for message in kept {
            lastRow += 1
            outbox[lastRow] = (message, clock())
        }
        return kept.count
    }

    public func releasable(limit: Int) async throws(StoreFailure) -> [Subject] {
        let arrived = awaitingCounty.filter { counties.knows($0.value.county) }.map(\.value.subject)
        return Array(replayed.union(arrived).sorted().prefix(limit))
    }

    /// Puts a dead letter back among the held events, as the operator does after a fix.
    public func replay(_ id: EventID) {
        guard let letter = deadLetters.removeValue(forKey: id) else { return }
        let subject = letter.event.subject
        held[subject, default: []].append(letter.event)
        clocks[subject]?.held += 1
        clocks[subject]?.dead -= 1
        replayed.insert(subject)
    }

    /// What `scope` names, as it is at this moment.
    public func load(_ scope: WorkScope) -> Loaded<State> {
        var loaded = Loaded<State>(now: clock(), counties: counties, clocks: [:], states: [:])
        for subject in scope.subjects {
            if scope.skipsLocked, clocks[subject] == nil { continue }
            loaded.clocks[subject] = clocks[subject] ?? CaseClock()
            loaded.states[subject] = states[subject]
            loaded.held[subject] = held[subject]
            let dead = deadLetters.values.filter { $0.event.subject == subject }.map(\.event.id)
            if !dead.isEmpty { loaded.dead[subject] = Set(dead) }
        }
        for key in scope.claims { loaded.claims[key] = claims[key] }
        return loaded
    }

    private func store(_ changes: Changes<State, Effect>) -> [OutboxRow] {
        for (subject, clock) in changes.clocks { clocks[subject] = clock }
        for (subject, state) in changes.states { states[subject] = state }
        for (event, awaitsCounty) in changes.held {
            held[event.subject, default: []].append(event)
            if awaitsCounty { awaitingCounty[event.id] = event }
        }
        let released = Set(changes.released)
        if !released.isEmpty {
            for id in released { awaitingCounty[id] = nil }
            replayed = replayed.filter { subject in held[subject, default: []].contains { !released.contains($0.id) } }
            for subject in held.keys {
                held[subject]?.removeAll { released.contains($0.id) }
                if held[subject]?.isEmpty == true { held[subject] = nil }
            }
        }
        for letter in changes.deadLetters { deadLetters[letter.event.id] = letter }
        for id in changes.revived { deadLetters[id] = nil }
        for claim in changes.claims { claims[claim.key] = claim }
        for county in changes.counties {
            counties.add(county.edition)
            counties.putInForce(county.edition.index.version)
        }
        effects += changes.effects
        return changes.outbox.map { message in
            lastRow += 1
            bundles.append(message)
            outbox[lastRow] = (message, clock() + .seconds(3))
            return OutboxRow(id: lastRow, message: message)
        }
    }
}
