import Models
import Operator

/// Takes from a run that breaks the promise what it does not need to break it.
///
/// Steps, cases and faults are left out in ever smaller parts (delta debugging); what still breaks the same invariant is kept. The number of
/// runs is limited, so the result is small but not always the smallest.
package struct Shrinker {
    private let watch: Simulation.Watch
    private let crashRate: Double
    private var runs: Int
    private let invariants: Set<Int>
    /// The smallest run so far that breaks the promise, and what came of it.
    package private(set) var best: (scenario: Scenario, report: Simulation.Report)

    private init(_ scenario: Scenario, _ report: Simulation.Report, watch: Simulation.Watch, crashRate: Double, runs: Int) {
        (self.watch, self.crashRate, self.runs) = (watch, crashRate, runs)
        invariants = Set(report.violations.map(\.invariant))
        best = (scenario, report)
    }

    /// Makes `scenario`, of which `report` came, as small as `runs` more runs allow.
    package static func shrink(
        _ scenario: Scenario, _ report: Simulation.Report, watch: Simulation.Watch, crashRate: Double = 0.02, runs: Int = 400
    ) async -> Shrinker {
        var scenario = scenario
        scenario.faults = Set(report.faults)
        var shrinker = Shrinker(scenario, report, watch: watch, crashRate: crashRate, runs: runs)
        var size = Int.max
        while shrinker.runs > 0, shrinker.size < size {
            size = shrinker.size
            await shrinker.reduce(\.steps)
            await shrinker.reduce(\.cases)
            await shrinker.reduceFaults()
        }
        await shrinker.retell()
        return shrinker
    }

    private var size: Int { best.scenario.steps.count + best.scenario.cases.count + (best.scenario.faults?.count ?? 0) }

    private mutating func reduce<Item>(_ part: WritableKeyPath<Scenario, [Item]>) async {
        var length = max(1, best.scenario[keyPath: part].count / 2)
        while runs > 0 {
            var start = 0
            while start < best.scenario[keyPath: part].count, runs > 0 {
                var smaller = best.scenario
                let end = min(start + length, smaller[keyPath: part].count)
                smaller[keyPath: part].removeSubrange(start..<end)
                if await !keeps(smaller) { start = end }
            }
            if length == 1 { return }
            length = (length + 1) / 2
        }
    }

    private mutating func reduceFaults() async {
        // Those that struck nothing any more are gone at once.
        var smaller = best.scenario
        smaller.faults = Set(best.report.faults)
        _ = await keeps(smaller)
        var length = max(1, (best.scenario.faults?.count ?? 0) / 2)
        while runs > 0 {
            var rest = Self.sorted(best.scenario.faults ?? [])[...]
            while !rest.isEmpty, runs > 0 {
                var smaller = best.scenario
                smaller.faults?.subtract(rest.prefix(length))
                _ = await keeps(smaller)
                rest = rest.dropFirst(length)
            }
            if length == 1 { return }
            length = (length + 1) / 2
        }
    }

    private static func sorted(_ faults: Set<StruckFault>) -> [StruckFault] {
        faults.sorted { ($0.place.step, $0.place.ordinal) < ($1.place.step, $1.place.ordinal) }
    }

    /// Whether the smaller run breaks the promise in the same way; then it is the best.
    private mutating func keeps(_ scenario: Scenario) async -> Bool {
        runs -= 1
        let report = await Simulation(scenario, watch: watch, crashRate: crashRate).run()
        guard report.violations.contains(where: { invariants.contains($0.invariant) }) else { return false }
        best = (scenario, report)
        return true
    }

    /// Plays the best once more and keeps its story.
    private mutating func retell() async {
        var watch = watch
        watch.tells = true
        best.report = await Simulation(best.scenario, watch: watch, crashRate: crashRate).run()
    }
}
