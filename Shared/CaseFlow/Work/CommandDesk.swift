import Models

/// Combines the commands that arrive at the same time into one commit.
///
/// A command that finds the desk idle is worked on at once; those that arrive while commits are under way wait for the
/// next and share it. So a quiet house answers as fast as the database commits, and a busy one pays one commit for many.
/// Those that begin cases wait for those who take up the cases of before, as the worker's pace says.
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
    private var waiting: [Waiting] = []
    private var busyLanes = 0

    public init(worker: CaseWorker<Process, Store>) { self.worker = worker }

    /// Puts a command before its case and returns the answer once it is durable.
    public func submit(_ request: Request<Process.Command>) async throws(StoreFailure) -> Answer {
        if waiting.count >= longestQueue {
            return .refused(
                Refusal(
                    .unavailable, rule: "too-many-commands", sentence: "more commands are waiting than can be answered in time; ask again"))
        }
        let result = await withCheckedContinuation { continuation in
            waiting.append(Waiting(request: request, continuation: continuation))
            startLane()
        }
        return try result.get()
    }

    private func startLane() {
        guard busyLanes < lanes, busyLanes == 0 || waiting.count >= worthALane else { return }
        busyLanes += 1
        Task { await runLane() }
    }

    private func runLane() async {
        // Commands that became runnable together are let in before the first commit is planned.
        await Task.yield()
        while !waiting.isEmpty {
            if waiting.prefix(largestBatch).contains(where: \.request.isFirst) { await worker.pace?.wait() }
            let batch = Array(waiting.prefix(largestBatch))
            waiting.removeFirst(batch.count)
            await settle(batch)
        }
        busyLanes -= 1
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
