import Logging
import SocketLoop

/// Publishes persistent messages over a connection of its own and waits for the broker's confirms.
///
/// It connects by itself, again after every loss, with growing pauses. While there is no connection, `publish` fails at
/// once: whoever publishes keeps the messages and tries again. While the broker blocks publishers (its memory or disk is
/// short), `publish` waits.
public actor AMQPPublisher {
    private nonisolated let loop: SocketLoop
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private struct Call {
        var results: [PublishResult?]
        var missing: Int
        var continuation: CheckedContinuation<Result<[PublishResult], AMQPError>, Never>?
    }

    private let configuration: AMQPConfiguration
    private let topology: AMQPTopology
    private let logger: Logger
    private var link: Link?
    private var ledger = ConfirmLedger()
    private var calls: [UInt64: Call] = [:]
    private var lastCall: UInt64 = 0
    private var isBlocked = false
    /// Calls that wait for room in the window, or for the broker to unblock.
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var closed = false

    /// How many messages may be unconfirmed at the same time.
    private let window = 1024

    public init(_ configuration: AMQPConfiguration, topology: AMQPTopology, logger: Logger) {
        self.configuration = configuration
        self.topology = topology
        self.logger = logger
        loop = SocketLoop(name: "amqp-publish")
    }

    public var isConnected: Bool { link != nil }

    /// Keeps a connection until the task is cancelled or `close()` is called.
    public func run() async {
        var pause = ConnectPause()
        while !closed, !Task.isCancelled {
            do throws(AMQPError) {
                let fresh = try connect(configuration, attempt: pause.attempts)
                try fresh.declare(topology)
                try fresh.selectConfirms()
                link = fresh
                isBlocked = false
                pause = ConnectPause()
                logger.info("connected to the broker", metadata: ["connection": "\(configuration.connectionName)"])
                try await pump(fresh)
            } catch {
                fail(error)
                if closed || Task.isCancelled { break }
                logger.warning("the broker is away; connecting again", metadata: ["reason": "\(error)"])
                await loop.sleep(until: .now + pause.next())
            }
        }
        fail(AMQPError(.closed, "the publisher was closed"))
    }

    /// Publishes `messages` and returns what became of each, once the broker has taken or refused all of them.
    public func publish(_ messages: [AMQPMessage]) async throws(AMQPError) -> [PublishResult] {
        if messages.isEmpty { return [] }
        lastCall += 1
        let call = lastCall
        calls[call] = Call(results: Array(repeating: nil, count: messages.count), missing: messages.count, continuation: nil)
        do throws(AMQPError) {
            try await send(messages, as: call)
        } catch {
            calls[call] = nil
            throw error
        }
        let result: Result<[PublishResult], AMQPError> = await withCheckedContinuation { continuation in
            guard let state = calls[call] else { return continuation.resume(returning: .failure(lost)) }
            if state.missing == 0 {
                calls[call] = nil
                continuation.resume(returning: .success(state.results.map { $0 ?? .refused }))
            } else {
                calls[call]?.continuation = continuation
            }
        }
        return try result.get()
    }

    /// Says goodbye to the broker; everything unconfirmed fails.
    public func close() {
        closed = true
        if let link { loop.interrupt(link.descriptor) }
        link?.close()
        fail(AMQPError(.closed, "the publisher was closed"))
        loop.shutdown()
    }

    private var lost: AMQPError { AMQPError(.connectionLost, "the connection to RabbitMQ broke before the confirm came") }

    private func send(_ messages: [AMQPMessage], as call: UInt64) async throws(AMQPError) {
        for (place, message) in messages.enumerated() {
            while link != nil, isBlocked || ledger.open >= window { await withCheckedContinuation { waiting.append($0) } }
            guard let link else {
                throw closed
                    ? AMQPError(.closed, "the publisher was closed") : AMQPError(.notConnected, "there is no connection to RabbitMQ now")
            }
            guard calls[call] != nil else { throw lost }
            do throws(AMQPError) {
                // Reading first shows a broker that is gone before a write could block on it.
                if place % 32 == 0 { try drain(link) }
                let tag = ledger.nextTag
                ledger.published(.init(call: call, place: place))
                try link.publish(message, id: "\(tag)")
            } catch {
                fail(error)
                throw error
            }
        }
    }

    private func pump(_ link: Link) async throws(AMQPError) {
        while !closed, !Task.isCancelled {
            try drain(link)
            // Heartbeats are sent while reading only, so reading happens at least four times in each.
            _ = await loop.wait(for: .readable, on: link.descriptor, until: .now + configuration.heartbeat / 4)
            if self.link !== link { throw lost }
        }
    }

    private func drain(_ link: Link) throws(AMQPError) {
        while let incoming = try link.receive() {
            switch incoming {
            case .ack(let tag, let multiple, let confirmed):
                for (ticket, result) in ledger.settle(tag, multiple: multiple, confirmed: confirmed) { settle(ticket, result) }
                if ledger.open < window, !isBlocked { wakeWaiting() }
            case .returned(let id, let reason):
                if let tag = UInt64(id) { ledger.returned(tag, reason: reason) }
            case .blocked(let flag):
                isBlocked = flag
                logger.warning(
                    "the broker \(flag ? "blocks" : "takes messages again")", metadata: ["connection": "\(configuration.connectionName)"])
                if !flag { wakeWaiting() }
            case .delivery: break
            }
        }
    }

    private func settle(_ ticket: ConfirmLedger.Ticket, _ result: PublishResult) {
        guard calls[ticket.call] != nil else { return }
        calls[ticket.call]?.results[ticket.place] = result
        calls[ticket.call]?.missing -= 1
        if let call = calls[ticket.call], call.missing == 0, let continuation = call.continuation {
            calls[ticket.call] = nil
            continuation.resume(returning: .success(call.results.map { $0 ?? .refused }))
        }
    }

    private func fail(_ error: AMQPError) {
        if let link { loop.interrupt(link.descriptor) }
        link = nil
        ledger.reset()
        let failed = calls
        calls = [:]
        for call in failed.values { call.continuation?.resume(returning: .failure(error)) }
        wakeWaiting()
    }

    private func wakeWaiting() {
        let woken = waiting
        waiting = []
        for continuation in woken { continuation.resume() }
    }
}

/// Growing, jittered pauses between tries to connect.
struct ConnectPause {
    private(set) var attempts = 0

    mutating func next() -> Duration {
        attempts += 1
        return .milliseconds(Int.random(in: 100...200) << min(attempts, 5))
    }
}

/// Connects to one node, another one at each attempt.
func connect(_ configuration: AMQPConfiguration, attempt: Int) throws(AMQPError) -> Link {
    try Link(configuration, node: configuration.nodes[attempt % configuration.nodes.count])
}
