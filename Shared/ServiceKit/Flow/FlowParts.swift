import AMQP
import CaseFlow
import Glibc
import Logging
import Metrics
import Models
import Postgres
import ServiceLifecycle

/// Everything between a service's process and its two servers, assembled the same way for all four.
///
/// A service adds what is its own (sweeps, couriers, routes) and runs the parts in the order of `parts`.
public struct FlowParts<Process: CaseProcess, Tables: CaseTables>: Sendable
where Tables.State == Process.State, Tables.Effect == Process.Effect {
    public typealias Store = PostgresStore<Tables>

    public let client: PostgresClient
    public let store: Store
    public let worker: CaseWorker<Process, Store>
    public let desk: CommandDesk<Process, Store>
    public let broker: AMQPBroker
    private let relay: OutboxRelay<Store, AMQPBroker>
    private let logger: Logger
    private let service: ServiceName
    private let migrations: [Migration]
    private let growing: [String]
    private let precondition: @Sendable (PostgresClient) async throws -> Void

    /// Prepares the parts; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - growing: The service's tables that are partitioned by month.
    ///   - pace: How far it may run ahead of others; nil when it begins no cases.
    ///   - precondition: Throws a `StartupFailure` when the service must not work on the database as it is.
    public init(
        _ context: RuntimeContext, process: Process, tables: Tables, migrations: [Migration], growing: [String] = [], pace: Pace? = nil,
        precondition: @escaping @Sendable (PostgresClient) async throws -> Void = { _ in }
    ) throws {
        service = context.configuration.service
        logger = context.logger
        self.migrations = migrations
        self.growing = growing
        self.precondition = precondition
        client = PostgresClient(
            PostgresConfiguration(
                url: context.configuration.database.revealed, applicationName: service.executable, schema: service.rawValue))
        store = Store(client: client, tables: tables)
        let broker: AMQPBroker
        do throws(AMQPError) {
            broker = try AMQPBroker(
                url: context.configuration.broker.revealed, source: process.source, replica: "\(Self.processID)", logger: context.logger
            ) { [store, logger] in
                let count = try await store.resend()
                if count > 0 { logger.notice("messages that were kept are sent again", metadata: .of([.count: "\(count)"])) }
            }
        } catch { throw StartupFailure("HUIYIN_BROKER_URL: \(error.message).") }
        self.broker = broker
        let relay = OutboxRelay(store: store, lane: .services, publisher: broker, logger: context.logger)
        self.relay = relay
        worker = CaseWorker(process: process, store: store, pace: pace) { rows in await relay.offer(rows) }
        desk = CommandDesk(worker: worker)
    }

    /// What `/readyz` asks.
    public var checks: [ReadinessCheck] {
        [
            ReadinessCheck("database") {
                do { try await client.run("SELECT 1") } catch {
                    // libpq's words name the database's address and the role.
                    throw ReadinessFailure("PostgreSQL cannot be used now", reason: loggableDescription(of: error))
                }
            },
            ReadinessCheck("broker") {
                let connected = await (broker.publisher.isConnected, broker.consumer.isConnected)
                if !connected.0 || !connected.1 { throw ReadinessFailure("there is no connection to RabbitMQ now; it is being made") }
            },
        ]
    }

    /// The parts in dependency order, with the service's own at the end.
    public func parts(_ own: [Part]) -> [Part] {
        let consumer = EventConsumer(worker: worker, broker: broker, logger: logger)
        let held = HeldSweep(worker: worker, logger: logger)
        return [
            Part("database", Loop { await Self.hold(client) }, ready: { try await checkSchema() }),
            Part(
                "publisher",
                Loop {
                    await broker.publisher.run()
                } stop: {
                    await broker.publisher.close()
                }),
            Part(
                "relay",
                Loop {
                    await relay.run()
                } stop: {
                    await relay.stop()
                }),
            Part("outbox sweep", Loop { await relay.runSweep() }),
            Part("held sweep", Loop { await held.run() }),
            Part("housekeeping", Loop { await housekeep() }),
            Part("frozen sessions", Loop { await FrozenSessions(client: client, logger: logger).run() }),
            Part("memory", Loop { await ProgramMemory.keepSmall { store.tidyMemory() } }),
        ] + own + [
            Part(
                "consumer",
                Loop {
                    await Self.consume(consumer, broker.consumer)
                } stop: {
                    await broker.consumer.close()
                })
        ]
    }

    /// Waits for the database, then refuses to start on a schema that is not this version's.
    private func checkSchema() async throws {
        var pause = Pause()
        while true {
            do {
                let faults = try await Migrator(schema: service.rawValue, migrations: migrations).status(on: client)
                if let fault = faults.first { throw StartupFailure("\(service.executable): \(fault).") }
                try await precondition(client)
                return
            } catch let error as PostgresError {
                guard error.isRetryable else { throw StartupFailure("HUIYIN_DATABASE_URL: \(error).") }
                logger.warning("the database is away; trying again", metadata: .of([.reason: "\(error)"]))
                await pause.wait()
                try Task.checkCancellation()
            }
        }
    }

    /// Every half minute: figures for `/metrics`, and expired idempotency keys and old messages go.
    private func housekeep() async {
        func gauge(_ name: String) -> Gauge { Gauge(label: name, dimensions: [("service", service.rawValue)]) }
        let (outbox, held, dead) = (gauge("huiyin_outbox_rows"), gauge("huiyin_held_events"), gauge("huiyin_dead_letters"))
        let redone = gauge("huiyin_units_done_over")
        var nextMonths = ContinuousClock.now
        while !Task.isCancelled {
            if let figures = try? await store.figures() {
                outbox.record(figures.outbox)
                held.record(figures.held)
                dead.record(figures.dead)
            }
            redone.record(store.doneOver)
            try? await store.purgeClaims()
            try? await store.purgeBundles(olderThan: Self.keeping)
            if nextMonths <= .now {
                await addMonths()
                nextMonths = .now + .seconds(600)
            }
            try? await Task.sleep(for: .seconds(30))
        }
    }

    /// Keeps the pool open until the parts that use it have ended.
    private static func hold(_ client: PostgresClient) async {
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
        await client.close()
    }

    /// Runs the subscription and the loop that empties it; both end when the subscription is closed.
    private static func consume(_ consumer: EventConsumer<Process, Store, AMQPBroker>, _ subscription: AMQPConsumer) async {
        async let receiving: Void = subscription.run()
        await consumer.run()
        await receiving
    }

    /// Makes the partitions of the months to come; what fails is tried again after ten minutes, and until then rows go where all others go.
    private func addMonths() async {
        for table in growing {
            do throws(StoreFailure) { try await store.addMonths(to: table) } catch {
                logger.warning("the months of a table could not be added", metadata: .of([.reason: "\(error)"]))
            }
        }
    }

    /// How long messages are kept beyond their confirm: an hour longer than they are sent again.
    private static var keeping: Duration { KeptBundles.memory + .seconds(3600) }

    private static var processID: Int32 { getpid() }
}
