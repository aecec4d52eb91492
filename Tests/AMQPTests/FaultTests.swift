import AMQP
import TestSupport
import Testing

/// What becomes of messages while the node is harmed in every way that one machine allows.
@Suite("A broker in trouble", .serialized, .timeLimit(.minutes(3)))
struct FaultTests {
    private static let topology = Clients.topology("f")

    @Test("loses nothing that was confirmed when it is killed while publishing and consuming")
    func killed() async throws {
        let node = try await HarmedServer.node
        let configuration = try await HarmedServer.configuration()
        let texts = (0..<8000).map(String.init)
        let received = Received()

        try await Clients.consuming(from: configuration, Self.topology, "f") { consumer in
            try await Clients.publishing(to: configuration, Self.topology) { publisher in
                // RabbitMQ 3.10 writes the name of a new quorum queue to disk only after half a second without others, and a
                // node that is killed before has the queue empty and without a leader afterwards.
                try await node.control(["eval", "ok = dets:sync(ra_directory_reverse)."])
                try await withThrowingTaskGroup { group in
                    group.addTask {
                        for start in stride(from: 0, to: texts.count, by: 100) {
                            try await Clients.insist(texts[start..<start + 100].map { Clients.message("f", $0) }, on: publisher)
                        }
                    }
                    group.addTask {
                        while await received.texts.count < texts.count {
                            let batch = try await consumer.next(atMost: 64, gathering: .zero)
                            await received.add(batch.texts)
                            do throws(AMQPError) { try await consumer.acknowledge(batch) } catch {
                                guard error.isRetryable else { throw error }
                            }
                        }
                    }
                    group.addTask {
                        for share in [texts.count / 4, texts.count / 2] {
                            try await eventually(within: .seconds(120), "messages flow") { await received.texts.count > share }
                            try await node.kill()
                            try await node.restart()
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }

        #expect(await received.texts == Set(texts))
    }

    @Test("is found again after its application was stopped and started")
    func stopped() async throws {
        let configuration = try await HarmedServer.configuration()
        try await Clients.consuming(from: configuration, Self.topology, "f") { consumer in
            try await Clients.publishing(to: configuration, Self.topology) { publisher in
                try await HarmedServer.stopped {
                    try await eventually("both notice") {
                        let connected = await (publisher.isConnected, consumer.isConnected)
                        return !connected.0 && !connected.1
                    }
                    let error = await #expect(throws: AMQPError.self) { try await publisher.publish([Clients.message("f", "lost")]) }
                    #expect(error?.code == .notConnected)
                }

                try await eventually(within: .seconds(60), "the publisher is back") { await publisher.isConnected }
                try await Clients.insist([Clients.message("f", "kept")], on: publisher)

                #expect(try await consumer.next(atMost: 1, gathering: .zero).texts == ["kept"])
            }
        }
    }

    @Test("makes publishers wait while its memory is short, for as long as that takes")
    func blocked() async throws {
        let node = try await HarmedServer.node
        let configuration = try await HarmedServer.configuration()
        // More than the socket holds, so that the node, which reads no more, also stops the bytes.
        let messages = (0..<200).map { _ in Clients.message("f", String(repeating: "x", count: 60_000)) }

        try await Clients.publishing(to: configuration, Self.topology) { publisher in
            let (call, answers) = try await HarmedServer.shortOfMemory {
                let call = Task { try await publisher.publish(messages) }
                try await eventually("the broker blocks") { await publisher.isBlocked }
                // Outlasts heartbeat and patience several times, and the publisher answers all the while.
                let end = ContinuousClock.now + .seconds(10)
                var answers: [Bool] = []
                repeat {
                    let (isBlocked, isConnected) = await (publisher.isBlocked, publisher.isConnected)
                    answers.append(isBlocked && isConnected)
                    try await node.control(["status"])
                } while .now < end
                return (call, answers)
            }

            #expect(answers.allSatisfy { $0 })
            #expect(try await call.value.allSatisfy { $0 == .confirmed })
            #expect(await !publisher.isBlocked)
        }
    }

    @Test("is given up when it is frozen, and used again when it thaws")
    func frozen() async throws {
        let configuration = try await HarmedServer.configuration()
        try await Clients.consuming(from: configuration, Self.topology, "f") { consumer in
            try await Clients.publishing(to: configuration, Self.topology) { publisher in
                let error = try await HarmedServer.frozen {
                    let error = await #expect(throws: AMQPError.self) {
                        try await publisher.publish((0..<500).map { _ in Clients.message("f", String(repeating: "x", count: 20_000)) })
                    }
                    try await eventually("the consumer notices") { await !consumer.isConnected }
                    return error
                }

                #expect(error?.isRetryable == true)
                try await eventually(within: .seconds(60), "the publisher is back") { await publisher.isConnected }
                try await Clients.insist([Clients.message("f", "last")], on: publisher)
                var texts: [String] = []
                while texts.last != "last" {
                    let batch = try await consumer.next(atMost: 100, gathering: .zero)
                    texts += batch.texts
                    try await consumer.acknowledge(batch)
                }
            }
        }
    }

    @Test("is given up when it confirms nothing though its connection lives")
    func silent() async throws {
        var configuration = try await HarmedServer.configuration()
        configuration.heartbeat = .seconds(60)
        configuration.confirmTimeout = .seconds(1)
        try await Clients.publishing(to: configuration, Self.topology) { publisher in
            let error = try await HarmedServer.frozen {
                await #expect(throws: AMQPError.self) { try await publisher.publish([Clients.message("f", "1")]) }
            }

            #expect(error?.isRetryable == true)
            #expect(error?.message.contains("confirmed nothing") == true)
        }
    }

    /// What has come so far.
    private actor Received {
        private(set) var texts: Set<String> = []

        func add(_ more: [String]) { texts.formUnion(more) }
    }
}
