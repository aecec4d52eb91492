import Logging
import SocketLoop

/// Publishes persistent messages over a connection of its own and waits for the broker's confirms.
///
/// **What can be lost:** nothing that was confirmed, as long as the queues it went to keep their promise. **What repeats:**
/// when `publish` throws, any of its messages may or may not have arrived. **Who retries:** the connection comes back by
/// itself, with growing pauses; a call that failed is the caller's to repeat.
///
/// While there is no connection, `publish` fails: at once, or after the seconds that an attempt to connect takes, since connecting keeps
/// the actor busy. While the broker blocks publishers (its memory or disk is short), `publish` waits.
public actor AMQPPublisher {
    private nonisolated let loop = SocketLoop(name: "amqp-publish")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let configuration: AMQPConfiguration
    private let topology: AMQPTopology
    private let witness: BrokerWitness?
    private let logger: Logger
    private var link: Link?
    private var ledger = ConfirmLedger()
    private var calls = PublishCalls()
    private var lastCall: UInt64 = 0
    /// The last moment at which the broker showed that it works on what is in flight, or had nothing to work on.
    private var lastProgress = ContinuousClock.now
    /// Whether `run()` waits for the socket, so that a new call must wake it.
    private var isResting = false
    private var isRunning = false
    private var closeDeadline: ContinuousClock.Instant?
    private var closers: [CheckedContinuation<Void, Never>] = []

    /// Whether the broker has asked publishers to wait, because its memory or disk is short.
    public private(set) var isBlocked = false

    public init(_ configuration: AMQPConfiguration, topology: AMQPTopology, witness: BrokerWitness? = nil, logger: Logger) {
        self.configuration = configuration
        self.topology = topology
        self.witness = witness
        self.logger = logger
    }

    deinit { loop.shutdown() }

    public var isConnected: Bool { link != nil }

    /// How many messages the broker has not answered yet.
    public var unconfirmed: Int { ledger.open }

    /// Publishes `messages` and returns what became of each, once the broker has taken or refused all of them.
    ///
    /// Calls may overlap: they share the window of what may be unconfirmed at the same time.
    public func publish(_ messages: [AMQPMessage]) async throws(AMQPError) -> [PublishResult] {
        if messages.isEmpty { return [] }
        for message in messages {
            if let flaw = message.flaw { throw AMQPError(.message, "a message cannot be published: \(flaw)") }
        }
        if closeDeadline != nil { throw Self.closed }
        if link == nil { throw AMQPError(.notConnected, "there is no connection to RabbitMQ now") }
        lastCall += 1
        let call = lastCall
        let answer: PublishCalls.Answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { return continuation.resume(returning: .failure(Self.cancelled)) }
                calls.add(call, messages, continuation)
                wake()
            }
        } onCancel: {
            Task { await self.cancel(call) }
        }
        return try answer.get()
    }

    /// Keeps a connection until the task is cancelled or `close()` has finished.
    public func run() async {
        guard !isRunning, closeDeadline == nil else { return }
        isRunning = true
        var pause = ConnectPause()
        while !isFinished {
            do throws(AMQPError) {
                let fresh = try await connect(attempt: pause.attempts)
                pause = ConnectPause()
                try await serve(fresh)
            } catch {
                lose(error)
                let end = ContinuousClock.now + pause.next()
                while !isFinished, .now < end { await loop.sleep(until: end) }
            }
        }
        closeDeadline = closeDeadline ?? .now
        link?.close()
        link = nil
        calls.failAll(Self.closed)
        isRunning = false
        let waiting = closers
        closers = []
        for closer in waiting { closer.resume() }
    }

    /// Takes no more calls, waits for those under way up to the configured limit, and says goodbye to the broker.
    public func close() async {
        closeDeadline = closeDeadline ?? .now + configuration.closeTimeout
        wake()
        if isRunning { await withCheckedContinuation { closers.append($0) } }
        loop.shutdown()
    }

    private static let closed = AMQPError(.closed, "the publisher was closed")
    private static let cancelled = AMQPError(.cancelled, "the task that published was cancelled")

    private func cancel(_ call: UInt64) { calls.fail(call, Self.cancelled) }

    private func wake() { if isResting || link == nil { loop.interrupt(link?.descriptor ?? -1) } }
}

extension AMQPPublisher {
    /// Whether there is nothing left to wait for; a cancelled task waits for nothing.
    private var isFinished: Bool {
        if Task.isCancelled { return true }
        guard let closeDeadline else { return false }
        return calls.isEmpty || closeDeadline <= .now
    }

