import ArgumentParser
import Glibc
import Models
import Simulation

/// Plays the whole house in memory, under faults that follow from a seed, and holds it to its promise.
@main
struct SimulateMain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Play the four processes in memory under seeded faults and check the promise after each run.",
        discussion: """
            A seed that breaks the promise is made as small as possible and told step by step; `--from SEED --seeds 1` plays it again \
            exactly. The exit status is 0 only when no seed broke the promise.
            """)

    @Option(help: "How many seeds to play.") var seeds: UInt64 = 1000
    @Option(help: "The first seed.") var from: UInt64 = 0
    @Option(help: "How many petitions each seed brings.") var cases = 6
    @Option(help: "How many steps each seed takes before faults end.") var steps = 300
    @Option(help: "How many seeds are played at a time; as many as there are cores unless given.") var lanes: Int?
    @Flag(help: "Check what holds at every moment after each step, too.") var checkEachStep = false
    @Flag(help: "End with one line of JSON.") var json = false
    @Option(help: "Tell the run of this seed step by step, whether it breaks the promise or not.") var trace: UInt64?
    @Option(help: "Build a mistake in, to see it found: \(Defect.allCases.map(\.rawValue).joined(separator: ", ")).")
    var defect: String?

    func validate() throws {
        if seeds < 1 || cases < 0 || steps < 1 || lanes.map({ $0 < 1 }) ?? false {
            throw ValidationError("--seeds, --steps and --lanes are at least 1, and --cases at least 0.")
        }
        if from > UInt64.max - seeds { throw ValidationError("There are no seeds beyond \(UInt64.max).") }
        if let defect, Defect(rawValue: defect) == nil {
            throw ValidationError("There is no mistake \(defect), only \(Defect.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
    }

    func run() async throws {
        let watch = Simulation.Watch(eachStep: checkEachStep, defect: defect.flatMap(Defect.init))
        if let trace { return await tell(trace, watch) }
        let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let runs = SimulationRuns(seeds: from..<from + seeds, cases: cases, steps: steps, watch: watch, lanes: lanes ?? cores)
        let clock = ContinuousClock()
        let start = clock.now
        let outcome = await runs.run()
        let seconds = (clock.now - start) / .seconds(1)
        for report in outcome.broken.prefix(1) { await explain(report, runs) }
        if json {
            print(Self.line(outcome, seconds).text)
        } else {
            let perMinute = Int(Double(outcome.seeds) / max(0.001, seconds) * 60)
            print(
                "\(outcome.seeds) seeds (\(perMinute) a minute), \(outcome.cases) cases, \(outcome.events) events, "
                    + "\(outcome.faults.values.reduce(0, +)) faults: "
                    + (outcome.violations == 0 ? "the promise holds" : "\(outcome.violations) violations"))
        }
        if outcome.violations > 0 { throw ExitCode(1) }
    }

    private func tell(_ seed: UInt64, _ watch: Simulation.Watch) async {
        var watch = watch
        watch.tells = true
        let report = await Simulation(Scenario(seed: seed, cases: cases, steps: steps), watch: watch).run()
        for line in report.story ?? [] { print(line) }
        for violation in report.violations { print(violation) }
    }

    /// Makes a seed that breaks the promise small, and tells what is left of it.
    private func explain(_ report: Simulation.Report, _ runs: SimulationRuns) async {
        print("seed \(report.seed) breaks the promise:")
        for violation in report.violations.prefix(10) { print("  \(violation)") }
        let shrinker = await Shrinker.shrink(runs.scenario(report.seed), report, watch: runs.watch)
        let (scenario, small) = shrinker.best
        print(
            "what is left of it with \(scenario.cases.count) cases, \(scenario.steps.count) steps and \(small.faults.count) faults:")
        for line in small.story ?? [] { print("  \(line)") }
        for violation in small.violations.prefix(10) { print("  \(violation)") }
        print("play it again with: ./huiyin simulate --from \(report.seed) --seeds 1 --cases \(cases) --steps \(steps)")
    }

    private static func line(_ outcome: SimulationRuns.Outcome, _ seconds: Double) -> JSONValue {
        let faults = outcome.faults.map { (name(of: $0.key), JSONValue.integer(Int64($0.value))) }
        return .object([
            "seeds": .integer(Int64(outcome.seeds)), "events": .integer(Int64(outcome.events)),
            "violations": .integer(Int64(outcome.violations)), "seconds": .double((seconds * 1000).rounded() / 1000),
            "cases": .integer(Int64(outcome.cases)), "types": .object(outcome.types.mapValues { .integer(Int64($0)) }),
            "faults": .object(Dictionary(uniqueKeysWithValues: faults)),
            "broken": .array(outcome.broken.map { .integer(Int64(clamping: $0.seed)) }),
            "digest": .string(String(outcome.digest, radix: 16)),
        ])
    }

    private static func name(of kind: FaultKind) -> String { kind.rawValue.replacing(" ", with: "-") }
}
