import CaseFlow
import InMemory
import Logging
import Models
import Synchronization
import Testing

@Suite("The relay of an outbox", .timeLimit(.minutes(1)))
struct OutboxRelayTests {
    /// A broker that answers as it is told, and confirms once it is told nothing more.
    private actor MoodyPublisher: EventPublisher {
        /// What it does with everything that it is given at once.
        enum Mood {
            case refuses, refusesFirst, returns, breaks
        }

        private var moods: [Mood]
        /// The bodies of each burst.
        private(set) var bursts: [[[UInt8]]] = []
        private(set) var isConnected = true

        init(_ moods: [Mood]) { self.moods = moods }

        func connect(_ isConnected: Bool) { self.isConnected = isConnected }

        func publish(_ messages: [OutboundMessage]) async throws(BrokerFailure) -> [PublishOutcome] {
            bursts.append(messages.map(\.body))
            if !isConnected { throw BrokerFailure(reason: "there is no connection") }
            guard !moods.isEmpty else { return messages.map { _ in .confirmed } }
            switch moods.removeFirst() {
            case .refuses: return messages.map { _ in .refused }
            case .refusesFirst: return messages.indices.map { $0 == 0 ? .refused : .confirmed }
            case .returns: return messages.map { _ in .returned("312 NO_ROUTE") }
            case .breaks: throw BrokerFailure(reason: "the connection broke")
            }
        }
    }

    private final class Seconds: Sendable {
        let now = Atomic<Int64>(0)
    }

    @Test("tries what a sweep took and the broker did not confirm again at the next sweep, not after half a minute")
    func keepsWhatItTook() async throws {
        let clock = Seconds()
        let store = InMemoryStore<Int, String>(clock: { Instant(microseconds: clock.now.load(ordering: .relaxed) * 1_000_000) })
        _ = try await store.work(WorkScope(subjects: [])) { _ in
            var changes = Changes<Int, String>()
            changes.outbox = (1...3).map { OutboundMessage(exchange: .events, routingKey: "intake", contentType: "t", body: [$0]) }
            return (changes, 0)
        }
        // From here on time stands still: what was taken cannot be taken again.
        clock.now.store(10, ordering: .relaxed)
        let publisher = MoodyPublisher([.refuses, .breaks])
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let relay = OutboxRelay(store: store, lane: .services, publisher: publisher, logger: quiet)

        var sent: [Int] = []
        for _ in 1...4 { sent.append(await relay.sweep()) }
        await relay.forgetConfirmed()

        #expect(sent == [0, 0, 3, 0])
        #expect(await publisher.bursts == Array(repeating: [[1], [2], [3]], count: 3))
        #expect(await store.outbox.isEmpty)
    }

    /// A relay, its store and its publisher on one clock.
    private struct Bench {
        let clock = Seconds()
        let store: InMemoryStore<Int, String>
        let publisher: MoodyPublisher
        let relay: OutboxRelay<InMemoryStore<Int, String>, MoodyPublisher>

        init(_ moods: [MoodyPublisher.Mood]) {
            let (clock, begin) = (clock, ContinuousClock.now)
            store = InMemoryStore(clock: { Instant(microseconds: clock.now.load(ordering: .relaxed) * 1_000_000) })
            publisher = MoodyPublisher(moods)
            relay = OutboxRelay(
                store: store, lane: .services, publisher: publisher, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                now: { begin + .seconds(clock.now.load(ordering: .relaxed)) })
        }

        func commit(_ bodies: [UInt8]...) async throws {
            let (_, rows) = try await store.work(WorkScope(subjects: [])) { _ in
                var changes = Changes<Int, String>()
                changes.outbox = bodies.map { OutboundMessage(exchange: .events, routingKey: "intake", contentType: "t", body: $0) }
                return (changes, 0)
            }
            await relay.offer(rows)
        }
    }

    @Test("sends what was just committed again as soon as the broker is back, and leaves to the sweep what has become its own")
    func sendsMissedRowsAgain() async throws {
        let bench = Bench([.breaks, .refuses, .breaks])
        let relay = bench.relay

        try await bench.commit([1])
        #expect(await relay.sendFresh())
        #expect(await !relay.sendFresh())
        bench.clock.now.store(1, ordering: .relaxed)
        try await bench.commit([2])
        // The sweep takes neither yet; the elder is sent first.
        #expect(await relay.sweep() == 0)
        #expect(await relay.sendFresh())
        // At three seconds the first is the sweep's, which meets a broker that breaks; the second is sent from memory still.
        bench.clock.now.store(3, ordering: .relaxed)
        #expect(await relay.sweep() == 0)
        #expect(await relay.sendFresh())
        #expect(await relay.sweep() == 1)
        #expect(await !relay.sendFresh())
        await relay.forgetConfirmed()

        #expect(await bench.publisher.bursts == [[[1]], [[1], [2]], [[1]], [[2]], [[1]]])
        #expect(await bench.store.outbox.isEmpty)
    }

    @Test("sends again what was refused and nothing else of a burst, and not what no queue is bound for")
    func sendsOnlyRefusedRowsAgain() async throws {
        let bench = Bench([.refusesFirst, .returns])
        try await bench.commit([1], [2])
        #expect(await bench.relay.sendFresh())
        try await bench.commit([3])
        #expect(await bench.relay.sendFresh())
        #expect(await bench.relay.sweep() == 0)
        #expect(await bench.relay.sendFresh())
        #expect(await !bench.relay.sendFresh())

        #expect(await bench.publisher.bursts == [[[1], [2]], [[3]], [[1]]])
    }

    @Test("keeps the youngest rows however long the broker is away and however much is committed meanwhile")
    func keepsTheYoungest() async throws {
        let bench = Bench([])
        await bench.publisher.connect(false)
        let large = [UInt8](repeating: 0, count: 3 << 20)
        for _ in 1...2 {
            try await bench.commit(large)
            while await bench.relay.sendFresh() {}
        }
        // There is no room for more now.
        try await bench.commit([1])
        #expect(await !bench.relay.sendFresh())

        bench.clock.now.store(4, ordering: .relaxed)
        try await bench.commit([2])
        while await bench.relay.sendFresh() {}
        await bench.publisher.connect(true)
        #expect(await bench.relay.sweep() == 3)
        #expect(await bench.relay.sendFresh())

        #expect(await bench.publisher.bursts.suffix(2) == [[large, large, [1]], [[2]]])
    }
}
