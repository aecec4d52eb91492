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
        /// The batch came over a connection that is gone: it is delivered again.
        case stale
        /// The client was closed.
        case closed
    }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether trying again later may succeed without anybody doing anything.
    public var isRetryable: Bool {
        switch code {
        case .connectionFailed, .notConnected, .connectionLost, .stale: true
        case .address, .refused, .closed: false
        }
    }

    public var description: String { message }
}
