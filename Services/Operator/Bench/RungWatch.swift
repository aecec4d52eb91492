import AMQP
import CaseFlow
import Logging
import Models
import ServiceKit

/// Hears what deadline states of its rungs, as another service would: from the broker.
public actor RungWatch {
    /// A rung as it was heard of.
    public struct Heard: Sendable {
        public var subject: Subject
        /// From when on it might fire.
        public var at: Instant
        /// When deadline stated it, by the database's clock.
        public var stated: Instant
        /// When it arrived here.
        public var arrived: Instant
    }

    private struct Name: Hashable {
        var subject: Subject
        var clock: ClockName
        var serial: Int
        var rung: Int
    }

    private let consumer: AMQPConsumer
    private let configuration: AMQPConfiguration
    private var events: Set<EventID> = []
    private var names: Set<Name> = []
    public private(set) var heard: [Heard] = []
    /// How many rungs were stated more than once, each time as an event of its own.
    public private(set) var doubled = 0
    private var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

    /// Prepares a queue beside those of the services; nothing is heard before `run`.
    public init(brokerURL: String) throws {
        var topology = HouseTopology.everything()
        topology.queues.append(
            .init("huiyin.bench", bindings: [.init(OutboundMessage.Exchange.events.rawValue, Source.deadline.rawValue)]))
        configuration = try AMQPConfiguration(url: brokerURL, connectionName: "huiyin bench")
        consumer = AMQPConsumer(
            configuration, topology: topology, queue: "huiyin.bench", prefetch: 64,
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Listens until it is stopped.
    public nonisolated func run() async {
        async let receiving: Void = consumer.run()
        for await batch in consumer.batches(atMost: 64, gathering: .zero) {
            let now = SystemTime.now
            for body in batch.bodies { await take(body, at: now) }
            try? await consumer.acknowledge(batch)
        }
        await receiving
    }

    public func stop() async { await consumer.close() }

    /// Waits until the queue stands, so that nothing of what follows is missed.
    public func ready() async throws {
        while await !consumer.isConnected { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// Waits until everything that lies in the queue has been heard.
    public func drained() async throws {
        let inspection = AMQPInspection(configuration)
        while try await inspection.depths(of: ["huiyin.bench"])["huiyin.bench"] != 0 { try await Task.sleep(for: .milliseconds(50)) }
        await inspection.close()
    }

    /// Waits until `count` rungs have been heard of, at most for `limit`; says whether they have.
    public func hears(_ count: Int, within limit: Duration) async throws -> Bool {
        if names.count >= count { return true }
        let alarm = Task {
            try await Task.sleep(for: limit)
            wakeAll()
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiting.append((count, $0)) }
        } onCancel: {
            Task { await wakeAll() }
        }
        alarm.cancel()
        try Task.checkCancellation()
        return names.count >= count
    }

    private func wakeAll() {
        for waiter in waiting { waiter.continuation.resume() }
        waiting = []
    }

    private func take(_ body: [UInt8], at now: Instant) {
        for case .event(let event) in (try? EventBundle.unpack(body)) ?? [] {
            // A message may come again; an event of its own for the same rung may not.
            guard let (name, at) = Self.rung(of: event), events.insert(event.id).inserted else { continue }
            guard names.insert(name).inserted else {
                doubled += 1
                continue
            }
            heard.append(Heard(subject: event.subject, at: at, stated: event.time, arrived: now))
        }
        let ready = waiting.filter { $0.count <= names.count }
        waiting.removeAll { $0.count <= names.count }
        for waiter in ready { waiter.continuation.resume() }
    }

    private static func rung(of event: CaseEvent) -> (Name, at: Instant)? {
        if event.type == ClockWarned.type, let facts = try? event.facts(ClockWarned.self) {
            return (Name(subject: event.subject, clock: facts.clock, serial: facts.serial, rung: facts.rung), facts.at)
        }
        if event.type == ClockPassed.type, let facts = try? event.facts(ClockPassed.self) {
            return (Name(subject: event.subject, clock: facts.clock, serial: facts.serial, rung: facts.rung), facts.at)
        }
        return nil
    }
}
