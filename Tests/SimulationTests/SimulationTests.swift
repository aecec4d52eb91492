import Simulation
import Testing

@Suite("The house under faults")
struct SimulationTests {
    @Test("keeps its promise for every seed", .timeLimit(.minutes(10)))
    func promise() async {
        let outcome = await SimulationRuns(seeds: 0..<300, cases: 4, steps: 120, lanes: 2).run()

        for report in outcome.broken {
            Issue.record("seed \(report.seed): \(report.violations.prefix(5).map { "\($0)" }.joined(separator: "\n"))")
        }
        #expect(outcome.violations == 0)
        #expect(outcome.seeds == 300 && outcome.cases > 1000)
        // Every kind of fault has struck.
        #expect(Set(outcome.faults.keys) == Set(FaultKind.allCases))
    }

    @Test("keeps it at every step", .timeLimit(.minutes(10)))
    func eachStep() async {
        let outcome = await SimulationRuns(
            seeds: 1000..<1040, cases: 4, steps: 120, watch: .init(eachStep: true), lanes: 2
        ).run()

        for report in outcome.broken {
            Issue.record("seed \(report.seed): \(report.violations.prefix(5).map { "\($0)" }.joined(separator: "\n"))")
        }
        #expect(outcome.violations == 0)
    }

    @Test("plays a seed again exactly", arguments: [3, 78, 501] as [UInt64])
    func replay(seed: UInt64) async {
        let scenario = Scenario(seed: seed, cases: 8, steps: 300)
        let first = await Simulation(scenario, watch: .init(tells: true)).run()

        let second = await Simulation(scenario, watch: .init(tells: true)).run()

        #expect(first.digest == second.digest)
        #expect(first.story == second.story)
        #expect(first.faults == second.faults)
        #expect(first.events > 30)
    }
}
