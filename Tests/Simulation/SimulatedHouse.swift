import CaseFlow
import InMemory
import Logging
import Models

/// What can be done with each service of a simulation alike.
protocol AnyHouse: Sendable {
    var source: Source { get }
    func join()
    func owe()
    func resend() async
    func bury(_ replica: ReplicaLife) async
    func consume() async
    func relay(_ lane: OutboxLane) async
    func sweep(_ lane: OutboxLane) async
    func lookAtHeld() async
    func scale() async
    func drain() async
    func mend() async
    /// The numbers of rows in the outbox, of subjects with held events, and of dead letters.
    func leftovers() async -> (outbox: Int, held: Int, dead: Int)
}

/// One service in a simulation: one store, and replicas that come, go and die.
///
/// @unchecked Sendable: see `SimulatedWorld`.
final class SimulatedHouse<Base: CaseProcess>: AnyHouse, @unchecked Sendable {
    typealias Process = SimulatedProcess<Base>
    typealias Worker = CaseWorker<Process, SimulatedStore<Base>>

    struct Replica {
        let life: ReplicaLife
        let worker: Worker
        let relays: [OutboxLane: OutboxRelay<SimulatedStore<Base>, SimulatedConnection>]
        let consumer: EventConsumer<Process, SimulatedStore<Base>, SimulatedConnection>
        let held: HeldSweep<Process, SimulatedStore<Base>>
        let connection: SimulatedConnection
    }

    let process: Base
    let store: InMemoryStore<Base.State, Base.Effect>
    private let broker: InMemoryBroker
    private let world: SimulatedWorld
    private let logger: Logger
    private let tampering: Tampering<Base>
    private var replicas: [Replica] = []
    /// Whether the broker has lost what this service sent, and it has not been sent again yet.
    private var owesAll = false
    private var joined = 0

    var source: Source { process.source }

    init(_ process: Base, broker: InMemoryBroker, world: SimulatedWorld, logger: Logger, tampering: Tampering<Base>) {
        self.process = process
        self.broker = broker
        self.world = world
        self.logger = logger
        self.tampering = tampering
        store = InMemoryStore(clock: { world.now })
        join()
    }

    /// A replica joins.
    func join() {
        joined += 1
        let (world, tampering) = (world, tampering)
        let life = ReplicaLife(source, joined)
        let store = SimulatedStore<Base>(base: store, replica: life, world: world, tampering: tampering)
        let connection = SimulatedConnection(base: InMemoryConnection(source, to: broker), replica: life, world: world)
        let (start, begin) = (ContinuousClock.now, world.now)
        let relays = Dictionary(
            uniqueKeysWithValues: OutboxLane.allCases.map {
                ($0, OutboxRelay(store: store, lane: $0, publisher: connection, logger: logger, now: { start + (world.now - begin) }))
            })
        let worker = CaseWorker(
            process: Process(base: process, world: world, tampering: tampering), store: store,
            identifiers: { SimulatedIdentifiers(world: world) },
            committed: { rows in for lane in OutboxLane.allCases { await relays[lane]?.offer(rows) } })
        replicas.append(
            Replica(
                life: life, worker: worker, relays: relays,
                consumer: EventConsumer(worker: worker, broker: connection, logger: logger),
                held: HeldSweep(worker: worker, logger: logger), connection: connection))
    }

    /// A replica is gone at once, with all it had in memory; most often another takes its place.
    func bury(_ replica: ReplicaLife) async {
        guard let index = replicas.firstIndex(where: { $0.life === replica }) else { return }
        await replicas.remove(at: index).connection.base.close()
        while let index = world.parked.firstIndex(where: { $0.replica === replica }) { await world.proceed(index) }
        if world.strikes(.absence, 0.15) == nil { join() }
    }

    /// A replica joins, or one is killed.
    func scale() async {
        if replicas.count < 3, world.chance(0.5) {
            join()
            world.tell("    a replica of \(source) joins")
        } else if let replica = world.pick(from: replicas) {
            world.tell("    \(replica.life) is killed")
            world.kill(replica.life)
        }
    }

