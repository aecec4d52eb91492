import CaseFlow
import InMemory
import Models

/// A replica's way to the store of its service: at each of its awaits others may come first, and the process may die.
struct SimulatedStore<Process: CaseProcess>: CaseStore {
    typealias State = Process.State
    typealias Effect = Process.Effect

    let base: InMemoryStore<State, Effect>
    let replica: ReplicaLife
    let world: SimulatedWorld
    let tampering: Tampering<Process>

    func work<R: Sendable>(
        _ scope: WorkScope, _ body: @Sendable (Loaded<State>) -> (changes: Changes<State, Effect>, result: R)
    ) async throws(StoreFailure) -> (result: R, outbox: [OutboxRow]) {
        try await enter("a commit")
        let done: (result: R, outbox: [OutboxRow])
        if tampering.skipsLock {
            // Two may now have read the same and write one over the other.
            let (changes, result) = body(await base.load(scope))
            await world.park(replica, "a commit without a lock")
            done = (result, try await base.work(scope, beforeCommit: check) { _ in (changes, ()) }.outbox)
        } else {
            done = try await base.work(scope, beforeCommit: check, body)
        }
        if tampering.forgetsUnsent { try await base.forgetOutbox(done.outbox.map(\.id)) }
        try leave("a commit")
        return done
    }

    func takeOutbox(_ lane: OutboxLane, limit: Int) async throws(StoreFailure) -> [OutboxRow] {
        try await enter("taking the outbox")
        let rows = try await base.takeOutbox(lane, limit: limit)
        try leave("taking the outbox")
        return rows
    }

    func forgetOutbox(_ ids: [Int64]) async throws(StoreFailure) {
        try await enter("clearing the outbox")
        try await base.forgetOutbox(ids)
        try leave("clearing the outbox")
    }

    func resend() async throws(StoreFailure) -> Int {
        try await enter("sending everything again")
        let count = try await base.resend()
        try leave("sending everything again")
        return count
    }

    func releasable(limit: Int) async throws(StoreFailure) -> [Subject] {
        try await enter("looking at what is held")
        let subjects = try await base.releasable(limit: limit)
        try leave("looking at what is held")
        return subjects
    }

    /// What may still go wrong when everything is decided, and the last look at what will be stored.
    private func check(_ changes: inout Changes<State, Effect>) throws(StoreFailure) {
        if case .cannotStore(let subject) = world.ailments[replica.source], changes.states.contains(where: { $0.subject == subject }) {
            throw StoreFailure(isRetryable: false, reason: "the simulated database refuses this case")
        }
        tampering.changes?(&changes)
        if world.kills(replica, .crashWithin, at: "a commit") {
            guard tampering.tearsCommits else { throw dead }
            (changes.clocks, changes.outbox, changes.held, changes.claims) = ([], [], [], [])
        }
        for subject in changes.clocks.map(\.subject) + changes.states.map(\.subject) { world.touched.insert(subject) }
        world.tell("    \(replica) commits: \(Self.summary(changes))")
    }

    private func enter(_ place: String) async throws(StoreFailure) {
        if replica.isDead { throw dead }
        await world.park(replica, place)
        if world.kills(replica, .crashBefore, at: place) { throw dead }
        if world.databasesAway.contains(replica.source) {
            throw StoreFailure(isRetryable: true, reason: "the simulated database is away")
        }
    }

    private func leave(_ place: String) throws(StoreFailure) {
        if world.kills(replica, .crashAfter, at: place) { throw dead }
    }

    private var dead: StoreFailure { StoreFailure(isRetryable: true, reason: "the simulated process is dead") }

    private static func summary(_ changes: Changes<State, Effect>) -> String {
        var parts: [String] = []
        func add(_ count: Int, _ what: String) { if count > 0 { parts.append("\(count) \(what)") } }
        add(changes.states.count, "states")
        add(changes.effects.count, "effects")
        add(changes.held.count, "held")
        add(changes.released.count, "released")
        add(changes.deadLetters.count, "dead letters")
        add(changes.outbox.count, "bundles")
        return parts.isEmpty ? "nothing new" : parts.joined(separator: ", ")
    }
}
