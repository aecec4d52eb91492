import Glibc
import PrivateServers

/// A RabbitMQ node of the tests: one for the whole test process, started by the first test that wants a virtual host.
///
/// It is removed with all its data when the process exits, and dies with the process when that is killed. Tests that harm
/// a node start one of their own.
public actor RabbitServer {
    private static let common = Starting()

    /// The node that all tests of this process share; never harm it.
    public static var shared: RabbitServer { get async throws { try await common.server() } }

    public nonisolated let description: PrivateRabbitMQ
    private nonisolated let directory: String
    private var process: RunningProcess
    private var count = 0
    /// Virtual hosts that exist and belong to no test yet.
    private var spare: [String] = []
    private var making: Task<[String], any Error>?

    /// Starts a node of one's own; `remove()` ends it.
    public init(encryption: PrivateRabbitMQ.Encryption? = nil) async throws {
        directory = try ServerDirectories.make()
        (description, process) = try await Self.start(in: directory, encryption)
    }

    /// The address of a new virtual host.
    public func virtualHost() async throws -> String {
        while spare.isEmpty {
            // The control program takes seconds to start, so it makes several at a time.
            let making = making ?? Task { try await makeVirtualHosts() }
            self.making = making
            let made = try await making.value
            // Of all that waited for it, the first takes them in.
            if self.making == making {
                self.making = nil
                spare += made
            }
        }
        return description.url + spare.removeFirst()
    }

    /// Runs `rabbitmqctl` against the node.
    public nonisolated func control(_ arguments: [String]) async throws { try await description.control(arguments) }

    /// Kills the node, as a crash would.
    public func kill() async throws {
        process.signal(SIGKILL)
        _ = try await process.wait()
    }

    /// Starts the node again on its data after `kill()`, at the same port.
    public func restart() async throws {
        process = try await Self.launch(description, directory)
    }

    /// Stops the node where it is, until `thaw()`.
    public func freeze() { process.signal(SIGSTOP) }

    public func thaw() { process.signal(SIGCONT) }

    /// Ends the node and removes its directory.
    public func remove() async {
        thaw()
        process.signal(SIGKILL)
        await process.stop(within: .seconds(20))
        ServerDirectories.remove(directory)
    }

    private func makeVirtualHosts() async throws -> [String] {
        let names = (count + 1)...(count + 8)
        count += 8
        try await description.control([
            "eval",
            """
            [begin
                V = list_to_binary("test" ++ integer_to_list(N)), U = <<"\(description.user)">>, A = <<".*">>,
                rabbit_vhost:add(V, <<"tests">>), rabbit_auth_backend_internal:set_permissions(U, V, A, A, A, <<"tests">>)
            end || N <- lists:seq(\(names.lowerBound), \(names.upperBound))].
            """,
        ])
        return names.map { "test\($0)" }
    }

    /// A free port can be taken by somebody else before the node binds it, so a start that fails is tried again.
    private static func start(
        in directory: String, _ encryption: PrivateRabbitMQ.Encryption?
    ) async throws -> (PrivateRabbitMQ, RunningProcess) {
        var attempt = 0
        while true {
            attempt += 1
            let description = PrivateRabbitMQ(
                directory: directory, port: try LoopbackPort.choose(), distributionPort: try LoopbackPort.choose(), user: "huiyin",
                password: "ofTestsOnLoopback", encryption: encryption)
            do { return (description, try await launch(description, directory)) } catch { if attempt == 4 { throw error } }
        }
    }

    private static func launch(_ description: PrivateRabbitMQ, _ directory: String) async throws -> RunningProcess {
        var plan = try await description.prepare()
        plan.parentDeathSignal = SIGKILL
        plan.logFile = directory + "/node.log"
        let process = try plan.start()
        ServerDirectories.register(process, directory)
        let limit = ContinuousClock.now + .seconds(120)
        while await !description.isReady() {
            guard process.isRunning, .now < limit else {
                await process.stop(within: .seconds(5))
                let log = FileTree.read(directory + "/node.log").map { String(decoding: $0.suffix(2000), as: UTF8.self) } ?? ""
                throw LaunchError("the tests' RabbitMQ did not start: \(log)")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        return process
    }
}

/// Starts the shared node once, also when many tests ask at the same time.
private actor Starting {
    private var start: Task<RabbitServer, any Error>?

    func server() async throws -> RabbitServer {
        let start = start ?? Task { try await RabbitServer() }
        self.start = start
        return try await start.value
    }
}
