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
            case refuses, breaks
        }

        private var moods: [Mood]
        /// The bodies of each burst.
        private(set) var bursts: [[[UInt8]]] = []

        init(_ moods: [Mood]) { self.moods = moods }

        var isConnected: Bool { true }

        func publish(_ messages: [OutboundMessage]) async throws(BrokerFailure) -> [PublishOutcome] {
            bursts.append(messages.map(\.body))
            guard !moods.isEmpty else { return messages.map { _ in .confirmed } }
            switch moods.removeFirst() {
            case .refuses: return messages.map { _ in .refused }
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
}
