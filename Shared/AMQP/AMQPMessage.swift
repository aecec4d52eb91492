/// A message to publish.
public struct AMQPMessage: Sendable, Hashable {
    public var exchange: String
    public var routingKey: String
    public var contentType: String
    /// Written to disk by the broker before it is confirmed.
    public var body: [UInt8]
    /// Whether a message that no queue is bound for comes back as returned.
    public var mandatory: Bool
    public var headers: [String: String]

    public init(
        exchange: String, routingKey: String, contentType: String, body: [UInt8], mandatory: Bool, headers: [String: String] = [:]
    ) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.contentType = contentType
        self.body = body
        self.mandatory = mandatory
        self.headers = headers
    }
}

/// What the broker said of one message.
public enum PublishResult: Sendable, Hashable {
    case confirmed
    case returned(String)
    case refused
}

/// Deliveries of one connection that are acknowledged together.
public struct AMQPBatch: Sendable {
    public internal(set) var bodies: [[UInt8]] = []
    /// The tag of the last delivery.
    var lastTag: UInt64 = 0
    /// Which connection they came over.
    var epoch: UInt64 = 0
}
