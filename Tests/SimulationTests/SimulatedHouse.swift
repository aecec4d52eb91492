import CaseFlow
import Logging
import Models

/// What learns that the broker was emptied.
protocol Resending {
    func resend() async
}

/// One service in a simulation: one store, and replicas that come, go and die.
///
/// @unchecked Sendable: see `SimulatedWorld`.
final class SimulatedHouse<Process: CaseProcess>: Resending, @unchecked Sendable {
    typealias Store = InMemoryStore<Process.State, Process.Effect>

    struct Replica {
        let worker: CaseWorker<Process, Store>
        let relays: [OutboxRelay<Store, SimulatedConnection>]
        let consumer: EventConsumer<Process, Store, SimulatedConnection>
        let connection: SimulatedConnection
    }

    let process: Process
    let store: Store
    private let broker: InMemoryBroker
    private let world: SimulatedWorld
    private(set) var replicas: [Replica] = []
    private let logger = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }

    init(_ process: Process, broker: InMemoryBroker, world: SimulatedWorld) {
        self.process = process
        self.broker = broker
        self.world = world
        store = Store(clock: { world.now }) { moment in
            world.crashes() ? StoreFailure(isRetryable: true, reason: "the simulated process died: \(moment)") : nil
        }
        join()
    }

    /// A replica joins.
    func join() {
        let connection = SimulatedConnection(world: world, base: InMemoryConnection(process.source, to: broker))
        let relays = OutboxLane.allCases.map { OutboxRelay(store: store, lane: $0, publisher: connection, logger: logger) }
        let world = world
        let worker = CaseWorker(
            process: process, store: store, identifiers: { SimulatedIdentifiers(world: world) },
            committed: { rows in for relay in relays { await relay.offer(rows) } })
        let consumer = EventConsumer(worker: worker, broker: connection, logger: logger)
        replicas.append(Replica(worker: worker, relays: relays, consumer: consumer, connection: connection))
    }

    /// A replica is gone at once, with all it had in memory.
    func leave(_ index: Int) async {
        await replicas.remove(at: index).connection.base.close()
        if replicas.isEmpty { join() }
    }

    /// One step of one replica, chosen by chance; a replica that dies in it is replaced.
    func step() async {
        let index = world.pick(replicas.count)
        let replica = replicas[index]
        switch world.pick(10) {
        case 0...4:
            if let batch = await replica.connection.base.take(atMost: 40) {
                do throws(FlowFailure) { try await replica.consumer.settle(batch) } catch {
                    await replica.connection.base.release()
                }
            }
        case 5...7: _ = await replica.relays[world.pick(2)].sendFresh()
        case 8:
            let relay = replica.relays[world.pick(2)]
            if world.chance(0.5) { await relay.forgetConfirmed() }
            _ = await relay.sweep()
        default: _ = try? await HeldSweep(worker: replica.worker, logger: logger).once()
        }
        await bury(index)
    }

    /// Runs `body` on one replica chosen by chance.
    func withReplica<R>(_ body: (CaseWorker<Process, Store>) async -> R) async -> R {
        let index = world.pick(replicas.count)
        let result = await body(replicas[index].worker)
        await bury(index)
        return result
    }

    /// Works until nothing is left to do now.
    func drain() async {
        for replica in replicas {
            for relay in replica.relays {
                while await relay.sendFresh() {}
                repeat { await relay.forgetConfirmed() } while await relay.sweep() > 0
            }
            while let batch = await replica.connection.base.take(atMost: 256) {
                do throws(FlowFailure) { try await replica.consumer.settle(batch) } catch {
                    await replica.connection.base.release()
                }
            }
            _ = try? await HeldSweep(worker: replica.worker, logger: logger).once()
            for relay in replica.relays {
                while await relay.sendFresh() {}
                await relay.forgetConfirmed()
            }
        }
    }

    func resend() async { _ = try? await store.resend() }

    func isAtRest() async -> Bool {
        let (outbox, held) = (await store.outbox, await store.held)
        return outbox.isEmpty && held.isEmpty
    }

    private func bury(_ index: Int) async {
        guard world.crashed else { return }
        world.crashed = false
        world.note("crash \(process.source)")
        await leave(index)
        join()
    }
}
