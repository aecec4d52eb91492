import CaseFlow
import Models

/// A replica's connection to the broker of a simulation, over which publishing and acknowledging may fail half-way.
struct SimulatedConnection: EventBroker {
    let world: SimulatedWorld
    let base: InMemoryConnection

    func publish(_ messages: [OutboundMessage]) async throws(BrokerFailure) -> [PublishOutcome] {
        if world.faultRate > 0, world.chance(0.05) {
            // The connection breaks in the middle: some arrived, nobody knows which.
            _ = try await base.publish(Array(messages.prefix(world.pick(messages.count + 1))))
            throw BrokerFailure(reason: "the simulated connection broke before the confirm")
        }
        if world.crashes() { throw BrokerFailure(reason: "the simulated process died before it published") }
        let outcomes = try await base.publish(messages)
        if world.crashes() { throw BrokerFailure(reason: "the simulated process died before the confirm came") }
        return outcomes
    }

    var isConnected: Bool { base.isConnected }

    var isClosed: Bool { base.isClosed }

    func batches(atMost limit: Int) -> AsyncStream<InMemoryBroker.Batch> { base.batches(atMost: limit) }

    func acknowledge(_ batch: InMemoryBroker.Batch) async throws(BrokerFailure) {
        if world.crashes() { throw BrokerFailure(reason: "the simulated process died before it acknowledged") }
        try await base.acknowledge(batch)
        if world.crashes() { throw BrokerFailure(reason: "the simulated process died after it acknowledged") }
    }
}

extension InMemoryBroker {
    /// A broker that duplicates, reorders and delays while faults strike in `world`.
    static func simulated(_ world: SimulatedWorld) -> InMemoryBroker {
        var whims = Whims()
        whims.copies = { world.faultRate > 0 && world.chance(0.06) ? 2 : 1 }
        whims.delay = { world.faultRate > 0 && world.chance(0.2) ? .milliseconds(world.pick(4000)) : .zero }
        whims.order = { count in
            world.faultRate > 0 ? Array(world.shuffle(Array(0..<count)).prefix(1 + world.pick(40))) : Array(0..<count)
        }
        return InMemoryBroker(clock: { world.now }, whims: whims)
    }
}
