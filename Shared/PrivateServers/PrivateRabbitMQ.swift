import Glibc

/// A RabbitMQ node of one's own: on loopback, in one directory, with nothing shared with other nodes of the machine.
///
/// It has a cookie, a port mapper (`epmd`) and a distribution port of its own, so it neither meets nor disturbs a node that
/// the machine runs otherwise. What was confirmed is there again whenever a node is started on the directory.
public struct PrivateRabbitMQ: Sendable {
    /// A second listener on loopback, for encrypted connections (TLS 1.2 and newer); the files are PEM.
    public struct Encryption: Sendable {
        public var port: UInt16
        public var authorities: String
        public var certificate: String
        public var key: String

        public init(port: UInt16, authorities: String, certificate: String, key: String) {
            self.port = port
            self.authorities = authorities
            self.certificate = certificate
            self.key = key
        }
    }

    /// The place of a node in a cluster: the nodes find each other by a port mapper that they share and that somebody else runs.
    public struct Membership: Sendable {
        /// What stands before the `@` of the node's name.
        public var name: String
        /// The names of the cluster's other nodes.
        public var others: [String]
        /// What the nodes know each other by: capital letters.
        public var cookie: String
        /// Where the port mapper (`epmd`) listens on loopback.
        public var mapperPort: UInt16

        public init(name: String, others: [String], cookie: String, mapperPort: UInt16) {
            self.name = name
            self.others = others
            self.cookie = cookie
            self.mapperPort = mapperPort
        }
    }

    public let directory: String
    public let port: UInt16
    /// Where the node listens for its control program; its port mapper takes a free port besides.
    public let distributionPort: UInt16
    public let user: String
    private let password: String
    private let encryption: Encryption?
    /// Where the management plugin's HTTP API listens; nil leaves the plugin out.
    public let managementPort: UInt16?
    private let membership: Membership?

    /// Describes the node; nothing is touched before `prepare()`.
    ///
    /// `directory` must be absolute. User and password count from the first start on. Without `membership` the node is alone.
    public init(
        directory: String, port: UInt16, distributionPort: UInt16, user: String, password: String, managementPort: UInt16? = nil,
        encryption: Encryption? = nil, membership: Membership? = nil
    ) {
        self.directory = directory
        self.port = port
        self.distributionPort = distributionPort
        self.user = user
        self.password = password
        self.encryption = encryption
        self.managementPort = managementPort
        self.membership = membership
    }

    /// What stands before the `@` of the node's name.
    public var nodeName: String { membership?.name ?? "huiyin" }

    /// The address of the management API, password included.
    public var managementURL: String? { managementPort.map { "http://\(user):\(password)@127.0.0.1:\($0)/" } }

    /// The address of the node's only virtual host, password included.
    public var url: String { "amqp://\(user):\(password)@127.0.0.1:\(port)/" }

