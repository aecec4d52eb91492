import Logging
import SocketLoop

/// Receives the messages of one queue over a connection of its own.
///
/// **What can be lost:** nothing: a delivery stays with the broker until it is acknowledged. **What repeats:** what was
/// taken over a connection that broke is delivered again. **Who retries:** the connection comes back by itself, with
/// growing pauses; `next` waits for it.
public actor AMQPConsumer {
    private nonisolated let loop = SocketLoop(name: "amqp-consume")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// A call of `next` that waits.
    private struct Waiter {
        let id: UInt64
        let limit: Int
        let gathering: Duration
        /// When it has gathered for long enough; nil until the first delivery is there.
        var gathered: ContinuousClock.Instant?
        let continuation: CheckedContinuation<Result<AMQPBatch, AMQPError>, Never>
    }

    private struct Delivery {
        let tag: UInt64
        let body: [UInt8]
        /// Until when it waits for others; nil when it waits for none.
        let ripe: ContinuousClock.Instant?
    }

    private let configuration: AMQPConfiguration
    private let topology: AMQPTopology
    private let queue: String
    private let prefetch: Int
    private let patience: [String: Duration]
    private let logger: Logger
    private var link: Link?
    /// Counts the connections: a delivery's tag means something on its own connection only.
    private var epoch: UInt64 = 0
    private var buffer: ArraySlice<Delivery> = []
    /// How many bytes are in the buffer.
    private var buffered = 0
    private var acknowledgements = AckOrder()
    private var waiters: [Waiter] = []
    private var lastWaiter: UInt64 = 0
    private var isResting = false
    private var isRunning = false
    /// Whether `close()` was called.
    public private(set) var isClosed = false
    private var closers: [CheckedContinuation<Void, Never>] = []

    /// Makes a consumer of `queue`; it is connected once `run()` is called.
    ///
    /// - Parameters:
    ///   - prefetch: How many deliveries the broker hands over before the first is acknowledged, 1 to 65 535.
    ///   - patience: How long a delivery waits for others, by its routing key; one whose key is not named waits for none, and takes those
    ///     that wait with it.
    public init(
        _ configuration: AMQPConfiguration, topology: AMQPTopology, queue: String, prefetch: Int, patience: [String: Duration] = [:],
        logger: Logger
    ) {
        self.configuration = configuration
        self.topology = topology
        self.queue = queue
        self.prefetch = prefetch
        self.patience = patience
        self.logger = logger
    }

    deinit { loop.shutdown() }

    public var isConnected: Bool { link != nil }

    /// All deliveries from now on, in batches as `next` gathers them; under load each is gathered for up to `longest`.
    public nonisolated func batches(atMost limit: Int, gathering: Duration, longest: Duration = .zero) -> AMQPBatches {
        AMQPBatches(consumer: self, limit: limit, gathering: gathering, longestGathering: longest)
    }

    /// Waits for deliveries: at least one, then what arrives within `gathering`, at most `limit` and hardly more than half a mebibyte.
    ///
    /// When all that are there are patient, it waits for what else comes until one of them has waited for long enough.
    ///
    /// Throws only when the consumer is closed or the task cancelled; a lost connection is waited for.
    public func next(atMost limit: Int, gathering: Duration) async throws(AMQPError) -> AMQPBatch {
        if isClosed { throw Self.closed }
        let limit = max(1, limit)
        if waiters.isEmpty, isFull(limit) { return take(limit) }
        lastWaiter += 1
        let id = lastWaiter
        let answer: Result<AMQPBatch, AMQPError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { return continuation.resume(returning: .failure(Self.cancelled)) }
                waiters.append(Waiter(id: id, limit: limit, gathering: gathering, continuation: continuation))
                if !buffer.isEmpty { wake() }
            }
        } onCancel: {
            Task { await self.cancel(id) }
        }
        return try answer.get()
    }

    /// Tells the broker that `batch` is done with, so that it is not delivered again.
    ///
    /// Batches may be acknowledged in any order: the broker is told once all earlier ones are, too. Throws `.stale` for a
    /// batch of an earlier connection.
    public func acknowledge(_ batch: AMQPBatch) throws(AMQPError) {
        guard batch.epoch == epoch, let link else {
            throw AMQPError(.stale, "the deliveries came over a connection that is gone; they come again")
        }
        guard let tag = acknowledgements.finish(lastTag: batch.lastTag) else { return }
        do throws(AMQPError) { try link.acknowledge(upTo: tag) } catch {
            drop()
            throw error
        }
    }

    /// Gives everything that is not acknowledged back to the broker by ending the connection; another one is made.
    public func release() { drop() }

    /// Keeps a connection and a subscription until the task is cancelled or `close()` is called.
    public func run() async {
        guard !isRunning, !isClosed else { return }
        isRunning = true
        var pause = ConnectPause()
        while !isFinished {
            do throws(AMQPError) {
                let fresh = try connect(attempt: pause.attempts)
                pause = ConnectPause()
                try await serve(fresh)
            } catch {
                drop()
                logger.warning("the broker is away; connecting again", metadata: ["reason": "\(error)", "queue": "\(queue)"])
                let end = ContinuousClock.now + pause.next()
                while !isFinished, .now < end { await loop.sleep(until: end) }
            }
        }
        isClosed = true
        link?.close()
        drop()
        answerClosed()
        isRunning = false
        let waiting = closers
        closers = []
        for closer in waiting { closer.resume() }
    }

    /// Says goodbye to the broker, which takes back what is not acknowledged.
    public func close() async {
        isClosed = true
        wake()
        if isRunning { await withCheckedContinuation { closers.append($0) } } else { answerClosed() }
        loop.shutdown()
    }

    /// A batch takes no further delivery once it has so many bytes, so that a burst of large messages costs little memory.
    private static let largestBatch = 1 << 19
    private static let closed = AMQPError(.closed, "the consumer was closed")
    private static let cancelled = AMQPError(.cancelled, "the task that waited for deliveries was cancelled")

    private var isFinished: Bool { isClosed || Task.isCancelled }

    private func answerClosed() {
        let unanswered = waiters
        waiters = []
        for waiter in unanswered { waiter.continuation.resume(returning: .failure(Self.closed)) }
    }

    private func cancel(_ id: UInt64) {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return }
        waiters.remove(at: index).continuation.resume(returning: .failure(Self.cancelled))
    }

    private func wake() { if isResting || link == nil { loop.interrupt(link?.descriptor ?? -1) } }
}

