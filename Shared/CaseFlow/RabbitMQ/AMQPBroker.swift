import AMQP
import Logging
import Models

/// The real broker: RabbitMQ, over one connection that publishes and one that consumes.
public struct AMQPBroker: EventBroker {
    public typealias Batch = AMQPBatch

    public let publisher: AMQPPublisher
    public let consumer: AMQPConsumer

    private let sender: AMQPSender

    /// Prepares the two connections of the service `source`; they are made once their `run()` is called.
    ///
    /// `restore` is called when the broker turns out to be new or emptied, before anything is published to it.
    public init(
        url: String, source: Source, replica: String, logger: Logger, restore: @escaping @Sendable () async throws -> Void
    ) throws(AMQPError) {
        let topology = HouseTopology.everything()
        let queue = HouseTopology.queue(of: source)
        publisher = AMQPPublisher(
            try AMQPConfiguration(url: url, connectionName: "\(queue) publish \(replica)"), topology: topology,
            witness: BrokerWitness(exchange: HouseTopology.witness(of: source), restore: restore), logger: logger)
        sender = AMQPSender(publisher: publisher)
        consumer = AMQPConsumer(
            try AMQPConfiguration(url: url, connectionName: "\(queue) consume \(replica)"), topology: topology, queue: queue, prefetch: 128,
            patience: Self.patience, logger: logger)
    }

    /// How long deliveries wait for others, by the service that wrote them.
    ///
    /// Whoever brought a matter waits for what follows from the registration: that is taken up at once. What comes of it is written into
    /// ledgers, desks and feeds, and nobody's next step waits for that: of what comes about within a moment one commit is made.
    private static let patience: [String: Duration] = Dictionary(
        uniqueKeysWithValues: Source.allCases.filter { $0 != .intake }.map { ($0.rawValue, .milliseconds(50)) })

    public func publish(_ messages: [OutboundMessage]) async throws(BrokerFailure) -> [PublishOutcome] {
        try await sender.publish(messages)
    }

    public var isConnected: Bool { get async { await sender.isConnected } }

    public var isClosed: Bool { get async { await consumer.isClosed } }

    public func batches(atMost limit: Int) -> AMQPBatches {
        consumer.batches(atMost: limit, gathering: .milliseconds(2), longest: .milliseconds(60))
    }

    public func acknowledge(_ batch: AMQPBatch) async throws(BrokerFailure) {
        do throws(AMQPError) { try await consumer.acknowledge(batch) } catch { throw BrokerFailure(error) }
    }
}

/// Publishes outbox messages over one connection.
public struct AMQPSender: EventPublisher {
    public let publisher: AMQPPublisher

    public init(publisher: AMQPPublisher) { self.publisher = publisher }

    public func publish(_ messages: [OutboundMessage]) async throws(BrokerFailure) -> [PublishOutcome] {
        do throws(AMQPError) {
            return try await publisher.publish(messages.map(Self.message)).map { result in
                switch result {
                case .confirmed: .confirmed
                case .returned(let reason): .returned(reason)
                case .refused: .refused
                }
            }
        } catch { throw BrokerFailure(error) }
    }

    public var isConnected: Bool { get async { await publisher.isConnected } }

    private static func message(_ message: OutboundMessage) -> AMQPMessage {
        switch message.exchange {
        case .events:
            AMQPMessage(
                exchange: message.exchange.rawValue, routingKey: message.routingKey, contentType: message.contentType, body: message.body,
                mandatory: true)
        case .feed:
            // A feed entry that no department has asked for goes nowhere, and that is right.
            AMQPMessage(
                exchange: message.exchange.rawValue, routingKey: message.routingKey, contentType: message.contentType, body: message.body,
                mandatory: false)
        case .undecodable:
            // The default exchange takes a message straight to the queue of its routing key.
            AMQPMessage(
                exchange: "", routingKey: message.routingKey, contentType: message.contentType, body: message.body, mandatory: true,
                headers: ["reason": message.reason ?? ""])
        }
    }
}

extension AMQPBatch: DeliveredBatch {}

extension BrokerFailure {
    init(_ error: AMQPError) { self.init(reason: error.message, isClosed: error.code == .closed) }
}

/// The exchanges and queues of the house; the names are durable.
public enum HouseTopology {
    /// The queue of a service: `huiyin.intake`.
    public static func queue(of source: Source) -> String { "huiyin.\(source.rawValue)" }

    /// The exchange by whose absence a service notices that the broker has lost its messages: `huiyin.witness.intake`.
    public static func witness(of source: Source) -> String { "huiyin.witness.\(source.rawValue)" }

    /// Everything the house declares, the same by every service: so no order of starting loses a message.
    public static func everything() -> AMQPTopology {
        AMQPTopology(
            exchanges: [
                .init(OutboundMessage.Exchange.events.rawValue, .direct), .init(OutboundMessage.Exchange.feed.rawValue, .topic),
            ],
            queues: Source.allCases.map { reader in
                .init(queue(of: reader), bindings: reader.hears.map { .init(OutboundMessage.Exchange.events.rawValue, $0.rawValue) })
            } + [.init(OutboundMessage.Exchange.undecodable.rawValue)])
    }
}
