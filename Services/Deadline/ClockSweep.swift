import CaseFlow
import Logging
import Models
import Postgres

/// Fires rungs whose moment has come, the oldest first, with any number of replicas.
///
/// A sweep takes the cases that wait longest and that nobody else is working on; under their locks the process decides what is due, so no
/// rung fires twice. After an outage the backlog is worked off in the order of its moments.
public struct ClockSweep: Sendable {
    private let worker: CaseWorker<DeadlineProcess, PostgresStore<DeadlineTables>>
    private let client: PostgresClient
    private let logger: Logger
    private let limit = 256

    public init(worker: CaseWorker<DeadlineProcess, PostgresStore<DeadlineTables>>, logger: Logger) {
        self.worker = worker
        client = worker.store.client
        self.logger = logger
    }

    /// Works on up to 256 due cases; says how many it got and at how many of these something fired.
    public func once() async throws -> (found: Int, fired: Int) {
        let results = try await worker.perform(onDue: limit, .fire)
        var fired = 0
        for (subject, result) in results {
            switch result {
            case .success(.done): fired += 1
            case .success(.refused(let refusal)) where refusal.rule != "case-busy":
                logger.error("the rungs of a case cannot be fired", metadata: ["case": "\(subject)", "reason": "\(refusal)"])
            case .success: break
            case .failure(let failure):
                logger.error("the rungs of a case cannot be fired", metadata: ["case": "\(subject)", "reason": "\(failure)"])
            }
        }
        return (results.count, fired)
    }

    /// Sweeps until the task is cancelled: at once while there is a backlog, else at the next rung's moment, at least each second.
    public func run() async {
        var pause = Pause()
        while !Task.isCancelled {
            do {
                let (found, fired) = try await once()
                pause.reset()
                if found == limit, fired > 0 { continue }
                // What is due and cannot be fired is not asked for without a pause.
                try await Task.sleep(for: found > 0 && fired == 0 ? .seconds(1) : try await untilNext())
            } catch {
                if Task.isCancelled { return }
                let isPassing = (error as? StoreFailure)?.isRetryable ?? (error as? PostgresError)?.isRetryable ?? false
                logger.log(level: isPassing ? .debug : .error, "the clocks cannot be read now", metadata: ["reason": "\(error)"])
                await pause.wait()
            }
        }
    }

    /// The time until the next rung, between 20 milliseconds and one second: another replica may start an earlier clock.
    private func untilNext() async throws -> Duration {
        let seconds = try await client.run(DeadlineTables.untilNext).first?.optional(0, as: Double.self) ?? nil
        return .seconds(min(1, max(0.02, seconds ?? 1)))
    }
}