    func consume() async {
        await operate("consumer") { [tampering, store, world] replica in
            guard var batch = await replica.connection.take(atMost: 40) else { return }
            world.tell("    \(replica.life) takes \(batch.bodies.count) messages")
            if let change = tampering.delivered {
                let clocks = await store.clocks
                batch.bodies = batch.bodies.map { Self.changed($0) { change(&$0, clocks) } }
            }
            if tampering.acknowledgesEarly { try? await replica.connection.acknowledge(batch) }
            do throws(FlowFailure) { try await replica.consumer.settle(batch) } catch { await replica.connection.base.release() }
        }
    }

    func relay(_ lane: OutboxLane) async {
        await operate("relay \(lane)") { replica in _ = await replica.relays[lane]?.sendFresh() }
    }

    func sweep(_ lane: OutboxLane) async {
        let clears = world.chance(0.5)
        await operate("sweep \(lane)") { replica in
            if clears { await replica.relays[lane]?.forgetConfirmed() }
            _ = await replica.relays[lane]?.sweep()
        }
    }

    func lookAtHeld() async {
        await operate("held") { replica in _ = try? await replica.held.once() }
    }

    /// Asks a replica, and tells `then` of its answers; nil when it died or its database was away.
    func ask(
        _ requests: [Request<Base.Command>], skipsLocked: Bool = false,
        then: @escaping @Sendable ([Result<Answer, StoreFailure>]?) async -> Void = { _ in }
    ) async {
        await operate(nil) { replica in
            let answers = try? await replica.worker.perform(requests, skipsLocked: skipsLocked)
            // Who has died tells nobody.
            await then(replica.life.isDead ? nil : answers)
        }
    }

    /// Runs `body` on one replica chosen by chance, until it stands still; nothing when that one is doing so already.
    func operate(_ name: String?, _ body: @escaping @Sendable (Replica) async -> Void) async {
        guard let replica = world.pick(from: replicas) else { return }
        if let name { guard replica.life.busy.insert(name).inserted else { return } }
        await world.start {
            await body(replica)
            if let name { replica.life.busy.remove(name) }
        }
    }

    /// Works until nothing is left to do now.
    func drain() async {
        if replicas.isEmpty { join() }
        await resend()
        for replica in replicas {
            for relay in OutboxLane.allCases.compactMap({ replica.relays[$0] }) {
                while await relay.sendFresh() {}
                repeat { await relay.forgetConfirmed() } while await relay.sweep() > 0
            }
            while let batch = await replica.connection.take(atMost: 256) {
                do throws(FlowFailure) { try await replica.consumer.settle(batch) } catch { await replica.connection.base.release() }
            }
            _ = try? await replica.held.once()
            for relay in OutboxLane.allCases.compactMap({ replica.relays[$0] }) {
                while await relay.sendFresh() {}
                await relay.forgetConfirmed()
            }
        }
    }

    /// The broker was emptied: everything is sent again, however often somebody dies over it.
    func owe() { owesAll = true }

    /// What a replica does that finds the broker emptied.
    func resend() async {
        if !owesAll { return }
        await operate("resend") { [self] replica in
            if (try? await replica.worker.store.resend()) != nil { owesAll = false }
        }
    }

    /// The reason why a case could not be worked on is gone: the operator puts its dead letters back.
    func mend() async {
        world.ailments[source] = nil
        for id in await store.deadLetters.keys.sorted() { await store.replay(id) }
    }

    func leftovers() async -> (outbox: Int, held: Int, dead: Int) {
        await (store.outbox.count, store.held.count, store.deadLetters.count)
    }

    private static func changed(_ body: [UInt8], _ change: (inout [CaseEvent]) -> Void) -> [UInt8] {
        guard let elements = try? EventBundle.unpack(body) else { return body }
        var events = elements.compactMap { element in
            if case .event(let event) = element { event } else { nil }
        }
        if events.count != elements.count { return body }
        change(&events)
        return EventBundle.pack(events).first ?? body
    }
}
