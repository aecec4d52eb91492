import Models
import NIOHTTP1
import Postgres
import ServiceKit

/// The measurements of the whole way of a case: taken in over HTTP, assigned, its clocks started, its receipt delivered.
struct PipelineBench: Sendable {
    let county: CountyDefinition
    let report: @Sendable (String) -> Void

    /// How many cases warm the house up: connections, statements, the broker's queues.
    private static let warming = 1000

    /// How fast a burst of cases goes through the house, what one costs, and how the same rows and messages fare without a house.
    func burst(cases: Int, clients: Int) async throws -> BenchFigures {
        try await inHouse(services: HouseSettings.services) { house in
            let rows = try await FloorRun.counts(house.client)
            report("\(cases) cases over \(clients) connections")
            let load = load(house, cases: cases, clients: clients, mark: "b")
            let (begin, used, clock) = (try await now(house), try house.processorTime(), ContinuousClock.now)
            let taken = try await load.run()
            try Self.check(taken)
            report("taken in at \(Int(taken.perSecond)) a second; waiting for the last")
            let last = try await completed(cases, since: begin, house)
            let (waited, busy) = (ContinuousClock.now - clock, try house.processorTime() - used)
            report("complete after \(waited.shownSeconds) s; how long each took")
            let times = try await latencies(since: begin, house)
            // What is not needed any more is given back every ten seconds.
            try await Task.sleep(for: .seconds(12))
            let megabytes = HouseSettings.services.map { ($0, house.megabytes($0), house.mostMegabytes($0)) }
            let floor = try await FloorRun(of: cases, since: rows, house.client)
            for service in HouseSettings.services { try await house.settled(service) }
            report("the floor: the same rows and messages by a program that does nothing else\n\(floor.shape)")
            let least = try await floor.run(.burst, cases: cases, in: house)

            var figures = BenchFigures()
            let perSecond = Double(cases) / ((last - begin) / .seconds(1))
            figures.add("cases", cases)
            figures.add("clients", clients)
            figures.add("casesPerSecond", perSecond)
            figures.add("floorCasesPerSecond", try least.perSecond)
            figures.add("floorRatio", perSecond / (try least.perSecond))
            figures.add("latencyP50Ms", times.milliseconds(0.5))
            figures.add("latencyP99Ms", times.milliseconds(0.99))
            Self.add(busy, of: cases, beside: least, to: &figures)
            figures.add("takenPerSecond", taken.perSecond)
            figures.add("postP50Ms", taken.latency.milliseconds(0.5))
            figures.add("postP99Ms", taken.latency.milliseconds(0.99))
            for (service, amount, most) in megabytes {
                figures.add("\(service)Megabytes", amount)
                figures.add("\(service)MostMegabytes", most)
            }
            try figures.add(megabytes: megabytes.map(\.2), beside: least)
            return figures
        }
    }

    /// How long a case takes at a rate that the house keeps up with easily, each case at its moment, beside the same rows, messages and
    /// files without a house; and what idleness costs.
    func steady(rate: Int, seconds: Int) async throws -> BenchFigures {
        try await inHouse(services: HouseSettings.services) { house in
            let rows = try await FloorRun.counts(house.client)
            let (begin, used) = (try await now(house), try house.processorTime())
            report("\(rate) cases a second for \(seconds) s")
            let taken = try await load(house, cases: rate * seconds, clients: 32, mark: "s", rate: Double(rate)).run()
            try Self.check(taken)
            let busy = try house.processorTime() - used
            _ = try await completed(rate * seconds, since: begin, house)
            let wholes = try await latencies(since: begin, house)
            let times = [
                ("postP50Ms", taken.latency.milliseconds(0.5)), ("postP99Ms", taken.latency.milliseconds(0.99)),
                ("latencyP50Ms", wholes.milliseconds(0.5)), ("latencyP99Ms", wholes.milliseconds(0.99)),
            ]
            report("idling for 20 s")
            for service in HouseSettings.services { try await house.settled(service) }
            try await Task.sleep(for: .seconds(5))
            let before = HouseSettings.services.map { house.processorTime($0, number: 1) ?? .zero }
            try await Task.sleep(for: .seconds(20))
            let idle = zip(HouseSettings.services, before).map { ($0, ((house.processorTime($0, number: 1) ?? .zero) - $1) / .seconds(20)) }
            report("the floor: the same rows, messages and files at the same rate by a program that does nothing else")
            let least = try await FloorRun(of: rate * seconds, since: rows, house.client).run(
                .steady(rate: rate), cases: rate * seconds, in: house)

            var figures = BenchFigures()
            figures.add("cases", rate * seconds)
            figures.add("casesPerSecond", rate)
            for (figure, value) in times { figures.add(figure, value) }
            try figures.add(times, beside: least)
            Self.add(busy, of: rate * seconds, beside: least, to: &figures)
            for (service, share) in idle { figures.add("\(service)IdleCores", share) }
            for service in HouseSettings.services { figures.add("\(service)Megabytes", house.megabytes(service)) }
            try figures.add(megabytes: HouseSettings.services.map { house.mostMegabytes($0) }, beside: least)
            return figures
        }
    }

