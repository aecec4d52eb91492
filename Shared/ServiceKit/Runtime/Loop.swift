import ServiceLifecycle

/// A part that works in a loop until it is stopped.
///
/// With `stop`, a graceful shutdown calls it and waits for the work to end by itself, so that what is in hand is finished;
/// without, the work's task is cancelled.
public struct Loop: Service {
    private let work: @Sendable () async -> Void
    private let stop: (@Sendable () async -> Void)?

    public init(_ work: @escaping @Sendable () async -> Void, stop: (@Sendable () async -> Void)? = nil) {
        self.work = work
        self.stop = stop
    }

    public func run() async throws {
        guard let stop else {
            await cancelWhenGracefulShutdown { await work() }
            return
        }
        await withGracefulShutdownHandler {
            await work()
        } onGracefulShutdown: {
            Task { await stop() }
        }
    }
}
