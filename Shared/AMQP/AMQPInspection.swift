import SocketLoop

/// Looks at queues over short-lived connections, for status reports and tests.
public actor AMQPInspection {
    private nonisolated let loop = SocketLoop(name: "amqp-inspect")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// What the broker says of a queue.
    public struct QueueFigures: Sendable, Hashable {
        /// Messages that wait to be delivered; those delivered and not acknowledged are not counted.
        public let ready: Int
        public let consumers: Int
    }

    private let configuration: AMQPConfiguration

    public init(_ configuration: AMQPConfiguration) { self.configuration = configuration }

    deinit { loop.shutdown() }

    /// How many messages are ready in each of `queues`; a queue that does not exist is missing from the answer.
    public func depths(of queues: [String]) throws(AMQPError) -> [String: Int] {
        try figures(of: queues).mapValues(\.ready)
    }

    /// The figures of each of `queues`; a queue that does not exist is missing from the answer.
    public func figures(of queues: [String]) throws(AMQPError) -> [String: QueueFigures] {
        var answer: [String: QueueFigures] = [:]
        var link: Link?
        defer { link?.close() }
        for queue in queues {
            let connection: Link
            if let link { connection = link } else { connection = try Link(configuration) }
            link = connection
            do throws(AMQPError) {
                let (ready, consumers) = try connection.figures(of: queue)
                answer[queue] = QueueFigures(ready: ready, consumers: consumers)
            } catch {
                // The question after a missing queue ends the channel, so the next one has a connection of its own.
                guard error.replyCode == 404 else { throw error }
                connection.close()
                link = nil
            }
        }
        return answer
    }

    public func close() { loop.shutdown() }
}
