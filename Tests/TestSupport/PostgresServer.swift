import Glibc
import Postgres
import PrivateServers

/// A PostgreSQL server of the tests: one for the whole test process, started by the first test that wants a database.
///
/// It is removed with all its data when the process exits, dies with the process when that is killed, and the directory
/// of a killed process is removed by the next one. Tests that harm a server start one of their own.
public actor PostgresServer {
    private static let common = Starting()

    /// The server that all tests of this process share; never harm it.
    public static var shared: PostgresServer { get async throws { try await common.server() } }

    public nonisolated let description: PrivatePostgreSQL
    private nonisolated let directory: String
    private var process: RunningProcess
    private var templates: [String: Task<String, any Error>] = [:]
    private var count = 0
    private let administrator: PostgresClient

    /// Starts a server of one's own; `remove()` ends it.
    public init(durability: PrivatePostgreSQL.Durability = .none) async throws {
        directory = try ServerDirectories.make()
        (description, process) = try await Self.start(in: directory, durability)
        administrator = PostgresClient(
            // Databases are made one after another: on a slow machine the last test waits for long.
            PostgresConfiguration(
                url: description.url(database: "postgres"), applicationName: "tests", maximumConnections: 2, queryTimeout: .seconds(120),
                acquireTimeout: .seconds(600)))
        ServerDirectories.register(process, directory)
    }

    /// The address of a new, empty database, on loopback or over the server's socket.
    public func database(isOverSocket: Bool = false) async throws -> String {
        try await create(from: "template0", isOverSocket: isOverSocket)
    }

    /// The address of a new copy of a database that `fill` has prepared, once for each `name`.
    public func database(like name: String, fill: @escaping @Sendable (String) async throws -> Void) async throws -> String {
        let template =
            templates[name]
            ?? Task {
                let template = nextName()
                try await administrator.run("CREATE DATABASE \(identifier: template) TEMPLATE template0")
                // A template can be copied only while nobody is connected to it: `fill` must close what it opens.
                try await fill(description.url(database: template))
                return template
            }
        templates[name] = template
        return try await create(from: try await template.value)
    }

    /// Kills the server's main process, as a crash would.
    public func kill() async throws {
        process.signal(SIGKILL)
        _ = try await process.wait()
    }

    /// Starts the server again on its data after `kill()`, at the same port.
    public func restart() async throws {
        process = try await description.prepare().start()
        ServerDirectories.register(process, directory)
        try await Self.awaitReady(description, process)
    }

    /// Stops all processes of the server where they are, until `thaw()`.
    public func freeze() { for id in family { Glibc.kill(id, SIGSTOP) } }

    public func thaw() { for id in family { Glibc.kill(id, SIGCONT) } }

    /// Ends the server and removes its directory.
    public func remove() async {
        await administrator.close()
        thaw()
        process.signal(SIGQUIT)
        await process.stop(within: .seconds(20))
        ServerDirectories.remove(directory)
    }

    /// The main process and its children, which are named in `/proc` after their main process.
    private var family: [pid_t] {
        let main = process.id
        let children = FileTree.read("/proc/\(main)/task/\(main)/children").map { String(decoding: $0, as: UTF8.self) } ?? ""
        return [main] + children.split(separator: " ").compactMap { pid_t($0) }
    }

    private func nextName() -> String {
        count += 1
        return "test_\(count)"
    }

    private func create(from template: String, isOverSocket: Bool = false) async throws -> String {
        let name = nextName()
        try await administrator.run("CREATE DATABASE \(identifier: name) TEMPLATE \(identifier: template)")
        return isOverSocket ? description.nearURL(database: name) : description.url(database: name)
    }

    /// A free port can be taken by somebody else before the server binds it, so a start that fails is tried again.
    private static func start(
        in directory: String, _ durability: PrivatePostgreSQL.Durability
    ) async throws -> (PrivatePostgreSQL, RunningProcess) {
        var attempt = 0
        while true {
            attempt += 1
            let description = PrivatePostgreSQL(
                directory: directory, port: try LoopbackPort.choose(), password: "of tests, on loopback", durability: durability)
            let process = try await description.prepare().start()
            do {
                try await awaitReady(description, process)
                return (description, process)
            } catch {
                await process.stop(within: .seconds(5))
                if attempt == 4 { throw error }
            }
        }
    }

    private static func awaitReady(_ description: PrivatePostgreSQL, _ process: RunningProcess) async throws {
        let limit = ContinuousClock.now + .seconds(60)
        while await !description.isReady() {
            guard process.isRunning, .now < limit else {
                throw LaunchError("the tests' PostgreSQL did not start, see \(description.logFile)")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}

/// Starts the shared server once, also when many tests ask at the same time.
private actor Starting {
    private var start: Task<PostgresServer, any Error>?

    func server() async throws -> PostgresServer {
        let start = start ?? Task { try await PostgresServer() }
        self.start = start
        return try await start.value
    }
}
