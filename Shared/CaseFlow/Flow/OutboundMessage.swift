import Models

/// A message ready to send, as it stands in an outbox row.
public struct OutboundMessage: Hashable, Sendable {
    /// Where it goes.
    public enum Exchange: String, Sendable, CaseIterable {
        /// Among the four services.
        case events = "huiyin.events"
        /// To departments.
        case feed = "huiyin.feed"
        /// What could not be decoded, kept for the operator; straight to the queue of this name.
        case undecodable = "huiyin.undecodable"
    }

    public var exchange: Exchange
    public var routingKey: String
    public var contentType: String
    public var body: [UInt8]
    /// For `undecodable`: why it could not be decoded, as a header of the message.
    public var reason: String?

    public init(exchange: Exchange, routingKey: String, contentType: String, body: [UInt8], reason: String? = nil) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.contentType = contentType
        self.body = body
        self.reason = reason
    }
}

/// Which connection an outbox row is sent over.
///
/// A confirm waits for every queue that a message went to. So messages to departments, whose queues the county does not run, go a way
/// of their own, and a queue that is stuck there delays no other service.
public enum OutboxLane: String, Sendable, CaseIterable {
    /// To the other services.
    case services
    /// To departments.
    case feed
}

/// An event for an exchange other than the internal one, on its way into a message.
public struct OutboundEvent: Hashable, Sendable {
    public var exchange: OutboundMessage.Exchange
    public var routingKey: String
    /// A CloudEvent as the bytes of one JSON object.
    public var body: [UInt8]

    public init(exchange: OutboundMessage.Exchange, routingKey: String, body: [UInt8]) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.body = body
    }

    /// Puts the events of each address, in their order, into as few messages as the limits of a bundle allow.
    static func bundle(_ events: [OutboundEvent]) -> [OutboundMessage] {
        struct Address: Hashable { let exchange: OutboundMessage.Exchange, routingKey: String }
        var (order, bodies): ([Address], [Address: [[UInt8]]]) = ([], [:])
        for event in events {
            let address = Address(exchange: event.exchange, routingKey: event.routingKey)
            if bodies[address] == nil { order.append(address) }
            bodies[address, default: []].append(event.body)
        }
        return order.flatMap { address in
            EventBundle.pack(bodies[address] ?? []).map {
                OutboundMessage(
                    exchange: address.exchange, routingKey: address.routingKey, contentType: EventBundle.contentType, body: $0)
            }
        }
    }
}

/// A committed message that the broker has not confirmed yet.
public struct OutboxRow: Hashable, Sendable {
    public let id: Int64
    public let message: OutboundMessage

    public var lane: OutboxLane { message.exchange == .feed ? .feed : .services }

    public init(id: Int64, message: OutboundMessage) {
        self.id = id
        self.message = message
    }
}
