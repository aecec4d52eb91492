import CaseFlow
import Models
import Postgres
import ServiceKit

/// The measurement of the relay: how fast what a service has committed leaves for the broker after it could not for a while.
struct RelayBench: Sendable {
    let report: @Sendable (String) -> Void

    /// How many events stand in one message, as services write them under load.
    private static let bundle = 64

    /// Longer ago than messages are kept: a broker that routing does not know yet would get them a second time.
    private static let before = SystemTime.now - KeptBundles.memory - .seconds(86_400)

    /// How many events a second routing sends of a backlog that it finds when it starts, each confirmed by the broker.
    func run(events: Int) async throws -> BenchFigures {
        try await BenchHouse.with(report: report) { house in
            report("putting down \(events) events")
            for start in stride(from: 0, to: events, by: Self.bundle * 100) {
                let some = try (start..<min(start + Self.bundle * 100, events)).map { try Self.event($0) }
                let bodies = stride(from: 0, to: some.count, by: Self.bundle).flatMap { first in
                    EventBundle.pack(Array(some[first..<min(first + Self.bundle, some.count)]))
                }
                try await house.client.run(
                    """
                    WITH written AS (
                        INSERT INTO routing.bundles (exchange, routing_key, content_type, body, written_at)
                        SELECT \(OutboundMessage.Exchange.events.rawValue), 'routing', \(EventBundle.contentType), body, \(Self.before)
                        FROM unnest(\(bodies)) AS u(body) RETURNING id)
                    INSERT INTO routing.outbox (bundle, sweepable_at) SELECT id, now() FROM written ORDER BY id
                    """)
            }
            func waiting() async throws -> Int { try await house.client.run("SELECT count(*) FROM routing.outbox")[0].value(0) }
            let whole = try await waiting()
            let used = try house.processorTime()
            let clock = ContinuousClock.now
            // Ready once it has a connection to both servers; what it sends before that counts, and so does the time.
            try await house.start("routing", number: 1)
            let ready = ContinuousClock.now
            let left = try await waiting()
            let limit = ContinuousClock.now + .seconds(600)
            while try await waiting() > 0 {
                guard .now < limit else { throw CommandFailure("The backlog was not sent within ten minutes.") }
                try await Task.sleep(for: .milliseconds(20))
            }
            let drained = ContinuousClock.now
            let busy = try house.processorTime() - used
            try await house.settled("routing")
            report("the floor: as many messages of the same size, read, confirmed and deleted by a program that does nothing else")
            let bytes: Int = try await house.client.run("SELECT avg(octet_length(body))::bigint FROM routing.bundles")[0].value(0)
            let least = try await FloorRun().run(.drain(bytes: bytes), cases: whole, in: house).perSecond * Double(events) / Double(whole)
            var figures = BenchFigures()
            figures.add("events", events)
            figures.add("messages", whole)
            let perSecond = Double(events) / ((drained - clock) / .seconds(1))
            figures.add("eventsPerSecond", perSecond)
            figures.add("floorEventsPerSecond", least)
            figures.add("floorRatio", perSecond / least)
            figures.add("startSeconds", (ready - clock) / .seconds(1))
            figures.add("messagesAfterStart", left)
            figures.add("cpuSecondsPerThousandEvents", busy / .seconds(1) / Double(events) * 1000)
            return figures
        }
    }

    private static func event(_ number: Int) throws -> CaseEvent {
        let now = SystemTime.now
        let facts = CaseReopened(by: ActingPerson(role: .petitioner), reason: "答复之后路灯又坏了，附近的几户人家都反映晚上出行不便，请求再次派人修理。")
        return try CaseEvent(
            id: EventID(.version7(at: now, random: SystemTime.random)), source: .routing,
            subject: Subject(.version7(at: now, random: SystemTime.random)), type: CaseReopened.type, version: CaseReopened.version,
            time: now, sequence: 1, after: SourcePositions(), county: String(repeating: "0", count: 64), traceparent: nil, stating: facts)
    }
}
