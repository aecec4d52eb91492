import Logging
import ServiceLifecycle
import UnixSignals

/// The parts of one service: started in order, stopped in reverse on SIGTERM or SIGINT.
struct PartGroup {
    let parts: [Part]
    let logger: Logger
    var readyFile: ReadyFile?
    var shutdownLimit: Duration = .seconds(20)
    var signals: [UnixSignal] = []
    /// Called once a stop begins, wanted or not.
    var stopping: @Sendable () -> Void = {}

    /// Runs until a signal or a graceful shutdown.
    ///
    /// Throws when a part could not start or stopped by itself, and `StopFailure` when the stop had to cancel a part.
    func run() async throws {
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = []
        var previous: Latch<Void>?
        for part in parts {
            let started = Latch<Void>()
            let runner = PartRunner(part: part, previous: previous, started: started, failing: stopping)
            services.append(Self.entry(runner, part.name))
            previous = started
        }
        services.append(
            Self.entry(
                Announcement(parts: parts, last: previous, readyFile: readyFile, logger: logger, stopping: stopping), "announcement"))
        var quietLogger = logger
        quietLogger.logLevel = max(logger.logLevel, .warning)
        var configuration = ServiceGroupConfiguration(services: services, gracefulShutdownSignals: signals, logger: quietLogger)
        configuration.maximumGracefulShutdownDuration = shutdownLimit
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch is CancellationError where !Task.isCancelled {
            throw StopFailure(limit: shutdownLimit)
        }
    }

    private static func entry(_ service: any Service, _ name: String) -> ServiceGroupConfiguration.ServiceConfiguration {
        .init(service: service, serviceName: name)
    }
}
