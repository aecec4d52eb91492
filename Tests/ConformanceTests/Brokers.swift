import AMQP
import CaseFlow
import InMemory
import Logging
import Models
import TestSupport
import Testing

/// A broker of one test, and the connections of the services to it.
protocol BrokerUnderTest: Sendable {
    associatedtype Broker: EventBroker

    /// Connects a replica of `source`.
    func connect(_ source: Source) async throws -> Broker
    /// Ends a connection, which gives back what it had not acknowledged.
    func disconnect(_ broker: Broker) async
    /// The messages that were put aside as undecodable, with their reasons.
    func putAside() async throws -> [[UInt8]]
}

/// The two brokers, which must be told apart by nothing but where they keep messages.
enum BrokerKind: CaseIterable, Sendable {
    case memory, rabbit

    /// Runs `body` on an empty broker.
    func with(_ body: (any BrokerUnderTest) async throws -> Void) async throws {
        switch self {
        case .memory: try await body(MemoryUnderTest())
        case .rabbit:
            let broker = RabbitUnderTest(url: try await RabbitServer.shared.virtualHost())
            let result: Result<Void, any Error>
            do { result = .success(try await body(broker)) } catch { result = .failure(error) }
            await broker.disconnectAll()
            try result.get()
        }
    }
}

private struct MemoryUnderTest: BrokerUnderTest {
    let broker = InMemoryBroker(clock: { Instant(microseconds: 1_790_000_000_000_000) })

    func connect(_ source: Source) -> InMemoryConnection { InMemoryConnection(source, to: broker) }

    func disconnect(_ connection: InMemoryConnection) async { await connection.close() }

    func putAside() async -> [[UInt8]] { await broker.undecodable.map(\.body) }
}

private actor RabbitUnderTest: BrokerUnderTest {
    private let url: String
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private var connected: [AMQPBroker] = []

    init(url: String) { self.url = url }

    func connect(_ source: Source) async throws -> AMQPBroker {
        let broker = try AMQPBroker(url: url, source: source, replica: "test \(connected.count)", logger: quiet, restore: {})
        connected.append(broker)
        // Both end when they are closed.
        Task { await broker.publisher.run() }
        Task { await broker.consumer.run() }
        try await eventually("the connections stand") {
            let (publishes, consumes) = (await broker.publisher.isConnected, await broker.consumer.isConnected)
            return publishes && consumes
        }
        return broker
    }

    func disconnect(_ broker: AMQPBroker) async {
        await broker.consumer.close()
        await broker.publisher.close()
    }

    func disconnectAll() async { for broker in connected { await disconnect(broker) } }

    func putAside() async throws -> [[UInt8]] {
        let name = OutboundMessage.Exchange.undecodable.rawValue
        let consumer = AMQPConsumer(
            try AMQPConfiguration(url: url, connectionName: "test"), topology: AMQPTopology(exchanges: [], queues: [.init(name)]),
            queue: name, prefetch: 10, logger: quiet)
        let running = Task { await consumer.run() }
        let batch = try await consumer.next(atMost: 10, gathering: .milliseconds(300))
        await consumer.close()
        await running.value
        return batch.bodies
    }
}
