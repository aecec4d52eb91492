import Models

/// Confirmed publishing, as an outbox needs it.
public protocol EventPublisher: Sendable {
    /// Publishes messages and waits until the broker has taken responsibility; one outcome for each, in order.
    ///
    /// When it throws, any of them may or may not have arrived.
    func publish(_ messages: [OutboundMessage]) async throws(BrokerFailure) -> [PublishOutcome]

    /// Whether messages can be published now.
    var isConnected: Bool { get async }
}

/// What CaseFlow needs of a message broker: confirmed publishing, and deliveries that stay until they are acknowledged.
public protocol EventBroker: EventPublisher {
    associatedtype Batch: DeliveredBatch
    associatedtype Batches: AsyncSequence<Batch, Never>

    /// The deliveries, batch by batch: each waits for one, and then for what else arrives within two milliseconds, under load within up to
    /// sixty, at most `limit`. What no asker waits for may wait a little for others.
    ///
    /// A broker that is away is waited for; the sequence ends when this side is closed or the task cancelled.
    func batches(atMost limit: Int) -> Batches

    /// Whether this side was closed.
    var isClosed: Bool { get async }

    /// Tells the broker that everything in `batch` is durable here.
    func acknowledge(_ batch: Batch) async throws(BrokerFailure)
}

/// Deliveries that are acknowledged together.
public protocol DeliveredBatch: Sendable {
    var bodies: [[UInt8]] { get }
}

/// What the broker said of one published message.
public enum PublishOutcome: Sendable, Hashable {
    case confirmed
    /// No queue is bound where it had to go; the text says what the broker answered.
    case returned(String)
    /// The broker could not take it.
    case refused
}

/// Says why the broker could not be reached or used.
public struct BrokerFailure: Error, Sendable, CustomStringConvertible {
    public let reason: String
    /// Whether the party itself is going away, so that loops should end.
    public let isClosed: Bool

    public init(reason: String, isClosed: Bool = false) {
        self.reason = reason
        self.isClosed = isClosed
    }

    public var description: String { reason }
}
