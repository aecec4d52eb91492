import CaseFlow
import Models

/// A broker in memory, for tests and simulations: the same promises as the real one, except that it dies with its process.
///
/// Its clock and its whims are given from outside, so a run can be played again.
public actor InMemoryBroker {
    /// What a broker may do to messages and still keep its promises.
    public struct Whims: Sendable {
        /// How often a message is put into each of its queues; at least once.
        public var copies: @Sendable () -> Int = { 1 }
        /// How long a message rests in a queue before it may be delivered.
        public var delay: @Sendable () -> Duration = { .zero }
        /// Which of so many waiting messages are delivered next, and in which order: at least one.
        public var order: @Sendable (Int) -> [Int] = { Array(0..<$0) }

        public init() {}
    }

    /// Deliveries of one connection.
    public struct Batch: DeliveredBatch {
        public let bodies: [[UInt8]]
        let messages: [Int]
    }

    private struct Message {
        let id: Int
        let body: [UInt8]
        let visible: Instant
        /// The connection that has it and has not acknowledged it.
        var holder: InMemoryConnection?
    }

    private let clock: @Sendable () -> Instant
    private let whims: Whims
    private var queues: [Source: [Message]] = [:]
    private var lastMessage = 0
    private var sleepers: [CheckedContinuation<Void, Never>] = []
    /// What could not be decoded, as it was put aside.
    public private(set) var undecodable: [OutboundMessage] = []
    /// What was published to departments; no queue of theirs hangs here.
    public private(set) var feed: [OutboundMessage] = []

    /// Makes a broker with empty queues.
    public init(clock: @escaping @Sendable () -> Instant, whims: Whims = Whims()) {
        self.clock = clock
        self.whims = whims
    }

    /// Whether no queue between the services holds a message, delivered or not.
    public var isEmpty: Bool { queues.values.allSatisfy(\.isEmpty) }

    /// Puts a message into the queue of `reader`; answers its number.
    @discardableResult
    public func enqueue(_ body: [UInt8], for reader: Source) -> Int {
        lastMessage += 1
        queues[reader, default: []].append(Message(id: lastMessage, body: body, visible: clock() + whims.delay()))
        wake()
        return lastMessage
    }

    /// Loses every message between the services; answers their numbers.
    public func empty() -> [Int] {
        defer { queues = [:] }
        return queues.values.joined().map(\.id)
    }

    func accept(_ message: OutboundMessage) {
        for _ in 0..<whims.copies() {
            switch message.exchange {
            case .events:
                guard let source = Source(rawValue: message.routingKey) else { continue }
                for reader in Source.allCases where reader.hears.contains(source) { enqueue(message.body, for: reader) }
            case .feed: feed.append(message)
            case .undecodable: undecodable.append(message)
            }
        }
    }

    func take(_ connection: InMemoryConnection, atMost limit: Int) -> Batch? {
        let now = clock()
        guard let queue = queues[connection.source] else { return nil }
        let waiting = queue.indices.filter { queue[$0].holder == nil && queue[$0].visible <= now }
        if waiting.isEmpty { return nil }
        let chosen = whims.order(waiting.count).prefix(limit).map { waiting[$0] }
        for index in chosen { queues[connection.source]?[index].holder = connection }
        return Batch(bodies: chosen.map { queue[$0].body }, messages: chosen.map { queue[$0].id })
    }

    /// Waits until there is something to take, or the task is cancelled, or the connection closed.
    func next(_ connection: InMemoryConnection, atMost limit: Int) async -> Batch? {
        while !connection.isClosed, !Task.isCancelled {
            if let batch = take(connection, atMost: limit) { return batch }
            await withTaskCancellationHandler {
                await withCheckedContinuation { sleepers.append($0) }
            } onCancel: {
                Task { await wake() }
            }
        }
        return nil
    }

    func acknowledge(_ batch: Batch, _ connection: InMemoryConnection) {
        let done = Set(batch.messages)
        queues[connection.source]?.removeAll { $0.holder === connection && done.contains($0.id) }
    }

    func release(_ connection: InMemoryConnection) {
        for index in queues[connection.source, default: []].indices where queues[connection.source]?[index].holder === connection {
            queues[connection.source]?[index].holder = nil
        }
        wake()
    }

    private func wake() {
        let woken = sleepers
        sleepers = []
        for sleeper in woken { sleeper.resume() }
    }
}
