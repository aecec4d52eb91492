import AMQP
import PrivateServers
import TestSupport
import Testing

@Suite("Publishing", .timeLimit(.minutes(3)))
struct PublishTests {
    private static let topology = Clients.topology("p")

    private func configuration(_ change: (inout AMQPConfiguration) -> Void = { _ in }) async throws -> AMQPConfiguration {
        try Clients.configuration(try await RabbitServer.shared.virtualHost(), change)
    }

    @Test("tells confirmed messages from those that no queue is bound for, in the order of the call")
    func outcomes() async throws {
        let results = try await Clients.publishing(to: try await configuration(), Self.topology) { publisher in
            try await publisher.publish([
                Clients.message("p", "1"), Clients.message("p", "2", key: "nowhere"), Clients.message("p", "3"),
                Clients.message("p", "4", key: "nowhere", mandatory: false),
            ])
        }

        #expect(results == [.confirmed, .returned("312 NO_ROUTE"), .confirmed, .confirmed])
    }

    @Test("delivers bodies of every size around the frames' own, byte for byte")
    func sizes() async throws {
        let configuration = try await configuration()
        // What a frame of 128 KiB carries besides its own eight bytes.
        let frame = 131_064
        let bodies = [0, 1, frame - 1, frame, frame + 1, 2 * frame - 1, 2 * frame, 2 * frame + 1, 8 * frame, 1 << 20].map { size in
            (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ size) }
        }

        try await Clients.publishing(to: configuration, Self.topology) { publisher in
            for body in bodies {
                let message = AMQPMessage(exchange: "p", routingKey: "k", contentType: "application/json", body: body, mandatory: true)
                let results = try await publisher.publish([message])
                #expect(results == [.confirmed])
            }
        }
        let received = try await Clients.consuming(from: configuration, Self.topology, "p") { consumer in
            var received: [[UInt8]] = []
            while received.count < bodies.count {
                let batch = try await consumer.next(atMost: 3, gathering: .zero)
                received += batch.bodies
                try await consumer.acknowledge(batch)
            }
            return received
        }

        #expect(received == bodies)
    }

    @Test("confirms a burst many times the window, and every message arrives once and in order")
    func burst() async throws {
        let configuration = try await configuration { $0.publishWindow = 50 }
        let texts = (0..<10_000).map(String.init)

        let results = try await Clients.publishing(to: configuration, Self.topology) { publisher in
            try await publisher.publish(texts.map { Clients.message("p", $0) })
        }
        let received = try await Clients.consuming(from: configuration, Self.topology, "p", prefetch: 500) { consumer in
            var received: [String] = []
            while received.count < texts.count {
                let batch = try await consumer.next(atMost: 256, gathering: .milliseconds(2))
                received += batch.texts
                try await consumer.acknowledge(batch)
            }
            return received
        }

        #expect(results.count == texts.count && results.allSatisfy { $0 == .confirmed })
        #expect(received == texts)
    }

    @Test("lets a body larger than the window pass alone, also among calls that overlap")
    func overlap() async throws {
        let configuration = try await configuration { $0.publishWindowBytes = 1000 }
        let large = String(repeating: "x", count: 5000)

        let results = try await Clients.publishing(to: configuration, Self.topology) { publisher in
            try await withThrowingTaskGroup { group in
                for number in 0..<40 {
                    group.addTask {
                        try await publisher.publish((0..<10).map { Clients.message("p", $0 == 5 ? large : "\(number)-\($0)") })
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }

        #expect(results.count == 400 && results.allSatisfy { $0 == .confirmed })
    }

    @Test("refuses what the protocol cannot carry before anything is sent, and goes on")
    func flaws() async throws {
        let long = String(repeating: "ä", count: 128)
        var withHeaders = Clients.message("p", "1")
        withHeaders.headers = ["reason": String(repeating: "r", count: 70_000)]
        let flawed = [Clients.message("p", "1", key: long), withHeaders]

        try await Clients.publishing(to: try await configuration(), Self.topology) { publisher in
            for message in flawed {
                let error = await #expect(throws: AMQPError.self) { try await publisher.publish([Clients.message("p", "0"), message]) }
                #expect(error?.code == .message)
                #expect(error?.isRetryable == false)
            }
            let results = try await publisher.publish([Clients.message("p", "2")])
            #expect(results == [.confirmed])
        }
    }

    @Test("answers what is under way before it closes, and nothing after")
    func close() async throws {
        let configuration = try await configuration { $0.closeTimeout = .seconds(120) }
        let publisher = AMQPPublisher(configuration, topology: Self.topology, logger: Clients.quiet)
        let running = Task { await publisher.run() }
        try await eventually("the publisher is connected") { await publisher.isConnected }

        async let results = publisher.publish((0..<20_000).map { Clients.message("p", "\($0)") })
        try await eventually("the call is under way") { await publisher.unconfirmed > 0 }
        await publisher.close()

        #expect(try await results.allSatisfy { $0 == .confirmed })
        let error = await #expect(throws: AMQPError.self) { try await publisher.publish([Clients.message("p", "late")]) }
        #expect(error?.code == .closed)
        await running.value
    }

    @Test("fails at once without a connection, in a way that a later try can mend")
    func away() async throws {
        let url = "amqp://127.0.0.1:\(try LoopbackPort.choose())/"
        let publisher = AMQPPublisher(try Clients.configuration(url), topology: Self.topology, logger: Clients.quiet)
        let running = Task { await publisher.run() }

        let error = await #expect(throws: AMQPError.self) { try await publisher.publish([Clients.message("p", "1")]) }

        #expect(error?.code == .notConnected)
        #expect(error?.isRetryable == true)
        running.cancel()
        await running.value
        await publisher.close()
    }

    @Test("says which exchange stands in the way when the topology does not fit, and what to do")
    func misfit() async throws {
        let configuration = try await configuration()
        try Topologies.declare(Self.topology, on: configuration)
        let other = AMQPTopology(exchanges: [.init("p", .topic)])

        let error = #expect(throws: AMQPError.self) { try Topologies.declare(other, on: configuration) }

        #expect(error?.code == .refused)
        #expect(error?.replyCode == 406)
        #expect(error?.message.contains("the exchange p exists in another form; delete it") == true)
    }
}
