import Logging
import Metrics
import Models

/// Runs units of work of one service: loads, plans, commits, and hands the outbox to the relay.
///
/// What can be lost: nothing that was committed. What repeats: a failed commit is tried again as a whole by the caller,
/// since nothing of it was stored. A batch that the database refuses for what is in it is cut in halves until the one
/// event that it refuses is found and dead-lettered, so a bad event never takes its neighbours with it.
public final class CaseWorker<Process: CaseProcess, Store: CaseStore>: Sendable
where Store.State == Process.State, Store.Effect == Process.Effect {
    public let process: Process
    public let store: Store
    private let makeIdentifiers: @Sendable () -> any EventIdentifiers
    private let committed: @Sendable ([OutboxRow]) async -> Void
    private let measures: FlowMeasures

    /// Makes a worker that gives every commit's outbox rows to `committed`.
    public init(
        process: Process, store: Store, identifiers: @escaping @Sendable () -> any EventIdentifiers = { RandomIdentifiers() },
        committed: @escaping @Sendable ([OutboxRow]) async -> Void
    ) {
        self.process = process
        self.store = store
        makeIdentifiers = identifiers
        self.committed = committed
        measures = FlowMeasures(source: process.source)
    }

    /// Applies delivered events; returns once all are applied, held, dead-lettered or known as duplicates, durably.
    ///
    /// Throws only failures that are worth another try of the same events.
    public func handle(_ events: [CaseEvent]) async throws(StoreFailure) {
        if events.isEmpty { return }
        do throws(StoreFailure) {
            try await run(events, fault: nil)
        } catch {
            if error.isRetryable { throw error }
            if events.count > 1 {
                let middle = events.count / 2
                try await handle(Array(events[..<middle]))
                try await handle(Array(events[middle...]))
            } else {
                try await run(events, fault: error.reason)
            }
        }
    }

    /// Decides commands, all in one commit; the answers come in the order of the requests.
    ///
    /// With `skipsLocked`, a command on a case that somebody else is working on is refused as `case-busy`.
    public func perform(
        _ requests: [Request<Process.Command>], skipsLocked: Bool = false
    ) async throws(StoreFailure) -> [Answer] {
        var scope = WorkScope(subjects: requests.map(\.subject), skipsLocked: skipsLocked)
        for request in requests {
            scope.claims += request.claims
            if let key = request.idempotency?.key { scope.claims.append(key) }
        }
        let (answers, outbox) = try await store.work(scope) { loaded in
            var plan = BatchPlan(process: self.process, loaded: loaded, identifiers: self.makeIdentifiers())
            let answers = requests.map { plan.perform($0) }
            self.measures.record(plan.tally)
            return (plan.finish(), answers)
        }
        await committed(outbox)
        return answers
    }

    /// Applies the held events of `subjects` that have become ready.
    public func release(_ subjects: [Subject]) async throws(StoreFailure) {
        if subjects.isEmpty { return }
        let (_, outbox) = try await store.work(WorkScope(subjects: subjects)) { loaded in
            var plan = BatchPlan(process: self.process, loaded: loaded, identifiers: self.makeIdentifiers())
            for subject in plan.lockedSubjects { plan.release(subject) }
            self.measures.record(plan.tally)
            return (plan.finish(), ())
        }
        await committed(outbox)
    }

    private func run(_ events: [CaseEvent], fault: String?) async throws(StoreFailure) {
        let scope = WorkScope(subjects: events.map(\.subject), counties: Set(events.map(\.county)))
        let (_, outbox) = try await store.work(scope) { loaded in
            var plan = BatchPlan(process: self.process, loaded: loaded, identifiers: self.makeIdentifiers())
            for event in events { plan.receive(event, fault: fault) }
            self.measures.record(plan.tally)
            return (plan.finish(), ())
        }
        await committed(outbox)
    }
}

/// Counts what the units of work of one service did.
struct FlowMeasures: Sendable {
    private let applied: Counter
    private let duplicates: Counter
    private let held: Counter
    private let dead: Counter
    private let emitted: Counter
    private let units: Counter

    init(source: Source) {
        func counter(_ fate: String) -> Counter {
            Counter(label: "huiyin_events_total", dimensions: [("service", source.rawValue), ("fate", fate)])
        }
        applied = counter("applied")
        duplicates = counter("duplicate")
        held = counter("held")
        dead = counter("dead")
        emitted = counter("emitted")
        units = Counter(label: "huiyin_units_of_work_total", dimensions: [("service", source.rawValue)])
    }

    func record(_ tally: WorkTally) {
        units.increment()
        if tally.applied > 0 { applied.increment(by: tally.applied) }
        if tally.duplicates > 0 { duplicates.increment(by: tally.duplicates) }
        if tally.held > 0 { held.increment(by: tally.held) }
        if tally.dead > 0 { dead.increment(by: tally.dead) }
        if tally.emitted > 0 { emitted.increment(by: tally.emitted) }
    }
}
