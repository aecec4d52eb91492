import FoundationEssentials
import Glibc
import PrivateServers

/// The RabbitMQ of a run: one node, or a cluster of three, with what can be done to them.
actor BrokerNodes {
    private struct Node {
        var description: PrivateRabbitMQ
        var process: RunningProcess?
    }

    /// The services' way to the nodes, which faults come upon.
    nonisolated let door: FaultProxy
    private nonisolated let folder: String
    private nonisolated let password: String
    private var nodes: [Node] = []
    /// The port mapper that the nodes of a cluster share.
    private var mapper: RunningProcess?
    private let mapperPort: UInt16?

    init(folder: String, password: String, count: Int) throws {
        (self.folder, self.password) = (folder, password)
        let names = count == 1 ? [] : (1...count).map { "huiyin\($0)" }
        let ports = try (0..<count).map { _ in (client: try LoopbackPort.choose(), distribution: try LoopbackPort.choose()) }
        let mapperPort = count == 1 ? nil : try LoopbackPort.choose()
        let cookie = String((0..<32).map { _ in "ABCDEFGHIJKLMNOPQRSTUVWXYZ".randomElement() ?? "A" })
        nodes = ports.enumerated().map { index, port in
            Node(
                description: PrivateRabbitMQ(
                    directory: "\(folder)/rabbitmq-\(index + 1)", port: port.client, distributionPort: port.distribution, user: "huiyin",
                    password: password,
                    membership: mapperPort.map {
                        .init(name: names[index], others: names.filter { $0 != names[index] }, cookie: cookie, mapperPort: $0)
                    }))
        }
        self.mapperPort = mapperPort
        door = try FaultProxy(before: ports.map(\.client))
    }

    /// Whether all nodes have run together before.
    private var isFormed = false

    nonisolated var url: String { "amqp://huiyin:\(password)@127.0.0.1:\(door.port)/" }

    var count: Int { nodes.count }

    /// Starts every node that does not run, and returns once all take connections.
    func start() async throws {
        if let mapperPort, mapper?.isRunning != true {
            mapper = try LaunchPlan(
                executable: "/usr/bin/epmd", arguments: ["-port", "\(mapperPort)", "-address", "127.0.0.1"],
                environment: ["ERL_EPMD_ADDRESS": "127.0.0.1"], parentDeathSignal: SIGKILL, logFile: folder + "/epmd.log"
            ).start()
        }
        for index in nodes.indices where nodes[index].process?.isRunning != true {
            let description = nodes[index].description
            var plan = try await description.prepare()
            plan.parentDeathSignal = SIGKILL
            plan.logFile = "\(folder)/rabbitmq-\(index + 1).log"
            nodes[index].process = try plan.start()
            // The first makes the cluster that the others join. Once there is one, each waits for those that ended after it.
            if nodes.count > 1, !isFormed { try await awaitReady(index) }
        }
        for index in nodes.indices { try await awaitReady(index) }
        isFormed = true
    }

    /// Kills a node, as a crash would, and waits until it is gone.
    func kill(_ index: Int = 0) async throws {
        nodes[index].process?.signal(SIGKILL)
        _ = try await nodes[index].process?.wait()
    }

    func freeze() { for node in nodes { node.process?.signal(SIGSTOP) } }

    func thaw() { for node in nodes { node.process?.signal(SIGCONT) } }

    /// Runs `rabbitmqctl` against the first node that runs.
    @discardableResult
    func control(_ arguments: [String]) async throws -> String {
        guard let node = nodes.first(where: { $0.process?.isRunning == true }) else { throw LaunchError("no node of RabbitMQ runs") }
        return try await node.description.control(arguments)
    }

    /// The node that leads a queue, and how many nodes keep the queue.
    func leader(of queue: String) async throws -> (index: Int, members: Int)? {
        let text = try await control(["list_queues", "--quiet", "name", "leader", "members"])
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: "\t").map(String.init)
            guard fields.count >= 3, fields[0] == queue else { continue }
            let node = String(fields[1].prefix { $0 != "@" })
            guard let index = nodes.firstIndex(where: { $0.description.nodeName == node }) else { return nil }
            return (index, fields[2].split(separator: ",").count)
        }
        return nil
    }

    /// Ends all nodes.
    func stop() async {
        thaw()
        for node in nodes {
            node.process?.signal(SIGKILL)
            await node.process?.stop(within: .seconds(20))
        }
        await mapper?.stop(within: .seconds(5))
        door.close()
    }

    private func awaitReady(_ index: Int) async throws {
        let end = ContinuousClock.now + .seconds(120)
        while await !nodes[index].description.isReady() {
            guard .now < end, nodes[index].process?.isRunning == true else {
                let log =
                    FileTree.read("\(folder)/rabbitmq-\(index + 1).log").map { String(decoding: $0.suffix(1000), as: UTF8.self) } ?? ""
                throw LaunchError("RabbitMQ did not start: \(log)")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
