import ArgumentParser
import Models

/// Measures how fast the house is, what needs servers on some of its own.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure how fast the house is; what needs servers gets some of its own that go away again.",
        subcommands: [
            IntakeBenchCommand.self, PipelineBenchCommand.self, LatencyBenchCommand.self, NotificationBenchCommand.self,
            DeadlineBenchCommand.self,
            RoutingBenchCommand.self, RelayBenchCommand.self, RecoveryBenchCommand.self, CalendarBenchCommand.self,
        ])

    /// The county of a folder, or of the one beside the house.
    static func county(_ directory: String?) throws -> CountyDefinition {
        try CountyCommand.compile(directory ?? "\(HouseFolder.current(environment: Environment.current).home)/deploy/county")
    }

    /// Measures the way of a case, and prints the figures; each step is reported unless they are for a program.
    static func show(
        json: Bool, county: String?, _ body: @escaping @Sendable (PipelineBench) async throws -> BenchFigures
    ) async throws {
        let bench = PipelineBench(county: try Self.county(county)) { if !json { print($0) } }
        let figures = try await untilStopped { try await body(bench) }
        print(json ? figures.json : figures.text)
    }

    /// Lets a measurement end well when somebody interrupts it.
    static func untilStopped(_ body: @escaping @Sendable () async throws -> BenchFigures) async throws -> BenchFigures {
        let signals = StopSignals(hangupStops: true)
        let work = Task { try await body() }
        let stop = Task { for await _ in signals.first { work.cancel() } }
        defer { stop.cancel() }
        do { return try await work.value } catch is CancellationError {
            throw CommandFailure("Stopped before the end; the servers are gone again.")
        }
    }
}
