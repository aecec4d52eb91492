import Models
import Postgres
import ServiceKit

/// The two measurements of deadline.
struct DeadlineBench: Sendable {
    let clocks: PendingClocks
    /// The folder with the programs of the services; nil for the one beside this program.
    var programs: String?
    let report: @Sendable (String) -> Void

    /// How long the house stands idle before its processor time is taken.
    private static let idle = Duration.seconds(20)

    /// How late rungs fire when `rate` of them come due in each of `seconds` seconds, among `pending` clocks, beside the floor, and what
    /// waiting costs.
    func load(pending: Int, rate: Int, seconds: Int, replicas: Int) async throws -> BenchFigures {
        try await BenchHouse.with(programs: programs, report: report) { house in
            try await clocks.publish(to: house.client)
            let count = rate * seconds
            report("putting down \(pending) clocks")
            let later = SystemTime.now + .seconds(2 * 86_400)
            // Spread over a month.
            let step = Duration.seconds(30 * 86_400) / max(1, pending - count)
            try await clocks.insert((0..<pending - count).map { later + step * $0 }, from: count, to: house.client)
            try await house.client.run("VACUUM ANALYZE deadline.cases")
            try await house.client.run("VACUUM ANALYZE deadline.case_clock")
            return try await Self.watching(house) { watch in
                for number in 1...replicas { try await house.start("deadline", number: number) }
                report("idling")
                var used = try Self.processorTime(of: replicas, in: house)
                try await Task.sleep(for: Self.idle)
                let idle = (try Self.processorTime(of: replicas, in: house) - used) / Self.idle

                // The first comes due when the last has been put down for some seconds.
                let begin = SystemTime.now + .seconds(15 + count / 2000)
                try await clocks.insert((0..<count).map { begin + .microseconds(1_000_000 * $0 / rate) }, from: 0, to: house.client)
                let rows = try await FloorRun.counts(house.client, withChanges: true)
                let spare = begin - SystemTime.now
                guard spare > .zero else { throw CommandFailure("This machine is too slow to put down \(count) clocks in time.") }
                report("\(count) rungs come due in \(seconds) s")
                try await Task.sleep(for: spare)
                used = try Self.processorTime(of: replicas, in: house)
                let clock = ContinuousClock.now
                _ = try await watch.hears(count, within: .seconds(seconds + 120))
                let busy = (try Self.processorTime(of: replicas, in: house) - used) / (ContinuousClock.now - clock)
                try await house.settled("deadline")
                try await watch.drained()
                let heard = await watch.heard
                let late = heard.map { Double(($0.arrived - $0.at).wholeMicroseconds) / 1000 }.sorted()
                let last = heard.map(\.arrived).max() ?? begin
                report("the floor: the same rows and messages at the same rate by a program that does nothing else")
                let floor = try await FloorRun(of: count, since: rows, house.client).run(
                    .due(service: "deadline", rate: rate), cases: count, in: house)
                let times = [("latenessP50Ms", 0.5), ("latenessP99Ms", 0.99)].map { ($0, BenchFigures.share($1, of: late)) }
                var result = BenchFigures()
                result.add("pending", pending)
                result.add("replicas", replicas)
                result.add("fired", heard.count)
                result.add("firedPerSecond", Double(heard.count) / ((last - begin) / .seconds(1)))
                for (figure, value) in times { result.add(figure, value) }
                result.add("latenessMaxMs", late.last ?? 0)
                try result.add(times, beside: floor)
                result.add("missing", count - heard.count)
                result.add("early", heard.count { $0.stated < $0.at })
                result.add("doubled", await watch.doubled)
                result.add("serviceCores", busy)
                result.add("idleCores", idle)
                return result
            }
        }
    }

