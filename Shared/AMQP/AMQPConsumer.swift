import Logging
import SocketLoop

/// Receives the messages of one queue over a connection of its own.
///
/// A delivery stays with the broker until it is acknowledged: what was taken over a connection that broke is delivered
/// again. It connects by itself, again after every loss, with growing pauses.
public actor AMQPConsumer {
    private nonisolated let loop: SocketLoop
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let configuration: AMQPConfiguration
    private let topology: AMQPTopology
    private let queue: String
    private let prefetch: Int
    private let logger: Logger
    private var link: Link?
    private var epoch: UInt64 = 0
    private var buffer: [(tag: UInt64, body: [UInt8])] = []
    private var waiting: CheckedContinuation<Void, Never>?
    private var closed = false

    public init(_ configuration: AMQPConfiguration, topology: AMQPTopology, queue: String, prefetch: Int, logger: Logger) {
        self.configuration = configuration
        self.topology = topology
        self.queue = queue
        self.prefetch = prefetch
        self.logger = logger
        loop = SocketLoop(name: "amqp-consume")
    }

    public var isConnected: Bool { link != nil }

    /// Keeps a connection and a subscription until the task is cancelled or `close()` is called.
    public func run() async {
        var pause = ConnectPause()
        while !closed, !Task.isCancelled {
            do throws(AMQPError) {
                let fresh = try connect(configuration, attempt: pause.attempts)
                try fresh.declare(topology)
                epoch += 1
                // RabbitMQ 3.10 may lose deliveries when a consumer tag is used again.
                try fresh.consume(
                    queue, prefetch: prefetch, tag: "\(configuration.connectionName)-\(epoch)-\(UInt32.random(in: 0...UInt32.max))")
                link = fresh
                pause = ConnectPause()
                logger.info("consuming", metadata: ["queue": "\(queue)"])
                try await pump(fresh)
            } catch {
                drop()
                if closed || Task.isCancelled { break }
                logger.warning("the broker is away; connecting again", metadata: ["reason": "\(error)", "queue": "\(queue)"])
                await loop.sleep(until: .now + pause.next())
            }
        }
        closed = true
        drop()
    }

    /// Waits for deliveries: at least one, then what arrives within `gathering`, at most `limit`.
    public func next(atMost limit: Int, gathering: Duration) async throws(AMQPError) -> AMQPBatch {
        while buffer.isEmpty {
            if closed || Task.isCancelled { throw AMQPError(.closed, "the consumer was closed") }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    if Task.isCancelled || closed || !buffer.isEmpty { continuation.resume() } else { waiting = continuation }
                }
            } onCancel: {
                Task { await self.wake() }
            }
        }
        if buffer.count < limit { await loop.sleep(until: .now + gathering) }
        if buffer.isEmpty { throw AMQPError(.connectionLost, "the connection to RabbitMQ broke") }
        var batch = AMQPBatch()
        batch.epoch = epoch
        for delivery in buffer.prefix(limit) {
            batch.bodies.append(delivery.body)
            batch.lastTag = delivery.tag
        }
        buffer.removeFirst(batch.bodies.count)
        return batch
    }

    /// Acknowledges everything up to the last delivery of `batch`.
    public func acknowledge(_ batch: AMQPBatch) throws(AMQPError) {
        guard batch.epoch == epoch, let link else {
            throw AMQPError(.stale, "the deliveries came over a connection that is gone; they come again")
        }
        do throws(AMQPError) { try link.acknowledge(upTo: batch.lastTag) } catch {
            drop()
            throw error
        }
    }

    /// Says goodbye to the broker, which takes back what is not acknowledged.
    public func close() {
        closed = true
        link?.close()
        drop()
        loop.shutdown()
    }

    private func pump(_ link: Link) async throws(AMQPError) {
        while !closed, !Task.isCancelled {
            while let incoming = try link.receive() {
                if case .delivery(let tag, let body) = incoming { buffer.append((tag, body)) }
            }
            if !buffer.isEmpty { wake() }
            _ = await loop.wait(for: .readable, on: link.descriptor, until: .now + configuration.heartbeat / 4)
            if self.link !== link { throw AMQPError(.connectionLost, "the connection to RabbitMQ broke") }
        }
    }

    private func drop() {
        if let link { loop.interrupt(link.descriptor) }
        link = nil
        buffer = []
        wake()
    }

    private func wake() {
        waiting?.resume()
        waiting = nil
    }
}