extension AMQPConsumer {
    private func connect(attempt: Int) throws(AMQPError) -> Link {
        let fresh = try Link(configuration, attempt: attempt)
        try fresh.declare(topology)
        epoch += 1
        // RabbitMQ 3.10 may lose deliveries when a consumer tag is used again.
        try fresh.consume(
            queue, prefetch: prefetch, tag: "\(configuration.connectionName)-\(epoch)-\(UInt32.random(in: 0...UInt32.max))")
        link = fresh
        logger.info("consuming", metadata: ["queue": "\(queue)"])
        return fresh
    }

    /// Takes what has come, hands it out and rests until something happens.
    private func serve(_ link: Link) async throws(AMQPError) {
        while !isFinished {
            while let incoming = try link.receive() {
                if case .delivery(let tag, let routingKey, let body) = incoming {
                    buffer.append(Delivery(tag: tag, body: body, ripe: patience[routingKey].map { .now + $0 }))
                    buffered += body.count
                }
            }
            handOut()
            // Heartbeats are sent while reading only, so reading happens at least four times in each.
            var look = ContinuousClock.now + configuration.heartbeat / 4
            if let gathered = waiters.first?.gathered { look = min(look, max(gathered, ripe)) }
            isResting = true
            _ = await loop.wait(for: .readable, on: link.descriptor, until: look)
            isResting = false
            if self.link !== link { throw AMQPError(.connectionLost, "the connection to RabbitMQ was given up") }
        }
    }

    /// Answers those who wait, in the order in which they came, as far as deliveries go.
    private func handOut() {
        while let waiter = waiters.first, !buffer.isEmpty {
            if !isFull(waiter.limit) {
                let gathered = waiter.gathered ?? .now + waiter.gathering
                waiters[0].gathered = gathered
                if max(gathered, ripe) > .now { return }
            }
            waiters.removeFirst()
            waiter.continuation.resume(returning: .success(take(waiter.limit)))
        }
    }

    /// Until when the deliveries in the buffer wait for others.
    private var ripe: ContinuousClock.Instant {
        var least: ContinuousClock.Instant?
        for delivery in buffer {
            guard let ripe = delivery.ripe else { return .now }
            least = min(least ?? ripe, ripe)
        }
        return least ?? .now
    }

    /// Whether waiting would make the next batch no larger: it is as large as it may be, or the broker gives no more before one is
    /// acknowledged.
    private func isFull(_ limit: Int) -> Bool { buffer.count >= min(limit, prefetch) || buffered >= Self.largestBatch }

    /// The next batch; the buffer is not empty.
    private func take(_ limit: Int) -> AMQPBatch {
        var batch = AMQPBatch()
        batch.epoch = epoch
        var size = 0
        for delivery in buffer.prefix(limit) where size < Self.largestBatch {
            batch.bodies.append(delivery.body)
            batch.lastTag = delivery.tag
            size += delivery.body.count
        }
        buffer.removeFirst(batch.bodies.count)
        buffered -= size
        acknowledgements.handedOut(lastTag: batch.lastTag)
        return batch
    }

    private func drop() {
        if let link { loop.interrupt(link.descriptor) }
        link = nil
        buffer = []
        buffered = 0
        acknowledgements = AckOrder()
        for index in waiters.indices { waiters[index].gathered = nil }
    }
}
