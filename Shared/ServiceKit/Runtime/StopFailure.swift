/// A stop that took longer than its limit, so that a part was cancelled in the middle of its work.
struct StopFailure: LoggableError, CustomStringConvertible {
    let limit: Duration

    var description: String {
        "the service did not stop within \(limit) and was cut off; uncommitted work will be delivered again. "
            + "Set HUIYIN_SHUTDOWN_LIMIT higher if it needs longer."
    }
    var logDescription: String { description }
}
