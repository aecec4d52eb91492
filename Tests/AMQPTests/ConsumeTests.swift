import AMQP
import TestSupport
import Testing

@Suite("Consuming", .timeLimit(.minutes(3)))
struct ConsumeTests {
    private static let topology = Clients.topology("c")

    /// A virtual host with these messages in the queue.
    private func host(with texts: [String] = []) async throws -> AMQPConfiguration {
        let configuration = try Clients.configuration(try await RabbitServer.shared.virtualHost())
        try await Clients.publishing(to: configuration, Self.topology) { publisher in
            try await Clients.insist(texts.map { Clients.message("c", $0) }, on: publisher)
        }
        return configuration
    }

    private func ready(_ configuration: AMQPConfiguration) async throws -> Int? {
        let inspection = AMQPInspection(configuration)
        let depths = try await inspection.depths(of: ["c", "missing", "c"])
        #expect(depths["missing"] == nil)
        await inspection.close()
        return depths["c"]
    }

    @Test("gathers what comes within the time, at most the limit")
    func gathers() async throws {
        let configuration = try await host(with: (0..<7).map(String.init))

        let (first, rest) = try await Clients.consuming(from: configuration, Self.topology, "c") { consumer in
            let first = try await consumer.next(atMost: 5, gathering: .seconds(60))
            let rest = try await consumer.next(atMost: 5, gathering: .milliseconds(50))
            return (first.texts, rest.texts)
        }

        #expect(first == ["0", "1", "2", "3", "4"])
        #expect(rest == ["5", "6"])
    }

    @Test("lets the patient wait for others, and takes them along with the first that is not")
    func isPatient() async throws {
        let topology = AMQPTopology(
            exchanges: [.init("c", .direct)], queues: [.init("c", bindings: [.init("c", "k"), .init("c", "prompt")])])
        let configuration = try Clients.configuration(try await RabbitServer.shared.virtualHost())
        try await Clients.publishing(to: configuration, topology) { publisher in
            let (together, alone) = try await Clients.consuming(
                from: configuration, topology, "c", patience: ["k": .seconds(3600), "prompt": .milliseconds(20)]
            ) { consumer in
                async let batch = consumer.next(atMost: 5, gathering: .zero)
                try await Clients.insist([Clients.message("c", "0"), Clients.message("c", "1")], on: publisher)
                try await Clients.insist([Clients.message("c", "2", key: "prompt")], on: publisher)
                let together = try await batch
                try await Clients.insist([Clients.message("c", "3", key: "prompt")], on: publisher)
                return (together.texts, try await consumer.next(atMost: 5, gathering: .zero).texts)
            }
            #expect(together == ["0", "1", "2"])
            #expect(alone == ["3"])
        }
    }

    @Test("has acknowledged deliveries removed and the others delivered again")
    func acknowledges() async throws {
        let configuration = try await host(with: (0..<6).map(String.init))

        try await Clients.consuming(from: configuration, Self.topology, "c") { consumer in
            let first = try await consumer.next(atMost: 2, gathering: .seconds(60))
            _ = try await consumer.next(atMost: 2, gathering: .seconds(60))
            try await consumer.acknowledge(first)
        }

        try await eventually("what was not acknowledged is back") { try await ready(configuration) == 4 }
        let again = try await Clients.consuming(from: configuration, Self.topology, "c") { consumer in
            try await consumer.next(atMost: 4, gathering: .seconds(60)).texts
        }
        #expect(again == ["2", "3", "4", "5"])
    }

    @Test("never acknowledges an unfinished batch along with a later one")
    func keepsOrder() async throws {
        let configuration = try await host(with: (0..<4).map(String.init))

        try await Clients.consuming(from: configuration, Self.topology, "c") { consumer in
            _ = try await consumer.next(atMost: 2, gathering: .seconds(60))
            let second = try await consumer.next(atMost: 2, gathering: .seconds(60))
            try await consumer.acknowledge(second)
        }

        try await eventually("both batches are back") { try await ready(configuration) == 4 }
    }

