import CaseFlow
import Models
import TestSupport
import Testing

/// What every broker promises, asked of both alike.
@Suite("A broker", .timeLimit(.minutes(3)))
struct BrokerTests {
    private static func message(_ text: String, _ exchange: OutboundMessage.Exchange = .events, _ key: String = "intake") -> OutboundMessage
    {
        OutboundMessage(exchange: exchange, routingKey: key, contentType: EventBundle.contentType, body: Array(text.utf8))
    }

    /// The next `count` messages, acknowledged.
    private static func take<Broker: EventBroker>(_ count: Int, from broker: Broker) async throws -> [String] {
        var texts: [String] = []
        for await batch in broker.batches(atMost: 256) {
            texts += batch.texts
            try await broker.acknowledge(batch)
            if texts.count >= count { break }
        }
        return texts
    }

    @Test("takes what a service says to exactly those that hear it, in order", arguments: BrokerKind.allCases)
    func routes(kind: BrokerKind) async throws {
        func check<B: BrokerUnderTest>(_ broker: B) async throws {
            var services: [B.Broker] = []
            for source in Source.allCases { services.append(try await broker.connect(source)) }
            for (source, service) in zip(Source.allCases, services) {
                let outcomes = try await service.publish([
                    Self.message("\(source) 1", .events, source.rawValue), Self.message("\(source) 2", .events, source.rawValue),
                ])
                #expect(outcomes == [.confirmed, .confirmed])
            }

            for (reader, service) in zip(Source.allCases, services) {
                let due = Source.allCases.filter { reader.hears.contains($0) }.flatMap { ["\($0) 1", "\($0) 2"] }
                #expect(try await Self.take(due.count, from: service) == due)
            }
        }
        try await kind.with { try await check($0) }
    }

    @Test("delivers again what a lost connection had not acknowledged, and nothing else", arguments: BrokerKind.allCases)
    func redelivers(kind: BrokerKind) async throws {
        func check<B: BrokerUnderTest>(_ broker: B) async throws {
            let (first, second) = (try await broker.connect(.routing), try await broker.connect(.intake))
            _ = try await second.publish((0..<6).map { Self.message("\($0)") })
            var batches = first.batches(atMost: 2).makeAsyncIterator()
            let done = try #require(await batches.next(isolation: nil))
            _ = try #require(await batches.next(isolation: nil))
            try await first.acknowledge(done)

            await broker.disconnect(first)
            let again = try await Self.take(4, from: try await broker.connect(.routing))

            #expect(done.texts == ["0", "1"])
            #expect(again.sorted() == ["2", "3", "4", "5"])
        }
        try await kind.with { try await check($0) }
    }

    @Test("gives each message to one of several replicas", arguments: BrokerKind.allCases)
    func shares(kind: BrokerKind) async throws {
        func check<B: BrokerUnderTest>(_ broker: B) async throws {
            let (one, other) = (try await broker.connect(.routing), try await broker.connect(.routing))
            _ = try await one.publish((0..<40).map { Self.message("\($0)") })

            let seen = Seen()
            await withTaskGroup { group in
                for replica in [one, other] {
                    group.addTask {
                        for await batch in replica.batches(atMost: 3) {
                            await seen.add(batch.texts)
                            try? await replica.acknowledge(batch)
                        }
                    }
                }
                try? await eventually("all were seen") { await seen.texts.count >= 40 }
                group.cancelAll()
            }

            #expect(await seen.texts.sorted() == (0..<40).map(String.init).sorted())
        }
        try await kind.with { try await check($0) }
    }

    @Test("ends the sequence of a connection that is closed, and lets a batch have no more than it may", arguments: BrokerKind.allCases)
    func ends(kind: BrokerKind) async throws {
        func check<B: BrokerUnderTest>(_ broker: B) async throws {
            let connection = try await broker.connect(.deadline)
            _ = try await connection.publish((0..<5).map { Self.message("\($0)") })
            let seen = Seen()
            let reading = Task {
                var largest = 0
                for await batch in connection.batches(atMost: 2) {
                    largest = max(largest, batch.bodies.count)
                    await seen.add(batch.texts)
                }
                return largest
            }

            try await eventually("all were seen") { await seen.texts.count == 5 }
            await broker.disconnect(connection)

            #expect(await reading.value <= 2)
        }
        try await kind.with { try await check($0) }
    }

    @Test("confirms a feed entry that no department waits for", arguments: BrokerKind.allCases)
    func feed(kind: BrokerKind) async throws {
        func check<B: BrokerUnderTest>(_ broker: B) async throws {
            let connection = try await broker.connect(.notification)

            #expect(try await connection.publish([Self.message("entry", .feed, "case.registered.a.b.c")]) == [.confirmed])
        }
        try await kind.with { try await check($0) }
    }

    @Test("keeps what was put aside where no service reads it", arguments: BrokerKind.allCases)
    func putsAside(kind: BrokerKind) async throws {
        func check<B: BrokerUnderTest>(_ broker: B) async throws {
            let connection = try await broker.connect(.routing)
            let key = OutboundMessage.Exchange.undecodable.rawValue
            _ = try await connection.publish([Self.message("rubbish", .undecodable, key), Self.message("sense")])

            #expect(try await Self.take(1, from: connection) == ["sense"])
            #expect(try await broker.putAside() == [Array("rubbish".utf8)])
        }
        try await kind.with { try await check($0) }
    }
}

extension DeliveredBatch {
    fileprivate var texts: [String] { bodies.map { String(decoding: $0, as: UTF8.self) } }
}

private actor Seen {
    private(set) var texts: [String] = []

    func add(_ more: [String]) { texts += more }
}
