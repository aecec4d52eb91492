import CaseFlow
import InMemory
import Logging
import Models
import Testing

@Suite("A consumer of events", .timeLimit(.minutes(1)))
struct EventConsumerTests {
    private let subject = Subject(UniqueID(high: 5, low: 5))

    private func bundle(_ sequence: Int64) throws -> [UInt8] {
        let event = CaseEvent(
            id: EventID(UniqueID(high: 9, low: UInt64(sequence))), source: .intake, subject: subject, type: Adder.Number.type, version: 1,
            time: Instant(microseconds: 1), sequence: sequence, after: .init(), county: "", traceparent: "t",
            data: try Adder.Number(value: Int(sequence)).bytes())
        return EventBundle.pack([event])[0]
    }

    /// Consumes three batches, the first of which holds an event and something that is none.
    private func consume(_ broker: TroubledBroker) async -> InMemoryStore<Int, String> {
        let store = InMemoryStore<Int, String>(clock: { Instant(microseconds: 7) })
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let consumer = EventConsumer(
            worker: CaseWorker(process: Adder(), store: store) { _ in }, broker: broker, logger: quiet)
        await consumer.run()
        return store
    }

    @Test("keeps a batch whose rubbish could not be put aside, since the subscription may live on and bring it never again")
    func publisherAway() async throws {
        let broker = TroubledBroker([[try bundle(1), Array("rubbish".utf8)], [try bundle(2)], [try bundle(3)]], failedPublishes: 2)

        let store = await consume(broker)

        #expect(await broker.acknowledged == [0, 1, 2])
        #expect(await broker.putAside == 1)
        #expect(await store.states[subject] == 6)
    }

    @Test("leaves a batch whose acknowledgement failed to the broker, which brings it again")
    func acknowledgementFails() async throws {
        let broker = TroubledBroker([[try bundle(1)], [try bundle(2)], [try bundle(3)]], failedAcknowledgements: 1)

        let store = await consume(broker)

        #expect(await broker.acknowledged == [1, 2])
        #expect(await store.states[subject] == 6)
    }
}

/// Hands out its batches once each, as over one living subscription, and fails as often as it is told.
private actor TroubledBroker: EventBroker {
    struct Batch: DeliveredBatch {
        let number: Int
        let bodies: [[UInt8]]
    }

    private let batches: [[[UInt8]]]
    private var failedPublishes: Int
    private var failedAcknowledgements: Int
    private var delivered = 0
    private(set) var acknowledged: [Int] = []
    private(set) var putAside = 0

    init(_ batches: [[[UInt8]]], failedPublishes: Int = 0, failedAcknowledgements: Int = 0) {
        self.batches = batches
        self.failedPublishes = failedPublishes
        self.failedAcknowledgements = failedAcknowledgements
    }

    func publish(_ messages: [OutboundMessage]) async throws(BrokerFailure) -> [PublishOutcome] {
        if failedPublishes > 0 {
            failedPublishes -= 1
            throw BrokerFailure(reason: "the publisher is away")
        }
        putAside += messages.count
        return messages.map { _ in .confirmed }
    }

    var isConnected: Bool { true }

    var isClosed: Bool { false }

    nonisolated func batches(atMost limit: Int) -> AsyncStream<Batch> { AsyncStream { await self.take() } }

    private func take() -> Batch? {
        guard delivered < batches.count else { return nil }
        defer { delivered += 1 }
        return Batch(number: delivered, bodies: batches[delivered])
    }

    func acknowledge(_ batch: Batch) async throws(BrokerFailure) {
        if failedAcknowledgements > 0 {
            failedAcknowledgements -= 1
            throw BrokerFailure(reason: "the connection broke")
        }
        acknowledged.append(batch.number)
    }
}
