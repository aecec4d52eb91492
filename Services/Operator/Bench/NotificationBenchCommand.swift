import ArgumentParser
import Models

/// Measures notification: how late departments get events, what those that hang cost the others, and how fast a backlog is delivered.
struct NotificationBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notification", abstract: "Measure how late departments get events, alone and beside some that hang.",
        discussion: """
            Starts the four services and registers invented cases at a steady rate. Seven departments take every event; in every other turn \
            three more never answer. Then one department gets a backlog. The floor for both is measured at the end.
            """)

    @Option(help: "How many cases are registered in a second.") var rate = 30
    @Option(help: "How many seconds each turn lasts.") var seconds = 10
    @Option(help: "How many turns there are of each kind.") var turns = 4
    @Option(help: "Of how many cases the backlog is.") var burst = 5000
    @Option(help: "The folder of the county's files.") var county: String?
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (1...500).contains(rate), (1...600).contains(seconds), (1...20).contains(turns), (1...200_000).contains(burst) else {
            throw ValidationError("At most 500 cases in a second, 600 seconds, 20 turns and a burst of 200000; at least one of each.")
        }
    }

    func run() async throws {
        let isQuiet = json
        let bench = NotificationBench(county: try BenchCommand.county(county)) { if !isQuiet { print($0) } }
        let figures = try await BenchCommand.untilStopped {
            try await bench.run(rate: rate, seconds: seconds, turns: turns, burst: burst)
        }
        print(isQuiet ? figures.json : figures.text)
    }
}
