/// The exchanges, queues and bindings that a service needs; declared, idempotently, at every connect.
public struct AMQPTopology: Sendable, Hashable {
    public enum ExchangeKind: String, Sendable {
        case direct, topic, fanout
    }

    public struct Exchange: Sendable, Hashable {
        public var name: String
        public var kind: ExchangeKind

        public init(_ name: String, _ kind: ExchangeKind) {
            self.name = name
            self.kind = kind
        }
    }

    /// A durable quorum queue.
    public struct Queue: Sendable, Hashable {
        public var name: String
        public var bindings: [Binding]

        public init(_ name: String, bindings: [Binding] = []) {
            self.name = name
            self.bindings = bindings
        }
    }

    public struct Binding: Sendable, Hashable {
        public var exchange: String
        public var routingKey: String

        public init(_ exchange: String, _ routingKey: String) {
            self.exchange = exchange
            self.routingKey = routingKey
        }
    }

    public var exchanges: [Exchange]
    public var queues: [Queue]

    public init(exchanges: [Exchange] = [], queues: [Queue] = []) {
        self.exchanges = exchanges
        self.queues = queues
    }
}
