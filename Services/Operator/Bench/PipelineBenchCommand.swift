import ArgumentParser
import Models

/// Measures a burst of cases through the whole house, beside the least that any such system must do.
struct PipelineBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pipeline", abstract: "Measure a burst of cases through the whole house, beside the floor.",
        discussion: """
            Starts the four services and registers invented cases over HTTP as fast as they are taken in. A case is complete when it has its \
            unit and its clock and its receipt is delivered. The floor is a program in C that writes as many and as large rows and moves the \
            same messages on the same servers, and does nothing else.
            """)

    @Option(help: "How many cases there are.") var cases = 50_000
    @Option(help: "Over how many connections they come.") var clients = 64
    @Option(help: "The folder of the county's files.") var county: String?
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (100...1_000_000).contains(cases), (1...1024).contains(clients) else {
            throw ValidationError("--cases is from 100 to 1000000, and --clients from 1 to 1024.")
        }
    }

    func run() async throws {
        try await BenchCommand.show(json: json, county: county) { try await $0.burst(cases: cases, clients: clients) }
    }
}

/// Measures how many cases intake alone takes in.
struct IntakeBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "intake", abstract: "Measure how many cases intake alone takes in durably over HTTP, beside the floor.",
        discussion: "The figures of each number of connections carry it in their names.")

    @Option(help: "How many cases there are for each number of connections.") var cases = 30_000
    @Option(parsing: .upToNextOption, help: "Over how many connections they come.") var clients = [32, 64]
    @Option(help: "The folder of the county's files.") var county: String?
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (100...1_000_000).contains(cases), clients.allSatisfy((1...1024).contains), !clients.isEmpty else {
            throw ValidationError("--cases is from 100 to 1000000, and --clients from 1 to 1024.")
        }
    }

    func run() async throws {
        try await BenchCommand.show(json: json, county: county) { try await $0.intake(cases: cases, clients: clients) }
    }
}

/// Measures how long a case takes when the house has time.
struct LatencyBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency", abstract: "Measure how long a case takes from registration to receipt at a steady rate, beside the floor.",
        discussion: "Each case comes at its moment, whether or not those before it were answered. Then the house idles.")

    @Option(help: "How many cases come in a second.") var rate = 50
    @Option(help: "For how many seconds.") var seconds = 60
    @Option(help: "The folder of the county's files.") var county: String?
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (1...5000).contains(rate), (1...3600).contains(seconds) else {
            throw ValidationError("--rate is from 1 to 5000 cases in a second, and --seconds from 1 to 3600.")
        }
    }

    func run() async throws {
        try await BenchCommand.show(json: json, county: county) { try await $0.steady(rate: rate, seconds: seconds) }
    }
}

/// Measures how long the house needs to recover from the death of each of its processes.
struct RecoveryBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recovery", abstract: "Measure how long cases are late after each process of the house was killed.",
        discussion: """
            Cases come at a steady rate while one process after the other is killed with SIGKILL: the four services, PostgreSQL and RabbitMQ. \
            A recovery ends with the last answer or completion that takes more than a second, counted from the kill.
            """)

    @Option(help: "How many cases come in a second.") var rate = 50
    @Option(help: "For how many seconds they come around each kill.") var seconds = 30
    @Option(help: "The folder of the county's files.") var county: String?
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (1...1000).contains(rate), (10...600).contains(seconds) else {
            throw ValidationError("--rate is from 1 to 1000 cases in a second, and --seconds from 10 to 600.")
        }
    }

    func run() async throws {
        try await BenchCommand.show(json: json, county: county) { try await $0.recovery(rate: rate, seconds: seconds) }
    }
}

/// Measures how fast a backlog of committed events leaves for the broker.
struct RelayBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay", abstract: "Measure how fast a backlog of committed events leaves for the broker, beside the floor.",
        discussion: "One process of routing starts on a backlog; the time counts from its start to the broker's last confirm.")

    @Option(help: "How many events wait.") var events = 200_000
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (1...5_000_000).contains(events) else { throw ValidationError("--events is from 1 to 5000000.") }
    }

    func run() async throws {
        let isQuiet = json
        let figures = try await BenchCommand.untilStopped { try await RelayBench { if !isQuiet { print($0) } }.run(events: events) }
        print(isQuiet ? figures.json : figures.text)
    }
}
