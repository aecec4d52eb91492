import Models

/// Combines the commands that arrive at the same time into one commit.
///
/// A command that finds the desk idle is worked on at once; those that arrive while commits are under way wait for the
/// next and share it. So a quiet house answers as fast as the database commits, and a busy one pays one commit for many.
public actor CommandDesk<Process: CaseProcess, Store: CaseStore>
where Store.State == Process.State, Store.Effect == Process.Effect {
    private struct Waiting {
        let request: Request<Process.Command>
        let continuation: CheckedContinuation<Result<Answer, StoreFailure>, Never>
    }

    private let worker: CaseWorker<Process, Store>
    private let largestBatch: Int
    private let lanes: Int
    private let longestQueue: Int
    /// So many commands that wait are worth a second commit beside the one that is under way.
    private let worthALane: Int
    private var waiting: [Waiting] = []
    private var busyLanes = 0

    /// Makes a desk whose commits hold at most `largestBatch` commands, `lanes` of them at the same time.
    public init(worker: CaseWorker<Process, Store>, largestBatch: Int = 64, lanes: Int = 2, longestQueue: Int = 4096) {
        self.worker = worker
        self.largestBatch = largestBatch
        self.lanes = lanes
        self.longestQueue = longestQueue
        worthALane = max(1, largestBatch / 4)
    }

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
            // Most often two commits wanted the same name at the same time; the second try finds it taken.
            if !isRepeated { return await settle(batch, isRepeated: true) }
            for waiting in batch { waiting.continuation.resume(returning: .failure(error)) }
        }
    }
}
