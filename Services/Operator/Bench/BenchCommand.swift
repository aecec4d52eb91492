import ArgumentParser

/// Measures what the house promises, on servers of its own that go away again.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure how fast the services are, on servers of their own that go away again.",
        subcommands: [DeadlineBenchCommand.self])
}
