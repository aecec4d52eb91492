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

    /// Looks at up to 256 subjects; says how many events it applied.
    public func once() async throws(StoreFailure) -> Int {
        let subjects = try await worker.store.releasable(limit: 256)
        let (count, failures) = try await worker.release(subjects)
        for failure in failures {
            logger.error("what is stored of a case cannot be read by this version", metadata: ["reason": "\(failure)"])
        }
        return count
    }

    /// Sweeps each second, and again at once while events become free, until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            do throws(StoreFailure) {
                if try await once() > 0 { continue }
            } catch {
                logger.debug("held events cannot be looked at now", metadata: ["reason": "\(error)"])
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }
}