    /// How long it takes until everything has fired that came due over a weekend on which deadline did not run; if asked, beside the floor.
    func backlog(
        of overdue: Int, pending: Int, replicas: Int, killing: Int, besideFloor: Bool = false
    ) async throws -> BenchFigures {
        try await BenchHouse.with(programs: programs, report: report) { house in
            try await clocks.publish(to: house.client)
            report("putting down \(overdue) overdue clocks and \(pending) others")
            let now = SystemTime.now
            let (weekend, later) = (now - .seconds(2 * 86_400), now + .seconds(2 * 86_400))
            try await clocks.insert(
                (0..<overdue).map { weekend + Duration.seconds(2 * 86_400) / overdue * $0 }, from: 0, to: house.client)
            try await clocks.insert(
                (0..<pending).map { later + Duration.seconds(30 * 86_400) / max(1, pending) * $0 }, from: overdue, to: house.client)
            try await house.client.run("VACUUM ANALYZE deadline.cases")
            try await house.client.run("VACUUM ANALYZE deadline.case_clock")
            let rows = try await FloorRun.counts(house.client, withChanges: true)
            return try await Self.watching(house) { watch in
                report("starting \(replicas) processes")
                let clock = ContinuousClock.now
                return try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 1...replicas { group.addTask { try await house.start("deadline", number: number) } }
                    // Each in the middle of the work, one after the other.
                    for number in 0..<killing {
                        guard try await watch.hears(overdue * (number + 1) / (killing + 2), within: .seconds(300)) else { break }
                        try house.kill("deadline", number: replicas - number)
                        report("killed number \(replicas - number)")
                    }
                    _ = try await watch.hears(overdue, within: .seconds(300))
                    let took = ContinuousClock.now - clock
                    try await house.settled("deadline")
                    try await watch.drained()
                    try await group.waitForAll()
                    let heard = await watch.heard
                    var result = BenchFigures()
                    result.add("overdue", overdue)
                    result.add("replicas", replicas)
                    result.add("killed", killing)
                    result.add("allFiredSeconds", took / .seconds(1))
                    result.add("missing", overdue - heard.count)
                    result.add("doubled", await watch.doubled)
                    result.add("outOfTurn", Self.outOfTurn(heard))
                    if besideFloor {
                        let floor = try await FloorRun(of: overdue, since: rows, house.client)
                        let least = try await floor.run(.one(service: "deadline", batch: 256), cases: overdue, in: house).perSecond
                        result.add("floorSeconds", Double(overdue) / least)
                        result.add("floorRatio", Double(overdue) / least / (took / .seconds(1)))
                    }
                    return result
                }
            }
        }
    }

    /// By how many places at most a rung fired later than in the order of the moments.
    static func outOfTurn(_ heard: [RungWatch.Heard]) -> Int {
        let turns = heard.sorted { ($0.at, $0.subject) < ($1.at, $1.subject) }
        // Those of one commit fire together, whatever their order in it.
        let fired = heard.map(\.stated).sorted()
        var most = 0
        for (turn, rung) in turns.enumerated() {
            // How many had fired before it.
            var (low, high) = (0, fired.count)
            while low < high {
                let middle = (low + high) / 2
                if fired[middle] < rung.stated { low = middle + 1 } else { high = middle }
            }
            most = max(most, low - turn)
        }
        return most
    }

    static func watching<R: Sendable>(
        _ house: BenchHouse, _ body: @Sendable (RungWatch) async throws -> R
    ) async throws -> R {
        let watch = try RungWatch(brokerURL: house.brokerURL)
        let listening = Task { await watch.run() }
        let result: Result<R, any Error>
        do {
            try await watch.ready()
            result = .success(try await body(watch))
        } catch { result = .failure(error) }
        await watch.stop()
        await listening.value
        return try result.get()
    }

    private static func processorTime(of replicas: Int, in house: BenchHouse) throws -> Duration {
        try (1...replicas).reduce(.zero) { sum, number in
            guard let time = house.processorTime("deadline", number: number) else {
                throw CommandFailure("A process of deadline has ended by itself.")
            }
            return sum + time
        }
    }
}
