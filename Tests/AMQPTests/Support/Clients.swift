import Logging
import TestSupport
import Testing

@testable import AMQP

/// A publisher or a consumer for the length of a test: connected before the test goes on, closed whatever happens.
enum Clients {
    static let quiet = Logger(label: "test")

    /// One queue that an exchange of the same name leads to, by the routing key `k`.
    static func topology(_ name: String) -> AMQPTopology {
        AMQPTopology(exchanges: [.init(name, .direct)], queues: [.init(name, bindings: [.init(name, "k")])])
    }

    static func configuration(_ url: String, _ change: (inout AMQPConfiguration) -> Void = { _ in }) throws -> AMQPConfiguration {
        var configuration = try AMQPConfiguration(url: url, connectionName: "test")
        change(&configuration)
        return configuration
    }

    static func message(_ name: String, _ body: String, key: String = "k", mandatory: Bool = true) -> AMQPMessage {
        AMQPMessage(exchange: name, routingKey: key, contentType: "text/plain", body: Array(body.utf8), mandatory: mandatory)
    }

    static func publishing<R>(
        to configuration: AMQPConfiguration, _ topology: AMQPTopology, _ body: (AMQPPublisher) async throws -> R
    ) async throws -> R {
        let publisher = AMQPPublisher(configuration, topology: topology, logger: quiet)
        let running = Task { await publisher.run() }
        let result: Result<R, any Error>
        do {
            try await eventually("the publisher is connected") { await publisher.isConnected }
            result = .success(try await body(publisher))
        } catch { result = .failure(error) }
        await publisher.close()
        await running.value
        return try result.get()
    }

    static func consuming<R>(
        from configuration: AMQPConfiguration, _ topology: AMQPTopology, _ queue: String, prefetch: Int = 100,
        patience: [String: Duration] = [:], _ body: (AMQPConsumer) async throws -> R
    ) async throws -> R {
        let consumer = AMQPConsumer(configuration, topology: topology, queue: queue, prefetch: prefetch, patience: patience, logger: quiet)
        let running = Task { await consumer.run() }
        let result: Result<R, any Error>
        do {
            try await eventually("the consumer is connected") { await consumer.isConnected }
            result = .success(try await body(consumer))
        } catch { result = .failure(error) }
        await consumer.close()
        await running.value
        return try result.get()
    }

    /// Publishes until all of `messages` are confirmed, again after each lost connection.
    static func insist(_ messages: [AMQPMessage], on publisher: AMQPPublisher) async throws {
        while true {
            do throws(AMQPError) {
                let results = try await publisher.publish(messages)
                if results.allSatisfy({ $0 == .confirmed }) { return }
            } catch {
                guard error.isRetryable else { throw error }
            }
            try await eventually(within: .seconds(120), "the publisher is connected again") { await publisher.isConnected }
        }
    }
}

extension AMQPBatch {
    var texts: [String] { bodies.map { String(decoding: $0, as: UTF8.self) } }
}
