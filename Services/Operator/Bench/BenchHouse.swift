import FoundationEssentials
import Glibc
import Models
import Postgres
import PrivateServers

/// A PostgreSQL and a RabbitMQ of their own, with those services that somebody starts, in a folder that goes away at the end.
public struct BenchHouse: Sendable {
    /// PostgreSQL as administrator.
    public let client: PostgresClient
    public let brokerURL: String
    private let folder: HouseFolder
    private let supervisor: Supervisor
    private let launch: ServiceLaunch

    /// Makes the house, lets `body` work with it and takes it away, also when the task is cancelled meanwhile.
    ///
    /// - Parameters:
    ///   - programs: The folder with the programs of the services; nil for the one beside this program.
    ///   - settings: What the services have in their environment besides.
    ///   - report: Is given a line for each step.
    public static func with<R: Sendable>(
        programs: String? = nil, settings variables: [String: String] = [:], report: @escaping @Sendable (String) -> Void,
        _ body: @Sendable (BenchHouse) async throws -> R
    ) async throws -> R {
        let folder: HouseFolder
        do throws(LaunchError) {
            // PostgreSQL runs as another user when this one is root.
            folder = HouseFolder(home: try FileTree.makeTemporaryDirectory(in: "/var/tmp", prefix: "huiyin-bench", mode: 0o711))
        } catch { throw CommandFailure("For the measurement \(error).") }
        defer { FileTree.remove(folder.home) }
        var environment = Environment.current
        if let programs { environment["HUIYIN_BIN"] = programs }
        environment.merge(variables) { $1 }
        do throws(UpFailure) { try folder.create() } catch { throw CommandFailure("\(error)") }
        guard let identity = ProcessIdentity(of: getpid()) else { throw CommandFailure("/proc cannot be read.") }
        var settings = HouseSettings.generate()
        settings.ports = try PortChoice.choose(known: [:], ownServers: true).ports
        settings.databaseFolder = try DatabaseFolder.choose(folder: folder, settings: settings, console: Console(output: STDERR_FILENO))
        defer { if let outside = DatabaseFolder.toPurge(folder, settings: settings) { FileTree.remove(outside) } }
        try settings.save(to: folder)
        _ = try StaffKeyFolder(path: folder.staffKeysFolder).makeFirst(at: Instant(microseconds: 1_700_000_000_000_000))
        guard let servers = HouseServers.own(settings: settings, folder: folder) else {
            throw CommandFailure("The servers have no ports.")
        }
        let launch = ServiceLaunch(
            folder: folder, settings: settings, servers: servers, programs: try House.programs(environment), environment: environment)
        let supervisor = Supervisor(folder: folder, launch: launch, replicas: Replicas([:]), identity: identity, say: report)
        let client = PostgresClient(
            PostgresConfiguration(
                url: servers.databaseURL, applicationName: "huiyin bench", maximumConnections: 4, queryTimeout: .seconds(600)))
        let house = BenchHouse(
            client: client, brokerURL: servers.brokerURL, folder: folder, supervisor: supervisor, launch: launch)
        let result: Result<R, any Error>
        do {
            for child in servers.children { report("\(child.name) on \(try await supervisor.start(child))") }
            try await Schemas.migrate(adminURL: servers.databaseURL, passwords: settings.rolePasswords) { _ in }
            result = .success(try await body(house))
        } catch { result = .failure(error) }
        await client.close()
        // Not cut short when the task was cancelled: the servers must be gone before their folder is.
        await Task { await supervisor.stopAll { _ in } }.value
        return try result.get()
    }

    /// Starts the process number `number` (from 1) of a service; returns once it is ready.
    public func start(_ service: String, number: Int) async throws {
        do throws(UpFailure) { _ = try await supervisor.start(launch.spec(service: service, number: number)) } catch {
            throw CommandFailure("\(error)")
        }
    }

    /// Kills a process with SIGKILL, as a power cut would; another is started in its place.
    public func kill(_ service: String, number: Int) throws {
        guard let process = process(service, number), process.signal(SIGKILL) else {
            throw CommandFailure("Process \(number) of \(service) does not run and cannot be killed.")
        }
    }

    /// Waits until the broker has confirmed all that a service has to say.
    public func settled(_ service: String) async throws {
        while try await client.run("SELECT EXISTS (SELECT FROM \(identifier: service).outbox)").first?.value(0) == true {
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Where the first process of a service listens, as `http://host:port`.
    func address(_ service: String) throws -> String {
        guard let port = launch.settings.ports[service] else { throw CommandFailure("\(service) has no port.") }
        return "http://127.0.0.1:\(port)"
    }

    /// The port of the first process of a service.
    func port(_ service: String) -> Int { Int(launch.settings.ports[service] ?? 0) }

    var operatorToken: String { launch.settings.operatorToken }

    /// The file with what a process says.
    public func log(_ service: String, number: Int) -> String { folder.logFile(Replicas.name(service, number)) }

    /// PostgreSQL's address, for its administrator.
    var databaseURL: String { launch.servers.databaseURL }

    /// The folder that goes away at the end.
    var home: String { folder.home }

    /// The path of a program that is built with the services.
    func program(_ name: String) -> String { "\(launch.programs)/\(name)" }

    /// How much processor time everything in the house has used up to now: services, PostgreSQL and RabbitMQ with all their processes.
    ///
    /// - Parameter ofServers: Whether only PostgreSQL and RabbitMQ count.
    func processorTime(ofServers: Bool = false) throws -> Duration {
        let names = ["postgresql", "rabbitmq"] + (ofServers ? [] : HouseSettings.services)
        return try ProcessTree.current().time(of: names.compactMap { identity($0)?.pid })
    }

    /// The most memory that a service's first process has ever taken (`VmHWM` in proc(5)); 0 when it does not run.
    func mostMegabytes(_ service: String) -> Double {
        guard let process = identity(service), let bytes = FileTree.read("/proc/\(process.pid)/status") else { return 0 }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kilobytes = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Double($0) }
        return (kilobytes ?? 0) / 1024
    }

    /// How much memory a service holds now, in megabytes; 0 when it does not run.
    func megabytes(_ service: String) -> Double {
        guard let process = identity(service), let bytes = FileTree.read("/proc/\(process.pid)/statm") else { return 0 }
        let pages = String(decoding: bytes, as: UTF8.self).split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
        return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
    }

    /// The processor time that a process has used up to now; nil when it does not run.
    public func processorTime(_ service: String, number: Int) -> Duration? {
        guard let process = process(service, number), let bytes = FileTree.read("/proc/\(process.pid)/stat") else { return nil }
        // The program's name stands in parentheses and may hold anything; behind them utime and stime are the 12th and 13th.
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Int64(fields[11]), let system = Int64(fields[12]) else { return nil }
        return .microseconds((user + system) * 1_000_000 / Int64(sysconf(Int32(_SC_CLK_TCK))))
    }

    private func process(_ service: String, _ number: Int) -> ProcessIdentity? { identity(Replicas.name(service, number)) }

    private func identity(_ name: String) -> ProcessIdentity? {
        (try? PrivateFile.readJSON(ProcessIdentity.self, from: folder.pidFile(name))).flatMap { $0 }
    }
}
