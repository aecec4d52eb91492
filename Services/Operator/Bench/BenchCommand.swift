import ArgumentParser

/// Measures how fast the house is, what needs servers on some of its own.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure how fast the services are, on servers of their own that go away again.",
        subcommands: [DeadlineBenchCommand.self, CalendarBenchCommand.self])
}
