import Logging
import Models

/// Looks for held events that became ready without a delivery: replayed by the operator, or waiting for a county
/// version that has come meanwhile.
public struct HeldSweep<Process: CaseProcess, Store: CaseStore>: Sendable
where Store.State == Process.State, Store.Effect == Process.Effect {
    private let worker: CaseWorker<Process, Store>
    private let logger: Logger

    public init(worker: CaseWorker<Process, Store>, logger: Logger) {
        self.worker = worker
        self.logger = logger
    }

    /// Releases up to 256 subjects; says how many it looked at.
    public func once() async throws(StoreFailure) -> Int {
        let subjects = try await worker.store.releasable(limit: 256)
        for failure in try await worker.release(subjects) {
            logger.error("what is stored of a case cannot be read by this version", metadata: ["reason": "\(failure)"])
        }
        return subjects.count
    }

    /// Sweeps each second until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            do throws(StoreFailure) {
                if try await once() == 256 { continue }
            } catch {
                logger.debug("held events cannot be read now", metadata: ["reason": "\(error)"])
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }
}
