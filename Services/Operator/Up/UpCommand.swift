import ArgumentParser
import FoundationEssentials
import Glibc

/// `huiyin up`: starts the whole house and keeps it running.
public struct UpCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Start the whole house and keep it running.",
        discussion: """
            Creates a private PostgreSQL and RabbitMQ under .huiyin, or uses those that HUIYIN_DATABASE_URL and HUIYIN_BROKER_URL name, \
            brings the schemas to this version, starts the four services and, where no county is in force yet, puts deploy/county into \
            force. A process that dies is started again. Ctrl-C stops all in order; the next `up` continues on the same data.
            """)

    @Flag(help: "Return when the house is ready and leave it running.")
    var detach = false

    @Option(help: "Processes per service, such as routing=2,intake=3.")
    var replicas: [String] = []

    @Flag(help: .private)
    var supervised = false

    public init() {}

    public func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let folder = HouseFolder.current(environment: environment)
        let wanted = try Replicas(parsing: replicas)
        let console = Console()
        guard detach else {
            return try await House(
                folder: folder, environment: environment, replicas: wanted, hooks: try UpHooks.required(), console: console,
                signals: StopSignals(hangupStops: !supervised)
            ).run()
        }
        try folder.create()
        let running = RunningHouse(folder: folder, console: console)
        if try running.supervisor() != nil { return try await running.describe() }
        let detach = Detach(folder: folder, console: console)
        let start = LogTail.length(of: detach.log)
        let pid = try detach.spawn(["up", "--supervised"] + replicas.flatMap { ["--replicas", $0] })
        try await detach.follow(pid, from: start)
    }
}
