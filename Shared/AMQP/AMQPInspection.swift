import SocketLoop

/// Looks at queues over a short-lived connection, for status reports and tests.
public actor AMQPInspection {
    private nonisolated let loop = SocketLoop(name: "amqp-inspect")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let configuration: AMQPConfiguration

    public init(_ configuration: AMQPConfiguration) { self.configuration = configuration }

    /// How many messages are ready in each of `queues`; a queue that does not exist is missing from the answer.
    public func depths(of queues: [String]) throws(AMQPError) -> [String: Int] {
        var depths: [String: Int] = [:]
        for queue in queues {
            // A queue that is missing ends its channel, so each question has a connection of its own.
            let link = try connect(configuration, attempt: 0)
            depths[queue] = link.depth(of: queue)
            link.close()
        }
        return depths
    }

    public func close() { loop.shutdown() }
}