    private func connect(attempt: Int) async throws(AMQPError) -> Link {
        try await restoreIfEmptied(attempt: attempt)
        let fresh = try Link(configuration, attempt: attempt)
        try fresh.declare(topology)
        if let witness { try fresh.declare(AMQPTopology(exchanges: [.init(witness.exchange, .fanout)])) }
        try fresh.selectConfirms()
        link = fresh
        isBlocked = false
        lastProgress = .now
        logger.info("connected to the broker", metadata: ["connection": "\(configuration.connectionName)"])
        return fresh
    }

    /// Lets the owner restore what a broker without the witness has lost; the witness is declared only after that.
    private func restoreIfEmptied(attempt: Int) async throws(AMQPError) {
        guard let witness else { return }
        let link = try Link(configuration, attempt: attempt)
        let isThere = try link.hasExchange(witness.exchange)
        link.close()
        if isThere { return }
        logger.notice("the broker is new or was emptied", metadata: ["connection": "\(configuration.connectionName)"])
        do { try await witness.restore() } catch {
            throw AMQPError(.connectionLost, "what the broker has lost cannot be restored now: \(error)")
        }
    }

    /// Takes what has come, sends what waits and rests until something happens; until the connection fails or all is done.
    private func serve(_ link: Link) async throws(AMQPError) {
        while !isFinished {
            // Reading comes first: it shows a broker that is gone before a write could block on it.
            try drain(link)
            let isStalled = try send(link)
            try checkProgress()
            if isFinished { return }
            isResting = true
            _ = await loop.wait(for: isStalled ? .both : .readable, on: link.descriptor, until: nextLook)
            isResting = false
        }
    }

    /// When to look again even if nothing happens: a heartbeat may be due, or somebody's time be over.
    private var nextLook: ContinuousClock.Instant {
        var next = ContinuousClock.now + configuration.heartbeat / 4
        if ledger.open > 0, !isBlocked { next = min(next, lastProgress + configuration.confirmTimeout) }
        if let closeDeadline { next = min(next, closeDeadline) }
        return next
    }

    private func drain(_ link: Link) throws(AMQPError) {
        while let incoming = try link.receive() {
            switch incoming {
            case .ack(let tag, let multiple, let confirmed):
                lastProgress = .now
                for (ticket, result) in ledger.settle(tag, multiple: multiple, confirmed: confirmed) { calls.settle(ticket, result) }
            case .returned(let id, let reason):
                if let tag = UInt64(id) { ledger.returned(tag, reason: reason) }
            case .blocked(let flag):
                isBlocked = flag
                lastProgress = .now
                link.waitsForever = flag
                logger.warning(
                    "the broker \(flag ? "blocks" : "takes messages again")", metadata: ["connection": "\(configuration.connectionName)"])
            case .delivery: break
            }
        }
    }

    /// Sends what the window, the broker and the socket allow; true when the socket must take bytes before more can go.
    ///
    /// `amqp_basic_publish` blocks the thread while the socket is full, so the socket is asked before every 32 KiB: only a
    /// body larger than the socket's buffer can make the thread wait.
    private func send(_ link: Link) throws(AMQPError) -> Bool {
        var allowance = 0
        while !isBlocked, let (ticket, message) = calls.next(), hasRoom(for: message.body.count) {
            if allowance <= 0 {
                guard link.isWritable else { return true }
                allowance = 32_768
            }
            allowance -= message.body.count + 256
            if ledger.open == 0 { lastProgress = .now }
            // Noted before it is sent: a send that fails half-way may have arrived.
            let tag = ledger.nextTag
            calls.markSent(ticket)
            ledger.published(ticket, size: message.body.count)
            try link.publish(message, id: "\(tag)")
        }
        return false
    }

    /// A body larger than the whole window goes alone.
    private func hasRoom(for size: Int) -> Bool {
        ledger.open == 0
            || ledger.open < configuration.publishWindow && ledger.openBytes + size <= configuration.publishWindowBytes
    }

    private func checkProgress() throws(AMQPError) {
        guard ledger.open > 0, !isBlocked, lastProgress + configuration.confirmTimeout <= .now else { return }
        throw AMQPError(
            .connectionLost,
            "RabbitMQ has confirmed nothing for \(configuration.confirmTimeout.components.seconds) seconds: "
                + "see whether a quorum queue lacks most of its members")
    }

    private func lose(_ error: AMQPError) {
        link = nil
        isBlocked = false
        ledger.reset()
        // Whatever the reason, the same call can succeed over the next connection.
        calls.failAll(AMQPError(.connectionLost, error.message, replyCode: error.replyCode))
        logger.warning("the broker is away; connecting again", metadata: ["reason": "\(error)"])
    }
}
