import Logging
import Metrics
import Models
import ServiceKit

/// Looks after what no courier sees: notices of ways that are set up no more, and how many have failed.
struct NoticeWatch: Sendable {
    let record: NoticeBook
    let routes: NoticeRoutes
    let logger: Logger

    /// Every few seconds, until the task is cancelled.
    func run() async {
        let failed = Gauge(label: "huiyin_notices_failed")
        while !Task.isCancelled {
            do {
                let adopted = try await record.adopt(by: routes)
                if adopted > 0 { logger.notice("notices of ways that are no more have another now", metadata: .of([.count: "\(adopted)"])) }
                failed.record(try await record.failures())
            } catch {
                if Task.isCancelled { return }
                logger.warning("notices cannot be looked after now", metadata: .of([.reason: "\(error)"]))
            }
            try? await Task.sleep(for: .seconds(5))
        }
    }
}