    /// How many cases a second intake alone takes in durably, for each number of connections.
    func intake(cases: Int, clients: [Int]) async throws -> BenchFigures {
        try await inHouse(services: ["intake"]) { house in
            var figures = BenchFigures()
            figures.add("cases", cases)
            for count in clients {
                report("\(cases) cases over \(count) connections")
                let (rows, used) = (try await FloorRun.counts(house.client), try house.processorTime())
                let taken = try await load(house, cases: cases, clients: count, mark: "i\(count)-").run()
                try Self.check(taken)
                try await house.settled("intake")
                let busy = try house.processorTime() - used
                let floor = try await FloorRun(of: cases, since: rows, house.client)
                let least = try await floor.run(.one(service: "intake", batch: count), cases: cases, in: house)
                figures.add("casesPerSecond\(count)", taken.perSecond)
                figures.add("postP50Ms\(count)", taken.latency.milliseconds(0.5))
                figures.add("postP99Ms\(count)", taken.latency.milliseconds(0.99))
                Self.add(busy, of: cases, beside: least, to: &figures, suffix: "\(count)")
                figures.add("floorCasesPerSecond\(count)", try least.perSecond)
                figures.add("floorRatio\(count)", taken.perSecond / (try least.perSecond))
            }
            return figures
        }
    }

    /// Tells what cases cost, and what they cost the floor.
    private static func add(
        _ busy: Duration, of cases: Int, beside floor: FloorRun.Outcome, to figures: inout BenchFigures, suffix: String = ""
    ) {
        let time = busy / .seconds(1) / Double(cases) * 1000
        figures.add("cpuSecondsPerThousandCases\(suffix)", time)
        figures.add("floorCPUSecondsPerThousandCases\(suffix)", floor.processorTime)
        figures.add("cpuFloorRatio\(suffix)", time > 0 ? floor.processorTime / time : 0)
    }

    func inHouse(
        services: [String], _ body: @Sendable (BenchHouse) async throws -> BenchFigures
    ) async throws -> BenchFigures {
        try await BenchHouse.with(report: report) { house in
            for service in services { try await house.start(service, number: 1) }
            try await IntakeClient.with(address: try house.address("intake"), token: house.operatorToken) { intake in
                _ = try await intake.need(.PUT, "/v1/county", body: try county.canonicalJSON())
            }
            report("warming up")
            let begin = try await now(house)
            try Self.check(try await load(house, cases: Self.warming, clients: 16, mark: "w").run())
            if services.count > 1 { _ = try await completed(Self.warming, since: begin, house) }
            return try await body(house)
        }
    }

    /// A load of registrations, all of them made beforehand: what is measured needs the processors for itself.
    func load(
        _ house: BenchHouse, cases: Int, clients: Int, mark: String, rate: Double? = nil, isPatient: Bool = false
    ) -> HTTPLoad {
        let headers = [("Content-Type", "application/json"), ("Authorization", "Bearer \(house.operatorToken)")]
        let requests = (0..<cases).map { number in
            HTTPLoad.post("/v1/cases", body: Self.body(mark, number), headers: headers + [("Idempotency-Key", "bench-\(mark)\(number)")])
        }
        return HTTPLoad(port: house.port("intake"), clients: clients, requests: cases, rate: rate, isPatient: isPatient) { requests[$0] }
    }

