import Models
import Postgres
import ServiceKit

/// The measurement of recovery: how long cases are late after a process was killed, and whether each went its way once.
extension PipelineBench {
    /// What is killed, one after the other.
    static let victims = HouseSettings.services + ["postgresql", "rabbitmq"]

    /// Kills each process of the house under a steady load.
    ///
    /// A recovery ends with the last answer or completion that takes more than a second; it counts from the kill, so that the time in
    /// which the process starts again is part of it. The least is how long a server can do nothing for anybody, the start of its own
    /// included; for a service it is nothing, since no case needs to be late by a second for a process that starts within one.
    func recovery(rate: Int, seconds: Int) async throws -> BenchFigures {
        try await inHouse(services: HouseSettings.services) { house in
            var figures = BenchFigures()
            figures.add("casesPerSecond", rate)
            var (worst, lost, doubled) = (0.0, 0, 0)
            var recoveries: [String: Double] = [:]
            for victim in Self.victims {
                report("killing \(victim) in the midst of \(rate * seconds) cases")
                let found = try await outage(of: victim, rate: rate, seconds: seconds, house)
                recoveries[victim] = found.seconds
                figures.add("\(victim)RecoverySeconds", found.seconds)
                figures.add("\(victim)PostMaxSeconds", found.longestPost)
                (worst, lost, doubled) = (max(worst, found.seconds), lost + found.lost, doubled + found.doubled)
            }
            for (victim, server) in [("postgresql", FloorRun.Way.Server.database), ("rabbitmq", .broker)] {
                report("the floor: killing \(victim) under a program that does nothing but try whether it works")
                let least = try await FloorRun.outage(of: server, in: house) { try house.kill(victim, number: 1) }
                figures.add("\(victim)FloorSeconds", least)
                if let own = recoveries[victim], own > 0 { figures.add("\(victim)FloorRatio", least / own) }
            }
            figures.add("recoveryMaxSeconds", worst)
            figures.add("lost", lost)
            figures.add("doubled", doubled)
            return figures
        }
    }

    private struct Outage {
        var seconds: Double
        var longestPost: Double
        var lost: Int
        var doubled: Int
    }

    private func outage(of victim: String, rate: Int, seconds: Int, _ house: BenchHouse) async throws -> Outage {
        let (begin, cases) = (try await now(house), rate * seconds)
        async let outcome = load(house, cases: cases, clients: 64, mark: "r-\(victim)-", rate: Double(rate), isPatient: true).run()
        try await Task.sleep(for: .seconds(Double(seconds) / 3))
        // The database may be what is killed: its clock is asked before.
        let (killed, clock) = (try await now(house), ContinuousClock.now)
        try house.kill(victim, number: 1)
        let taken = try await outcome
        try Self.check(taken)
        // Whatever was lent to a process that died is over by then.
        _ = try await completed(cases, since: begin, within: .seconds(180), house)
        let counted = try await house.client.run(
            """
            SELECT max(complete) FILTER (WHERE complete - registered > interval '1 second'), count(*) FILTER (WHERE kinds = 4),
                count(*) FILTER (WHERE again)
            FROM (
                SELECT subject, min(at) FILTER (WHERE type = 'case.registered') AS registered, max(at) AS complete,
                    count(DISTINCT type) AS kinds, count(*) FILTER (WHERE type = 'case.registered') > 1
                        OR count(*) FILTER (WHERE type = 'case.assigned') > 1 OR count(*) FILTER (WHERE type = 'notice.delivered') > 1 AS again
                FROM intake.ledger WHERE at >= \(begin) AND (type IN ('case.registered', 'case.assigned', 'clock.started')
                    OR type = 'notice.delivered' AND position('"template":"receipt"'::bytea IN event) > 0)
                GROUP BY subject) AS cases
            WHERE registered IS NOT NULL
            """)[0]
        let lastComplete = try counted.optional(0, as: Instant.self).map { ($0 - killed) / .seconds(1) } ?? 0
        let lastAnswer = taken.lastLate.map { ($0 - clock) / .seconds(1) } ?? 0
        return Outage(
            seconds: max(lastComplete, lastAnswer), longestPost: taken.latency.greatest / .seconds(1),
            lost: max(0, cases - (try counted.value(1, as: Int.self))), doubled: try counted.value(2))
    }
}
