/// What went wrong between this process and RabbitMQ.
public struct AMQPError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable {
        /// The address is not like `amqp://user:password@host:5672/vhost`.
        case address
        /// No broker could be reached or it did not let us in.
        case connectionFailed
        /// There is no connection now; one is being made.
        case notConnected
        /// The connection broke; what was not confirmed may or may not have arrived.
        case connectionLost
        /// The broker refused a declaration or closed the channel.
        case refused
        /// The message has a part that the protocol cannot carry.
        case message
        /// The batch came over a connection that is gone: it is delivered again.
        case stale
        /// The calling task was cancelled; what it published may or may not have arrived.
        case cancelled
        /// The client was closed.
        case closed
    }

    public let code: Code
    /// What the broker answered by number (404, 406 …), nil when the error is not the broker's answer.
    public let replyCode: Int?
    public let message: String

    public init(_ code: Code, _ message: String, replyCode: Int? = nil) {
        self.code = code
        self.message = message
        self.replyCode = replyCode
    }

    /// Whether trying again later may succeed without anybody doing anything.
    public var isRetryable: Bool {
        switch code {
        case .connectionFailed, .notConnected, .connectionLost, .stale: true
        case .address, .refused, .message, .cancelled, .closed: false
        }
    }

    public var description: String { message }
}