    /// A case of about a kilobyte, of somebody with a phone, each with words of its own.
    static func body(_ mark: String, _ number: Int) -> [UInt8] {
        var state = mark.utf8.reduce(UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15) {
            ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
        }
        let (text, more) = (RoutingBench.inventedText(&state), RoutingBench.inventedText(&state))
        return Array(
            #"{"kind":"help","title":"\#(text.title) \#(mark)\#(number)","narrative":"\#((text.narrative + more.narrative).prefix(250))","petitioners":[{"name":"来信人\#(mark)\#(number)","phone":"139\#(mark.count)\#(10_000_000 + number)"}]}"#
                .utf8)
    }

    static func check(_ outcome: HTTPLoad.Outcome) throws {
        if let refusal = outcome.refusal {
            throw CommandFailure("Intake refused \(outcome.refused) cases, the first with: \(refusal.shown)")
        }
    }

    func now(_ house: BenchHouse) async throws -> Instant { try await house.client.run("SELECT clock_timestamp()")[0].value(0) }

    /// Waits until so many cases are complete; says when the last of them was.
    ///
    /// A case is complete when it has its unit and its clock and its receipt is delivered. Counting costs as much as many cases do, so it
    /// counts anew only when half of the time is over that the rest seems to need. Throws when some are not complete after half an hour.
    func completed(_ cases: Int, since begin: Instant, _ house: BenchHouse) async throws -> Instant {
        if let last = try await completed(cases, since: begin, within: .seconds(1800), house) { return last }
        throw CommandFailure("After half an hour some of \(cases) cases are not complete.")
    }

    /// The same for as long as `limit`; nil when some are not complete then.
    func completed(_ cases: Int, since begin: Instant, within limit: Duration, _ house: BenchHouse) async throws -> Instant? {
        let (start, limit) = (ContinuousClock.now, ContinuousClock.now + limit)
        var before: (complete: Int, at: ContinuousClock.Instant)?
        while true {
            let row = try await house.client.run(
                """
                SELECT count(*) FILTER (WHERE type = 'case.assigned'), count(DISTINCT subject) FILTER (WHERE type = 'clock.started'),
                    count(*) FILTER (WHERE receipt), max(at) FILTER (WHERE receipt OR type <> 'notice.delivered')
                FROM (SELECT at, type, subject, type = 'notice.delivered'
                        AND position('"template":"receipt"'::bytea IN event) > 0 AS receipt
                    FROM intake.ledger WHERE at >= \(begin) AND type IN ('case.assigned', 'clock.started', 'notice.delivered')) AS entries
                """)[0]
            let complete = min(try row.value(0, as: Int.self), try row.value(1, as: Int.self), try row.value(2, as: Int.self))
            if complete >= cases, let last = try row.optional(3, as: Instant.self) { return last }
            let now = ContinuousClock.now
            if now >= limit { return nil }
            let (since, done) = before.map { (now - $0.at, complete - $0.complete) } ?? (now - start, complete)
            before = (complete, now)
            let rest = done > 0 ? since * Double(cases - complete) / Double(done) : .seconds(1)
            try await Task.sleep(for: min(max(rest / 2, .milliseconds(250)), .seconds(10)))
        }
    }

    /// From the registration of each case to the last of its assignment, its first clock and its receipt's delivery.
    private func latencies(since begin: Instant, _ house: BenchHouse) async throws -> Histogram {
        var times = Histogram()
        let rows = try await house.client.run(
            """
            SELECT (extract(epoch FROM max(first) - min(registered)) * 1000000)::bigint FROM (
                SELECT subject, type, min(at) AS first, min(at) FILTER (WHERE type = 'case.registered') AS registered FROM intake.ledger
                WHERE at >= \(begin) AND (type IN ('case.registered', 'case.assigned', 'clock.started')
                    OR type = 'notice.delivered' AND convert_from(event, 'UTF8') LIKE '%"template":"receipt"%')
                GROUP BY subject, type) AS firsts
            GROUP BY subject HAVING count(*) = 4
            """)
        for row in rows { times.add(.microseconds(try row.value(0, as: Int64.self))) }
        return times
    }
}

extension Duration {
    fileprivate var shownSeconds: String { String(Int(self / .seconds(1))) }
}
