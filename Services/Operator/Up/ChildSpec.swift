import PrivateServers

/// One process that the house consists of: how it is launched, when it counts as ready and how long it may take.
struct ChildSpec: Sendable {
    /// `postgresql`, `rabbitmq`, `intake`, `routing-2` …; names its log, its pid file and its lines.
    let name: String
    /// Prepares and describes a launch; asked anew before every launch.
    ///
    /// Throws a sentence.
    let plan: @Sendable () async throws -> LaunchPlan
    /// The address it serves on once it is ready, nil while it is not.
    let address: @Sendable () async -> String?
    /// How long it may take from the launch to readiness before it is stopped and tried again.
    var readyLimit: Duration = .seconds(60)
    /// How long it may take from the stop signal to its end before it is killed.
    var stopLimit: Duration = .seconds(10)
    /// How many ends before its first readiness make `up` give up.
    var attempts = 3
}
