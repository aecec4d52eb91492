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

/// A committed message that the broker has not confirmed yet.
public struct OutboxRow: Hashable, Sendable {
    public let id: Int64
    public let message: OutboundMessage

    public init(id: Int64, message: OutboundMessage) {
        self.id = id
        self.message = message
    }
}
