import Logging
import Metrics
import Models

/// Runs units of work of one service: loads, plans, commits, and hands the outbox to the relay.
///
/// What can be lost: nothing that was committed. What repeats: a failed commit is tried again as a whole by the caller,
/// since nothing of it was stored. A batch that the database refuses for what is in it is cut in halves until the one
/// event or command that it refuses is found, so a bad one never takes its neighbours with it.
public final class CaseWorker<Process: CaseProcess, Store: CaseStore>: Sendable
where Store.State == Process.State, Store.Effect == Process.Effect {
    public let process: Process
    public let store: Store
    private let makeIdentifiers: @Sendable () -> any EventIdentifiers
    private let committed: @Sendable ([OutboxRow]) async -> Void
    private let measures: FlowMeasures
    /// How far this service may run ahead of others; nil when it begins no cases.
    let pace: Pace?

    /// Makes a worker that gives every commit's outbox rows to `committed`.
    public init(
        process: Process, store: Store, identifiers: @escaping @Sendable () -> any EventIdentifiers = { RandomIdentifiers() },
        pace: Pace? = nil, committed: @escaping @Sendable ([OutboxRow]) async -> Void
    ) {
        self.process = process
        self.store = store
        makeIdentifiers = identifiers
        self.committed = committed
        self.pace = pace
        measures = FlowMeasures(source: process.source)
    }

    /// Applies delivered events; returns once all are applied, held, dead-lettered or known as duplicates, durably.
    ///
    /// Throws only failures that are worth another try of the same events. Returns those that this version cannot even
    /// dead-letter, because what is stored of their subject cannot be read; nothing has changed for them.
    public func handle(_ events: [CaseEvent]) async throws(StoreFailure) -> [(event: CaseEvent, reason: String)] {
        let results = try await inHalves(events) { events async throws(StoreFailure) in
            try await receive(events)
            return Array(repeating: (), count: events.count)
        }
        var unreadable: [(event: CaseEvent, reason: String)] = []
        for (event, result) in zip(events, results) {
            guard case .failure = result, let failure = try await single(event) else { continue }
            unreadable.append((event, failure.reason))
        }
        return unreadable
    }

    /// Decides commands, all in one commit; the results come in the order of the requests.
    ///
    /// With `skipsLocked`, a command on a case that somebody else is working on is refused as `case-busy`. Throws only
    /// failures that are worth another try; a command that the database refuses for what is in it fails alone.
    ///
    /// - Parameter effects: What is stored besides, of no command: in the same commit, or in one of its own where the commands need several.
    ///   What the database refuses of it is thrown; after any failure it may be stored or not.
    public func perform(
        _ requests: [Request<Process.Command>], skipsLocked: Bool = false, storing effects: [Process.Effect] = []
    ) async throws(StoreFailure) -> [Result<Answer, StoreFailure>] {
        var isStored = effects.isEmpty
        let results = try await inHalves(requests) { part async throws(StoreFailure) in
            let isWhole = part.count == requests.count
            let answers = try await decide(part, skipsLocked: skipsLocked, storing: isWhole ? effects : [])
            if isWhole { isStored = true }
            return answers
        }
        if !isStored { _ = try await decide([], skipsLocked: skipsLocked, storing: effects) }
        return results
    }

    /// Applies the held events of `subjects` that have become ready; says how many, and why some subjects cannot be read.
    public func release(_ subjects: [Subject]) async throws(StoreFailure) -> (count: Int, failures: [StoreFailure]) {
        let results = try await inHalves(subjects) { subjects async throws(StoreFailure) in
            [try await release(subjects, atMost: .max)] + Array(repeating: 0, count: subjects.count - 1)
        }
        var (count, failures) = (0, [StoreFailure]())
        for (subject, result) in zip(subjects, results) {
            switch result {
            case .success(let released): count += released
            case .failure:
                let (released, failure) = try await oneByOne(subject)
                count += released
                if let failure { failures.append(failure) }
            }
        }
        return (count, failures)
    }

    /// Takes an event that failed together with what it releases, apart from that; why not even that is possible, if so.
    private func single(_ event: CaseEvent) async throws(StoreFailure) -> StoreFailure? {
        if let fault = try await attempt({ () async throws(StoreFailure) in try await receive([event], releasing: false) }) {
            return try await attempt { () async throws(StoreFailure) in
                try await receive([event], fault: fault.reason, releasing: false)
            }
        }
        return try await oneByOne(event.subject).failure
    }

    /// Applies the held events of a subject each in a commit of its own, so that the one that fails is the one that dies.
    private func oneByOne(_ subject: Subject) async throws(StoreFailure) -> (count: Int, failure: StoreFailure?) {
        var total = 0
        while true {
            var count = 0
            let fault = try await attempt { () async throws(StoreFailure) in count = try await release([subject], atMost: 1) }
            if let fault {
                let failure = try await attempt { () async throws(StoreFailure) in
                    count = try await release([subject], atMost: 1, fault: fault.reason)
                }
                if let failure { return (total, failure) }
            }
            total += count
            if count == 0 { return (total, nil) }
        }
    }

    /// Does `work`; a failure that another try cannot mend is returned.
    private func attempt(_ work: () async throws(StoreFailure) -> Void) async throws(StoreFailure) -> StoreFailure? {
        do throws(StoreFailure) { try await work() } catch {
            if error.isRetryable { throw error }
            return error
        }
        return nil
    }

    /// Does `work` on all items together; what fails for what is in it, on its halves, down to the single items that fail.
    private func inHalves<Item, R>(
        _ items: [Item], _ work: ([Item]) async throws(StoreFailure) -> [R]
    ) async throws(StoreFailure) -> [Result<R, StoreFailure>] {
        if items.isEmpty { return [] }
        do throws(StoreFailure) { return try await work(items).map { .success($0) } } catch {
            if error.isRetryable { throw error }
            if items.count == 1 { return [.failure(error)] }
            let middle = items.count / 2
            let first = try await inHalves(Array(items[..<middle]), work)
            return first + (try await inHalves(Array(items[middle...]), work))
        }
    }

    private func decide(
        _ requests: [Request<Process.Command>], skipsLocked: Bool, storing effects: [Process.Effect]
    ) async throws(StoreFailure) -> [Answer] {
        var scope = WorkScope(subjects: requests.map(\.subject), skipsLocked: skipsLocked)
        // What nobody waits for must be told from what nobody holds.
        if !skipsLocked { scope.named = Set(requests.filter(\.isFirst).map(\.subject)) }
        for request in requests {
            scope.claims += request.claims
            if let key = request.idempotency?.key { scope.claims.append(key) }
        }
        let (done, outbox) = try await store.work(scope) { loaded in
            var plan = BatchPlan(process: self.process, loaded: loaded, identifiers: self.makeIdentifiers())
            let answers = requests.map { plan.perform($0) }
            let (tally, begun) = (plan.tally, plan.begun)
            var changes = plan.finish()
            changes.effects += effects
            return (changes, (answers: answers, tally: tally, begun: begun))
        }
        measures.record(done.tally)
        pace?.began(done.begun)
        await committed(outbox)
        return done.answers
    }

    /// A plan that gives `command` to every case that was loaded.
    func plan(
        _ command: Process.Command, for loaded: Loaded<Process.State>
    ) -> (changes: Changes<Process.State, Process.Effect>, result: (answers: [(subject: Subject, answer: Answer)], tally: WorkTally)) {
        var plan = BatchPlan(process: process, loaded: loaded, identifiers: makeIdentifiers())
        let answers = plan.subjectsAtHand.map { ($0, plan.perform(Request(subject: $0, command: command))) }
        let tally = plan.tally
        return (plan.finish(), (answers, tally))
    }

    /// Counts a commit, and hands over its outbox rows.
    func handOver(_ rows: [OutboxRow], _ tally: WorkTally) async {
        measures.record(tally)
        await committed(rows)
    }

    private func release(_ subjects: [Subject], atMost limit: Int, fault: String? = nil) async throws(StoreFailure) -> Int {
        let (done, outbox) = try await store.work(WorkScope(subjects: subjects)) { loaded in
            var plan = BatchPlan(process: self.process, loaded: loaded, identifiers: self.makeIdentifiers())
            let count = plan.subjectsAtHand.reduce(0) { $0 + plan.release($1, atMost: limit, fault: fault) }
            let tally = plan.tally
            return (plan.finish(), (count: count, tally: tally))
        }
        measures.record(done.tally)
        await committed(outbox)
        return done.count
    }

    private func receive(_ events: [CaseEvent], fault: String? = nil, releasing: Bool = true) async throws(StoreFailure) {
        let scope = WorkScope(
            subjects: events.map(\.subject), named: Set(events.filter(\.isFirst).map(\.subject)), counties: Set(events.map(\.county)),
            heard: events.map(\.time).max())
        let (tally, outbox) = try await store.work(scope) { loaded in
            var plan = BatchPlan(process: self.process, loaded: loaded, identifiers: self.makeIdentifiers())
            for event in events { plan.receive(event, fault: fault, releasing: releasing) }
            let tally = plan.tally
            return (plan.finish(), tally)
        }
        measures.record(tally)
        pace?.heard(events)
        await committed(outbox)
    }
}

extension CaseEvent {
    /// Whether nothing was stated of its subject before it, as far as its source knew.
    fileprivate var isFirst: Bool { sequence == 1 && after == SourcePositions() }
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
