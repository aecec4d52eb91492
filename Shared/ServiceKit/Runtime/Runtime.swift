import CoreMetrics
import Glibc
import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

/// Runs a service from its configuration to its end.
///
/// An executable is one call that lists the parts in dependency order:
///
///     await Runtime.run(.intake) { context in
///         let pool = …
///         let http = ServiceHTTP(context, checks: […]) { router in … }
///         return [Part("database", pool, ready: …), …, Part(http)]
///     }
///
/// **What can be lost:** nothing that was committed. A stop, wanted or not, leaves uncommitted work to be delivered again.
/// **What repeats:** requests whose answer the client did not get, under the same idempotency key. **Who retries:** a
/// supervisor starts the program again; it ends with 0 after a wanted stop and with 1 otherwise, after one sentence that says
/// why. A part that cannot reach its server while the service runs retries by itself and does not end the service.
public enum Runtime {
    /// Reads the configuration, assembles, runs until SIGTERM or SIGINT, and ends the process.
    ///
    /// Everything thrown before the service is ready becomes one sentence on standard error, and the process ends with 1.
    public static func run(_ service: ServiceName, assemble: (RuntimeContext) async throws -> [Part]) async -> Never {
        // A peer that closes its socket must be an error of the write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        limitThreads()
        Heap.limit()
        FileLimit.raise()
        var logger: Logger?
        do {
            let configuration = try ServiceConfiguration(for: service)
            let context = bootstrap(configuration)
            logger = context.logger
            let shutdownLimit = configuration.shutdownLimit
            let group = PartGroup(
                parts: try await assemble(context), logger: context.logger, readyFile: configuration.readyFile.map(ReadyFile.init),
                shutdownLimit: shutdownLimit, signals: [.sigterm, .sigint], stopping: { StopLimit.arm(shutdownLimit) })
            try await group.run()
            context.logger.info("service stopped")
            exit(0)
        } catch let failure as PartFailure where !failure.duringStart {
            logger?.critical("service failed", metadata: .of([.part: "\(failure.part)", .error: "\(failure.reason)"]))
            _exit(1)
        } catch {
            let sentence = "\(service.executable): \(sentence(for: error))\n"
            LogOutput.standardError.write(Array(sentence.utf8))
            // Not exit(3): parts may still be running, and nothing may be torn down under them.
            _exit(1)
        }
    }

    /// Keeps the network threads few on large machines: four carry far more than one service is asked, and each costs memory.
    ///
    /// `NIO_SINGLETON_GROUP_LOOP_COUNT` overrides it.
    private static func limitThreads() {
        guard getenv("NIO_SINGLETON_GROUP_LOOP_COUNT") == nil else { return }
        NIOSingletons.groupLoopCountSuggestion = min(System.coreCount, 4)
    }

    /// Installs the process-wide backends of swift-log and swift-metrics.
    private static func bootstrap(_ configuration: ServiceConfiguration) -> RuntimeContext {
        LoggingSystem.bootstrapHuiyin(level: configuration.logLevel, format: configuration.logFormat)
        let metrics = MetricsRegistry()
        MetricsSystem.bootstrap(metrics)
        return RuntimeContext(configuration: configuration, logger: Logger(label: configuration.service.executable), metrics: metrics)
    }

    /// One line, whatever the error says.
    static func sentence(for error: any Error) -> String {
        let text = loggableDescription(of: error)
        guard !(error is any LoggableError) else { return text.split(whereSeparator: \.isNewline).joined(separator: " ") }
        return "an unexpected error of type \(text) ended the service: look at the log lines above for what led to it."
    }
}