    /// Makes the directory ready and says how to start the node in it; the settings are written anew each time.
    public func prepare() async throws -> LaunchPlan {
        guard directory.hasPrefix("/") else { throw LaunchError("the directory of RabbitMQ must be an absolute path, not \(directory)") }
        guard access(Self.server, X_OK) == 0 else {
            throw LaunchError("\(Self.server) is missing: install it with `apt-get install rabbitmq-server`")
        }
        guard !password.isEmpty, password.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) else {
            throw LaunchError("the password of RabbitMQ must hold letters and digits only")
        }
        try FileTree.makeDirectory(directory, mode: 0o700, owner: nil)
        try write(settings, to: "rabbitmq.conf")
        try write(managementPort == nil ? "[].\n" : "[rabbitmq_management].\n", to: "enabled_plugins")
        if access(directory + "/.erlang.cookie", F_OK) != 0 {
            var random = SystemRandomNumberGenerator()
            let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
            let cookie = membership?.cookie ?? String((0..<32).map { _ in letters[Int.random(in: 0..<26, using: &random)] })
            try write(cookie, to: ".erlang.cookie", mode: 0o400)
        }
        if let membership {
            try write("\(membership.mapperPort)", to: "epmd.port")
            return LaunchPlan(executable: Self.server, environment: environment, directory: directory)
        }
        let mapperPort = try freePort()
        try write("\(mapperPort)", to: "epmd.port")
        // The port mapper lives and dies with the node: as its child, not as the daemon that Erlang would leave behind.
        let script = "/usr/bin/setpriv --pdeathsig KILL epmd -port \(mapperPort) -address 127.0.0.1 & exec \(Self.server)"
        return LaunchPlan(executable: "/bin/sh", arguments: ["-c", script], environment: environment, directory: directory)
    }

    /// Whether the node answers the protocol's greeting (AMQP 0-9-1).
    public func isReady() async -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0 else { return false }
        let greeting: [UInt8] = Array("AMQP".utf8) + [0, 0, 9, 1]
        guard send(descriptor, greeting, greeting.count, Int32(MSG_NOSIGNAL)) == greeting.count else { return false }
        var answer: UInt8 = 0
        // The answer is connection.start, in a method frame, whose type is 1.
        return recv(descriptor, &answer, 1, 0) == 1 && answer == 1
    }

    /// Runs `rabbitmqctl` against the node and returns what it printed; throws a sentence when it failed.
    @discardableResult
    public func control(_ arguments: [String]) async throws -> String {
        let output = "\(directory)/control-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).log"
        defer { unlink(output) }
        let plan = LaunchPlan(
            executable: Self.programs + "/rabbitmqctl", arguments: arguments, environment: environment, directory: directory,
            logFile: output)
        let ending = try await plan.start().wait()
        let text = FileTree.read(output).map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard ending == .exited(code: 0) else {
            throw LaunchError(
                "rabbitmqctl \(arguments.first ?? "") failed: \(text.split(separator: "\n").suffix(3).joined(separator: " "))")
        }
        return text
    }

    private static let programs = "/usr/lib/rabbitmq/bin"
    private static let server = programs + "/rabbitmq-server"

    private var environment: [String: String] {
        [
            "HOME": directory, "LANG": "C.UTF-8", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "RABBITMQ_NODENAME": "\(nodeName)@localhost", "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": directory + "/rabbitmq.conf", "RABBITMQ_ADVANCED_CONFIG_FILE": directory + "/advanced.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": directory + "/enabled_plugins", "RABBITMQ_MNESIA_BASE": directory + "/data",
            "RABBITMQ_LOG_BASE": directory + "/log", "RABBITMQ_LOGS": "-", "RABBITMQ_GENERATED_CONFIG_DIR": directory + "/config",
            "RABBITMQ_SCHEMA_DIR": directory + "/schema", "RABBITMQ_PID_FILE": directory + "/node.pid",
            "ERL_EPMD_PORT": FileTree.read(directory + "/epmd.port").map { String(decoding: $0, as: UTF8.self) } ?? "4369",
            "ERL_EPMD_ADDRESS": "127.0.0.1", "RABBITMQ_DIST_PORT": "\(distributionPort)",
            // The server's script then becomes the Erlang machine itself, so that signals and the exit are the node's own.
            "RUNNING_UNDER_SYSTEMD": "1",
            // Idle schedulers sleep instead of spinning: the node shares two cores with everything else.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false +sbwt none +sbwtdcpu none +sbwtdio none",
            "RABBITMQ_CTL_ERL_ARGS": "-start_epmd false",
        ]
    }

    private var settings: String {
        """
        listeners.tcp.1 = 127.0.0.1:\(port)
        default_vhost = /
        default_user = \(user)
        default_pass = \(password)
        default_permissions.configure = .*
        default_permissions.read = .*
        default_permissions.write = .*
        default_user_tags.administrator = true
        vm_memory_high_watermark.relative = 0.4
        disk_free_limit.absolute = 200MB
        raft.wal_max_size_bytes = 33554432
        log.console = true
        log.console.level = warning

        """ + managementSettings + encryptionSettings + clusterSettings
    }

    private var clusterSettings: String {
        guard let membership else { return "" }
        let nodes = ([membership.name] + membership.others).sorted().enumerated().map { index, name in
            "cluster_formation.classic_config.nodes.\(index + 1) = \(name)@localhost\n"
        }
        return "cluster_formation.peer_discovery_backend = classic_config\n" + nodes.joined()
    }

    private var managementSettings: String {
        guard let managementPort else { return "" }
        return """
            management.tcp.ip = 127.0.0.1
            management.tcp.port = \(managementPort)
            management.rates_mode = none

            """
    }

    private var encryptionSettings: String {
        guard let encryption else { return "" }
        return """
            listeners.ssl.1 = 127.0.0.1:\(encryption.port)
            ssl_options.cacertfile = \(encryption.authorities)
            ssl_options.certfile = \(encryption.certificate)
            ssl_options.keyfile = \(encryption.key)
            ssl_options.verify = verify_none
            ssl_options.versions.1 = tlsv1.3
            ssl_options.versions.2 = tlsv1.2

            """
    }

    /// A port on loopback that nobody has now.
    private func freePort() throws(LaunchError) -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let named = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard named else { throw LaunchError("no free port was found on 127.0.0.1: stop what uses them") }
        return UInt16(bigEndian: address.sin_port)
    }

    private func write(_ text: String, to name: String, mode: mode_t = 0o600) throws {
        try FileTree.write(Array(text.utf8), to: directory + "/" + name, mode: mode, owner: nil)
    }
}
