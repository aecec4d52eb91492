import ArgumentParser
import Chaos
import Dispatch
import FoundationEssentials
import Glibc

/// Runs a house under load and faults; `./huiyin chaos` hands over to it.
@main
struct ChaosMain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos", abstract: "Let a house work under load and do one fault after another to it.",
        discussion: """
            Starts a PostgreSQL, a RabbitMQ and the services on loopback, in a folder of their own under /var/tmp that goes away at the end. After each \
            fault the house must be back at its rate and have kept its promise. Ends with 0 only when it has.
            """)

    @Option(help: "How many minutes to go on; a fault that has begun is seen to its end.") var minutes = 10.0
    @Option(help: "The same seed gives the same faults in the same order.") var seed: UInt64 = 1
    @Option(help: "How many cases are registered in a second.") var rate = 30
    @Option(help: "How many seconds the house may take to be back at its rate.") var recovery = 10.0
    @Option(parsing: .upToNextOption, help: "Only these kinds of faults.") var only: [String] = []
    @Flag(help: "Leave the folder with all logs where it is.") var keep = false
    @Flag(help: "End with one line of JSON.") var json = false

    func validate() throws {
        guard minutes > 0, minutes <= 1440, (1...500).contains(rate), recovery > 0 else {
            throw ValidationError("--minutes is above 0 and at most 1440, --rate from 1 to 500 cases in a second, and --recovery above 0.")
        }
        for name in only where Fault(rawValue: name) == nil {
            throw ValidationError("\(name) is no kind of fault; those are \(Fault.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let home = environment["HUIYIN_HOME"], let programs = environment["HUIYIN_BIN"] else {
            throw ValidationError("Run `./huiyin chaos`: it says where the programs are.")
        }
        let isQuiet = json
        let begin = ContinuousClock.now
        var run = ChaosRun(
            seed: seed, limit: .seconds(minutes * 60), programs: programs, county: home + "/deploy/county"
        ) { line in
            Self.say("\(Int((ContinuousClock.now - begin) / .seconds(1))) s  \(line)", to: isQuiet ? STDERR_FILENO : STDOUT_FILENO)
        }
        (run.rate, run.recoveryLimit, run.keeps) = (rate, .seconds(recovery), keep)
        run.only = only.isEmpty ? nil : only.compactMap { Fault(rawValue: $0) }
        let report = try await Self.untilStopped(run)
        for line in json ? [report.json] : report.lines { Self.say(line, to: STDOUT_FILENO) }
        if !report.violations.isEmpty { throw ExitCode(1) }
    }

    /// Writes a line at once, to a terminal, a file or a pipe alike.
    private static func say(_ line: String, to descriptor: Int32) {
        let bytes = Array((line + "\n").utf8)
        _ = write(descriptor, bytes, bytes.count)
    }

    /// Lets a run clean up when somebody interrupts it.
    private static func untilStopped(_ run: ChaosRun) async throws -> ChaosReport {
        let work = Task { try await run.run() }
        let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { work.cancel() }
            source.resume()
            return source
        }
        signal(SIGPIPE, SIG_IGN)
        defer { for source in sources { source.cancel() } }
        do { return try await work.value } catch is CancellationError {
            say("Stopped before the end; everything is gone again.", to: STDERR_FILENO)
            throw ExitCode(130)
        }
    }
}