    @Test("calls a batch of an earlier connection stale, and gets its messages again")
    func stale() async throws {
        let configuration = try await host(with: ["a", "b"])

        try await Clients.consuming(from: configuration, Self.topology, "c") { consumer in
            let before = try await consumer.next(atMost: 2, gathering: .seconds(60))
            await consumer.release()
            let after = try await consumer.next(atMost: 2, gathering: .seconds(60))

            let error = await #expect(throws: AMQPError.self) { try await consumer.acknowledge(before) }
            #expect(error?.code == .stale)
            #expect(error?.isRetryable == true)
            #expect(after.texts == ["a", "b"])
            try await consumer.acknowledge(after)
        }

        try await eventually("nothing is left") { try await ready(configuration) == 0 }
    }

    @Test("gives each delivery to one of several who wait")
    func shares() async throws {
        let configuration = try await host()

        let texts = try await Clients.consuming(from: configuration, Self.topology, "c") { consumer in
            try await withThrowingTaskGroup { group in
                for _ in 0..<4 { group.addTask { try await consumer.next(atMost: 5, gathering: .seconds(1)).texts } }
                try await Clients.publishing(to: configuration, Self.topology) { publisher in
                    try await Clients.insist((0..<20).map { Clients.message("c", "\($0)") }, on: publisher)
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }

        #expect(texts.count == Set(texts).count)
        #expect(texts.count >= 4)
    }

    @Test("ends the wait of a cancelled task and of a closed consumer, not of others")
    func cancels() async throws {
        let configuration = try await host()
        try await Clients.consuming(from: configuration, Self.topology, "c") { consumer in
            let cancelled = Task { try await consumer.next(atMost: 1, gathering: .zero) }
            let waiting = Task { try await consumer.next(atMost: 1, gathering: .zero) }

            cancelled.cancel()
            let error = await #expect(throws: AMQPError.self) { try await cancelled.value }
            #expect(error?.code == .cancelled)
            await consumer.close()
            let closed = await #expect(throws: AMQPError.self) { try await waiting.value }
            #expect(closed?.code == .closed)
        }
    }

    @Test("is a sequence of batches that ends when the consumer is closed, and for a cancelled task alone")
    func sequence() async throws {
        let configuration = try await host(with: (0..<5).map(String.init))
        try await Clients.consuming(from: configuration, Self.topology, "c") { consumer in
            let cancelled = Task { for await _ in consumer.batches(atMost: 1, gathering: .zero) {} }
            cancelled.cancel()
            await cancelled.value
            await consumer.release()

            var texts: [String] = []
            for await batch in consumer.batches(atMost: 2, gathering: .seconds(60)) {
                texts += batch.texts
                try await consumer.acknowledge(batch)
                if texts.count == 4 { await consumer.close() }
            }

            #expect(texts == ["0", "1", "2", "3"])
        }
    }

    @Test("subscribes again when its queue was deleted")
    func deletedQueue() async throws {
        let server = try await RabbitServer.shared
        let configuration = try await host()
        try await Clients.consuming(from: configuration, Self.topology, "c") { consumer in
            try await server.control(["delete_queue", "c", "--vhost", configuration.virtualHost])
            // RabbitMQ tells consumers up to a second later. Were the queue declared anew before that, it would subscribe the
            // consumer itself, by the same tag, and 3.10 then delivers nothing until the consumer connects again.
            try await eventually("the consumer has declared it again") { try await ready(configuration) == 0 }
            try await Clients.publishing(to: configuration, Self.topology) { publisher in
                try await Clients.insist([Clients.message("c", "afterwards")], on: publisher)
            }

            #expect(try await consumer.next(atMost: 1, gathering: .zero).texts == ["afterwards"])
        }
    }
}
