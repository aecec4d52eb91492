import Models
import Operator

/// Plays many seeds, on all cores.
package struct SimulationRuns: Sendable {
    package var seeds: Range<UInt64>
    package var cases: Int
    package var steps: Int
    package var watch: Simulation.Watch
    package var lanes: Int
    /// The runs end with the first seeds that break the promise, where many would.
    package var mostBroken = 3

    package init(seeds: Range<UInt64>, cases: Int, steps: Int, watch: Simulation.Watch = .init(), lanes: Int) {
        self.seeds = seeds
        self.cases = cases
        self.steps = steps
        self.watch = watch
        self.lanes = lanes
    }

    /// What came of all seeds.
    package struct Outcome: Sendable {
        package var seeds = 0
        package var cases = 0
        package var events = 0
        package var types: [String: Int] = [:]
        package var faults: [FaultKind: Int] = [:]
        package var violations = 0
        /// The digests of all runs, in no order.
        package var digest: UInt64 = 0
        /// The first seeds that broke the promise.
        package var broken: [Simulation.Report] = []

        mutating func add(_ report: Simulation.Report) {
            seeds += 1
            cases += report.cases
            events += report.events
            violations += report.violations.count
            digest ^= report.digest
            types.merge(report.types) { $0 + $1 }
            for fault in report.faults { faults[fault.kind, default: 0] += 1 }
            if !report.violations.isEmpty { broken.append(report) }
        }

        mutating func add(_ other: Outcome) {
            seeds += other.seeds
            cases += other.cases
            events += other.events
            violations += other.violations
            digest ^= other.digest
            types.merge(other.types) { $0 + $1 }
            faults.merge(other.faults) { $0 + $1 }
            broken = (broken + other.broken).sorted { $0.seed < $1.seed }
        }
    }

    /// Plays one seed of these runs.
    package func scenario(_ seed: UInt64) -> Scenario { Scenario(seed: seed, cases: cases, steps: steps) }

    /// Plays them all; `progress` hears of every seed that is done.
    package func run(_ progress: @escaping @Sendable () -> Void = {}) async -> Outcome {
        await withTaskGroup(of: Outcome.self) { group in
            for lane in 0..<max(1, lanes) {
                group.addTask {
                    var outcome = Outcome()
                    for seed in stride(from: seeds.lowerBound + UInt64(lane), to: seeds.upperBound, by: max(1, lanes)) {
                        outcome.add(await Simulation(scenario(seed), watch: watch).run())
                        progress()
                        if outcome.broken.count >= mostBroken { break }
                    }
                    return outcome
                }
            }
            return await group.reduce(into: Outcome()) { $0.add($1) }
        }
    }
}
