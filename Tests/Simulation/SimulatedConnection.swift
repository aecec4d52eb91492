import CaseFlow
import InMemory
import Models

/// A replica's connection to the broker of a simulation: at each of its awaits others may come first, the process may die, and while it
/// publishes the connection may break.
struct SimulatedConnection: EventBroker {
    /// Deliveries as they came, and as they are worked on.
    struct Batch: DeliveredBatch {
        var bodies: [[UInt8]]
        let base: InMemoryBroker.Batch
    }

    let base: InMemoryConnection
    let replica: ReplicaLife
    let world: SimulatedWorld

    func publish(_ messages: [OutboundMessage]) async throws(BrokerFailure) -> [PublishOutcome] {
        try await enter("publishing")
        if var chance = world.strikes(.lostPublish, 0.05) {
            let arrived = Int.random(in: 0...messages.count, using: &chance)
            world.tell("    \(replica) loses its connection: \(arrived) of \(messages.count) messages arrived")
            _ = try await base.publish(Array(messages.prefix(arrived)))
            throw BrokerFailure(reason: "the simulated connection broke before the confirm")
        }
        let outcomes = try await base.publish(messages)
        world.tell("    \(replica) publishes \(messages.count) messages")
        try leave("publishing")
        return outcomes
    }

    var isConnected: Bool { base.isConnected && !replica.isDead && !world.brokerIsAway }

    var isClosed: Bool { base.isClosed }

    func batches(atMost limit: Int) -> AsyncStream<Batch> { AsyncStream { await take(atMost: limit) } }

    /// What there is now; nil when there is nothing, or no broker.
    func take(atMost limit: Int) async -> Batch? {
        if replica.isDead || world.brokerIsAway { return nil }
        return await base.take(atMost: limit).map { Batch(bodies: $0.bodies, base: $0) }
    }

    func acknowledge(_ batch: Batch) async throws(BrokerFailure) {
        try await enter("acknowledging")
        try await base.acknowledge(batch.base)
        world.tell("    \(replica) acknowledges \(batch.bodies.count) messages")
        try leave("acknowledging")
    }

    private func enter(_ place: String) async throws(BrokerFailure) {
        if replica.isDead { throw dead }
        await world.park(replica, place)
        if world.kills(replica, .crashBefore, at: place) { throw dead }
        if world.brokerIsAway { throw BrokerFailure(reason: "the simulated broker is away") }
    }

    private func leave(_ place: String) throws(BrokerFailure) {
        if world.kills(replica, .crashAfter, at: place) { throw dead }
    }

    private var dead: BrokerFailure { BrokerFailure(reason: "the simulated process is dead", isClosed: true) }
}

extension InMemoryBroker {
    /// A broker that duplicates, reorders and delays while faults strike in `world`.
    static func simulated(_ world: SimulatedWorld) -> InMemoryBroker {
        var whims = Whims()
        whims.copies = { world.strikes(.duplicate, 0.06) == nil ? 1 : 2 }
        whims.delay = {
            guard var chance = world.strikes(.delay, 0.2) else { return .zero }
            return .milliseconds(Int.random(in: 0..<4000, using: &chance))
        }
        whims.order = { count in
            guard var chance = world.strikes(.reorder, 0.5) else { return Array(0..<count) }
            return Array((0..<count).shuffled(using: &chance).prefix(Int.random(in: 1...40, using: &chance)))
        }
        return InMemoryBroker(clock: { world.now }, whims: whims)
    }
}
