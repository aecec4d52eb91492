import ArgumentParser
import Models

/// Measures deadline: how late rungs fire under load, what idling costs, and how fast a backlog is worked off.
struct DeadlineBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deadline", abstract: "Measure how late clocks fire, what waiting costs, and how fast a backlog is worked off.",
        discussion: """
            Puts invented cases into a database of its own, starts deadline, and hears from the broker what fires. With --overdue it is \
            started late instead: so many clocks have passed meanwhile.
            """)

    @Option(help: "How many clocks wait.") var pending = 1_000_000
    @Option(help: "How many rungs come due in each second.") var rate = 500
    @Option(help: "For how many seconds they come due.") var seconds = 60
    @Option(help: "How many clocks are overdue at the start; measures that in place of the rest.") var overdue: Int?
    @Option(help: "How many processes of deadline run.") var replicas = 1
    @Option(help: "How many of them are killed while the backlog is worked off.") var kill = 0
    @Option(help: "The folder of the county's files.") var county: String?
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (1...5_000_000).contains(pending), (1...5000).contains(rate), (1...3600).contains(seconds), (1...16).contains(replicas) else {
            throw ValidationError("At most 5000000 clocks, 5000 in a second, 3600 seconds and 16 processes; at least one of each.")
        }
        guard (0...replicas).contains(kill), kill == 0 || overdue != nil else {
            throw ValidationError("No more can be killed than run, and only while a backlog (--overdue) is worked off.")
        }
        guard overdue != nil || rate * seconds <= pending, (1...5_000_000).contains(overdue ?? 1) else {
            throw ValidationError("As many clocks must wait as come due: raise --pending, or lower --rate or --seconds.")
        }
    }

    func run() async throws {
        let isQuiet = json
        let bench = DeadlineBench(clocks: try PendingClocks(in: BenchCommand.county(county))) { if !isQuiet { print($0) } }
        let figures = try await BenchCommand.untilStopped {
            if let overdue {
                try await bench.backlog(of: overdue, pending: pending, replicas: replicas, killing: kill, besideFloor: true)
            } else {
                try await bench.load(pending: pending, rate: rate, seconds: seconds, replicas: replicas)
            }
        }
        print(isQuiet ? figures.json : figures.text)
    }
}
