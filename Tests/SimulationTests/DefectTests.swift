import Simulation
import Testing

@Suite("The simulation")
struct DefectTests {
    @Test("finds each of these mistakes", .timeLimit(.minutes(10)), arguments: Defect.allCases)
    func finds(defect: Defect) async {
        var runs = SimulationRuns(seeds: 0..<1000, cases: 4, steps: 120, watch: .init(defect: defect), lanes: 2)
        runs.mostBroken = 1

        let outcome = await runs.run()

        #expect(!outcome.broken.isEmpty, "\(outcome.seeds) seeds did not find it")
    }

    @Test("makes a seed that breaks the promise small, and what is left breaks it again")
    func shrinks() async throws {
        let watch = Simulation.Watch(defect: .loseHeld)
        var runs = SimulationRuns(seeds: 0..<1000, cases: 4, steps: 120, watch: watch, lanes: 1)
        runs.mostBroken = 1
        let broken = try #require(await runs.run().broken.first)

        let small = await Shrinker.shrink(runs.scenario(broken.seed), broken, watch: watch, runs: 150).best

        #expect(small.scenario.steps.count < 60)
        #expect(!small.report.violations.isEmpty)
        #expect(small.report.story?.isEmpty == false)
        let again = await Simulation(small.scenario, watch: watch).run()
        #expect(again.violations == small.report.violations)
    }
}
