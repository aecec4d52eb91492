import AMQP
import TestSupport
import Testing

@Suite("A broker that has lost what it had", .timeLimit(.minutes(3)))
struct WitnessTests {
    /// Counts how often something was to be restored, and fails the first times.
    private actor Restoring {
        private(set) var count = 0
        private let failures: Int

        init(failures: Int) { self.failures = failures }

        func restore() throws {
            count += 1
            if count <= failures { throw CancellationError() }
        }
    }

    /// Connects a publisher, publishes one message and closes it.
    private func visit(_ configuration: AMQPConfiguration, _ restoring: Restoring) async throws {
        let publisher = AMQPPublisher(
            configuration, topology: Clients.topology("w"), witness: BrokerWitness(exchange: "witness") { try await restoring.restore() },
            logger: Clients.quiet)
        let running = Task { await publisher.run() }
        try await eventually("the publisher is connected") { await publisher.isConnected }
        #expect(try await publisher.publish([Clients.message("w", "1")]) == [.confirmed])
        await publisher.close()
        await running.value
    }

    @Test("is restored once, and again only after it was emptied")
    func once() async throws {
        let configuration = try Clients.configuration(try await RabbitServer.shared.virtualHost())
        let restoring = Restoring(failures: 0)

        try await visit(configuration, restoring)
        try await visit(configuration, restoring)
        #expect(await restoring.count == 1)

        let other = try Clients.configuration(try await RabbitServer.shared.virtualHost())
        try await visit(other, restoring)
        #expect(await restoring.count == 2)
    }

    @Test("is published to only after the restoring has succeeded")
    func failing() async throws {
        let configuration = try Clients.configuration(try await RabbitServer.shared.virtualHost())
        let restoring = Restoring(failures: 2)

        try await visit(configuration, restoring)
        try await visit(configuration, restoring)

        #expect(await restoring.count == 3)
    }
}
