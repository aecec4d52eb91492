import Logging
import ServiceLifecycle

/// The last part of every service: says that the service is ready, and, being stopped first, that it is stopping.
struct Announcement: Service {
    let parts: [Part]
    let last: Latch<Void>?
    let readyFile: ReadyFile?
    let logger: Logger
    let stopping: @Sendable () -> Void

    func run() async throws {
        readyFile?.remove()
        do {
            try await cancelWhenGracefulShutdown { try await announce() }
        } catch is CancellationError {
            // Stopped before it was ready.
        }
        if !Task.isShuttingDownGracefully { try? await gracefulShutdown() }
        stopping()
        readyFile?.remove()
        logger.info("service stopping")
    }

    private func announce() async throws {
        try await last?.value()
        var metadata: [LogKey: Logger.MetadataValue] = [.version: "\(Version.current)"]
        if let address = try await parts.lazy.compactMap(\.address).first?() {
            metadata[.address] = "\(address)"
            try readyFile?.write(address)
        }
        logger.info("service ready", metadata: .of(metadata))
    }
}
