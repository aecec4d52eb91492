/// A message to publish; the broker writes it to disk before it confirms it.
public struct AMQPMessage: Sendable, Hashable {
    /// At most 255 bytes; empty for the default exchange, which takes a message straight to the queue of its routing key.
    public var exchange: String
    /// At most 255 bytes.
    public var routingKey: String
    /// At most 255 bytes.
    public var contentType: String
    public var body: [UInt8]
    /// Whether a message that no queue is bound for comes back as returned.
    public var mandatory: Bool
    /// Names of at most 255 bytes; all of them together at most 64 KiB.
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

    /// Which part the protocol cannot carry, nil when all is well.
    ///
    /// Found before anything is sent: a message that breaks off half-way would cost all others the connection.
    var flaw: String? {
        if exchange.utf8.count > 255 { return "the exchange's name is longer than 255 bytes" }
        if routingKey.utf8.count > 255 { return "the routing key is longer than 255 bytes" }
        if contentType.utf8.count > 255 { return "the content type is longer than 255 bytes" }
        if headers.keys.contains(where: { $0.utf8.count > 255 }) { return "a header's name is longer than 255 bytes" }
        if headers.reduce(0, { $0 + $1.key.utf8.count + $1.value.utf8.count + 6 }) > 65_536 { return "the headers hold more than 64 KiB" }
        return nil
    }
}
