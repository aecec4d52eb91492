import CaseFlow
import Models

/// A broker that does everything a real one may do to its messages.
///
/// It duplicates, reorders, delays, and loses what it has not confirmed; it never loses what it has confirmed.
///
/// @unchecked Sendable: see `SimulatedWorld`.
final class SimulatedBroker: @unchecked Sendable {
    struct Message {
        let id: Int
        let body: [UInt8]
        var visible: Instant
        /// The connection that has it unacknowledged.
        var holder: Int?
    }

    let world: SimulatedWorld
    private var queues: [Source: [Message]] = [:]
    private(set) var undecodable: [OutboundMessage] = []
    private(set) var feed: [[UInt8]] = []
    private var lastMessage = 0
    private var injected: Set<Int> = []
    private var lastConnection = 0

    init(world: SimulatedWorld) { self.world = world }

    func connect(_ source: Source) -> SimulatedConnection {
        lastConnection += 1
        return SimulatedConnection(broker: self, source: source, id: lastConnection)
    }

    /// Gives back what a dead connection had not acknowledged.
    func disconnect(_ connection: SimulatedConnection) {
        for index in queues[connection.source, default: []].indices where queues[connection.source]?[index].holder == connection.id {
            queues[connection.source]?[index].holder = nil
        }
    }

    func hasWork(for source: Source) -> Bool { queues[source, default: []].contains { $0.holder == nil && $0.visible <= world.now } }

    var isEmpty: Bool { queues.values.allSatisfy(\.isEmpty) }

    /// Puts bytes straight into a queue.
    func inject(_ body: [UInt8], into source: Source) {
        enqueue(body, source)
        injected.insert(lastMessage)
    }

    /// Loses every message that waits in a queue between the services; says how many of them were injected.
    func empty() -> Int {
        let lost = queues.values.joined().count { injected.contains($0.id) }
        queues = [:]
        return lost
    }

    fileprivate func accept(_ message: OutboundMessage) {
        let copies = world.faultRate > 0 && world.chance(0.06) ? 2 : 1
        for _ in 0..<copies {
            switch message.exchange {
            case .events:
                guard let source = Source(rawValue: message.routingKey) else { continue }
                for reader in Source.allCases where reader.hears.contains(source) { enqueue(message.body, reader) }
            case .feed: feed.append(message.body)
            case .undecodable: undecodable.append(message)
            }
        }
    }

    private func enqueue(_ body: [UInt8], _ reader: Source) {
        lastMessage += 1
        let delay = world.faultRate > 0 && world.chance(0.2) ? world.pick(4000) : 0
        queues[reader, default: []].append(Message(id: lastMessage, body: body, visible: world.now + .milliseconds(delay), holder: nil))
    }

    fileprivate func take(_ connection: SimulatedConnection, limit: Int) -> SimulatedBatch {
        var indices = queues[connection.source, default: []].indices.filter {
            queues[connection.source]?[$0].holder == nil && (queues[connection.source]?[$0].visible ?? world.now) <= world.now
        }
        if world.faultRate > 0 { indices = Array(world.shuffle(indices).prefix(1 + world.pick(limit))) }
        var batch = SimulatedBatch(bodies: [], ids: [])
        for index in indices.prefix(limit) {
            guard let message = queues[connection.source]?[index] else { continue }
            queues[connection.source]?[index].holder = connection.id
            batch.bodies.append(message.body)
            batch.ids.append(message.id)
        }
        return batch
    }

    fileprivate func remove(_ ids: [Int], from source: Source) {
        let gone = Set(ids)
        queues[source]?.removeAll { gone.contains($0.id) }
    }
}

struct SimulatedBatch: DeliveredBatch {
    var bodies: [[UInt8]]
    var ids: [Int]
}

/// One replica's connection to the simulated broker.
struct SimulatedConnection: EventBroker {
    let broker: SimulatedBroker
    let source: Source
    let id: Int

    func publish(_ messages: [OutboundMessage]) async throws(BrokerFailure) -> [PublishOutcome] {
        if broker.world.faultRate > 0, broker.world.chance(0.05) {
            // The connection breaks in the middle: some arrived, nobody knows which.
            for message in messages.prefix(broker.world.pick(messages.count + 1)) { broker.accept(message) }
            throw BrokerFailure(reason: "the simulated connection broke before the confirm")
        }
        if broker.world.crashes() { throw BrokerFailure(reason: "the simulated process died before it published") }
        for message in messages { broker.accept(message) }
        if broker.world.crashes() { throw BrokerFailure(reason: "the simulated process died before the confirm came") }
        return messages.map { _ in .confirmed }
    }

    func next(atMost limit: Int) async throws(BrokerFailure) -> SimulatedBatch { broker.take(self, limit: limit) }

    func acknowledge(_ batch: SimulatedBatch) async throws(BrokerFailure) {
        if broker.world.crashes() { throw BrokerFailure(reason: "the simulated process died before it acknowledged") }
        broker.remove(batch.ids, from: source)
        if broker.world.crashes() { throw BrokerFailure(reason: "the simulated process died after it acknowledged") }
    }
}
