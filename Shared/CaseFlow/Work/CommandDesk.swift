import Models

/// Combines the commands that arrive at the same time into one commit.
///
/// A command that finds the desk idle is worked on at once; those that arrive while commits are under way wait for the
/// next and share it. So a quiet house answers as fast as the database commits, and a busy one pays one commit for many.
/// Those that begin cases are held back while the worker's `Pace` says so, unless they have become many; the others pass them.
public actor CommandDesk<Process: CaseProcess, Store: CaseStore>
where Store.State == Process.State, Store.Effect == Process.Effect {
    private struct Waiting {
        let request: Request<Process.Command>
        let continuation: CheckedContinuation<Result<Answer, StoreFailure>, Never>
    }

    private let worker: CaseWorker<Process, Store>
    /// So many commands stand in one commit at most.
    private let largestBatch = 64
    /// So many commits are under way at the same time.
    private let lanes = 2
    /// So many commands that wait are worth a second commit beside the one that is under way.
    private let worthALane = 16
    private let longestQueue = 4096
    /// So many commands that begin cases are not held back any more: those behind them would be refused.
    private let mostHeld = 1024
    private var waiting: [Waiting] = []
    /// Those that begin cases.
    private var beginning: [Waiting] = []
    private var busyLanes = 0
    /// Whether those that begin cases wait for the pace.
    private(set) var isHolding = false
    /// Whether the next commit may begin cases however far the others are, since those have waited.
    private var isLet = false

    public init(worker: CaseWorker<Process, Store>) { self.worker = worker }

    /// Puts a command before its case and returns the answer once it is durable.
    public func submit(_ request: Request<Process.Command>) async throws(StoreFailure) -> Answer {
        if waiting.count + beginning.count >= longestQueue {
            return .refused(
                Refusal(
                    .unavailable, rule: "too-many-commands", sentence: "more commands are waiting than can be answered in time; ask again"))
        }
        let result = await withCheckedContinuation { continuation in
            let one = Waiting(request: request, continuation: continuation)
            if request.isFirst { beginning.append(one) } else { waiting.append(one) }
            startLane()
        }
        return try result.get()
    }

    private func startLane() {
        let count = waiting.count + (mayBegin ? beginning.count : 0)
        guard count > 0, busyLanes < lanes, busyLanes == 0 || count >= worthALane else { return }
        busyLanes += 1
        Task { await runLane() }
    }

    private func runLane() async {
        // Commands that became runnable together are let in before the first commit is planned.
        await Task.yield()
        while let batch = next() { await settle(batch) }
        busyLanes -= 1
    }

    private var mayBegin: Bool { !isHolding || beginning.count >= mostHeld }

    /// The commands of the next commit, of both sorts where both wait; nil when there are none, or none but those that are held back.
    private func next() -> [Waiting]? {
        if !isHolding, !isLet, !beginning.isEmpty, let pace = worker.pace, pace.isAhead { holdBack(pace) }
        isLet = false
        let begins = mayBegin ? beginning.count : 0
        let others = min(waiting.count, largestBatch - min(begins, largestBatch / 2))
        let batch = waiting.prefix(others) + beginning.prefix(min(begins, largestBatch - others))
        waiting.removeFirst(others)
        beginning.removeFirst(batch.count - others)
        return batch.isEmpty ? nil : Array(batch)
    }

    /// Holds those that begin cases back until the pace has waited; then one commit of them goes, however far the others are.
    private func holdBack(_ pace: Pace) {
        isHolding = true
        Task {
            await pace.wait()
            (isHolding, isLet) = (false, true)
            startLane()
        }
    }

    private func settle(_ batch: [Waiting], isRepeated: Bool = false) async {
        do throws(StoreFailure) {
            let results = try await worker.perform(batch.map(\.request))
            for (waiting, result) in zip(batch, results) { waiting.continuation.resume(returning: result) }
        } catch {
            // A connection that broke, for example, is another one at the second try.
            if !isRepeated { return await settle(batch, isRepeated: true) }
            for waiting in batch { waiting.continuation.resume(returning: .failure(error)) }
        }
    }
}
