import Glibc

/// A PostgreSQL server of one's own: on loopback and a socket, in one directory, with nothing shared with other servers of the machine.
///
/// The directory is all there is to it: what was committed is there again whenever a server is started on it, also after
/// the last one was killed. Only `durability: .none` gives that up.
public struct PrivatePostgreSQL: Sendable {
    /// Whether a commit survives a crash of the machine.
    public enum Durability: Sendable {
        case full
        /// Never for data that anybody will miss: `fsync` is off.
        case none
    }

    public let directory: String
    public let port: UInt16
    /// The database that `adminURL` names; it is made with the server.
    public let database: String
    private let password: String
    private let durability: Durability

    /// Describes the server; nothing is touched before `prepare()`.
    ///
    /// `directory` must be absolute. `password` is the administrator's; it can be another one at the next start.
    public init(directory: String, port: UInt16, password: String, database: String = "huiyin", durability: Durability = .full) {
        self.directory = directory
        self.port = port
        self.password = password
        self.database = database
        self.durability = durability
    }

    /// The address of `database` as administrator, password included.
    public var adminURL: String { url(database: database) }

    /// The address of another database of the server as administrator.
    public func url(database: String) -> String {
        "postgresql://\(Self.administrator):\(Self.percentEncoded(password))@127.0.0.1:\(port)/\(Self.percentEncoded(database))"
    }

    /// The address of a database of the server as administrator over its socket in the directory (`unix(7)`), which asks less of both sides
    /// than loopback does; on loopback where there is no socket at this moment.
    public func nearURL(database: String) -> String {
        guard let folder = socketFolder, access("\(folder)/\(socketName)", F_OK) == 0 else { return url(database: database) }
        return "postgresql://\(Self.administrator):\(Self.percentEncoded(password))@/\(Self.percentEncoded(database))"
            + "?host=\(Self.percentEncoded(folder))&port=\(port)"
    }

    /// Makes the directory ready and says how to start the server in it.
    ///
    /// Initializes it on first use (`initdb`), else leaves the data as they are; writes the settings anew each time; clears
    /// away what a killed server left. Refuses, with a sentence, while a server runs in the directory.
    public func prepare() async throws -> LaunchPlan {
        guard directory.hasPrefix("/") else { throw LaunchError("the directory of PostgreSQL must be an absolute path, not \(directory)") }
        guard !password.isEmpty, !password.contains(where: \.isNewline) else {
            throw LaunchError("the administrator's password of PostgreSQL must be one line and not empty")
        }
        let account = try Self.account()
        if let account, let obstacle = Self.obstacle(to: directory, for: account) { throw LaunchError(obstacle) }
        let present = FileTree.names(in: directory)
        // A first start that was killed early leaves the draft of the password and nothing else.
        guard present.contains("password") || present.allSatisfy({ $0 == "password.new" }) else {
            // Its owner and permissions are about to be changed.
            throw LaunchError("the directory \(directory) holds files that are not of a private PostgreSQL: name one that is empty or new")
        }
        try FileTree.makeDirectory(directory, mode: 0o700, owner: account)
        if let account { chown(directory, account.id, account.group) }
        chmod(directory, 0o700)

        let programs = try PostgreSQLPrograms.find(forDataIn: data)
        if FileTree.read(data + "/PG_VERSION") == nil {
            try await initialize(programs, account)
        } else {
            try await clearAway()
            if FileTree.read(passwordFile) != Array(password.utf8) { try await changePassword(programs, account) }
        }
        try writeSettings(in: data, account)
        return LaunchPlan(
            executable: programs.postgres, arguments: ["-D", data], environment: Self.environment, runAs: account?.name, stopSignal: SIGINT,
            parentDeathSignal: SIGINT, logFile: logFile)
    }

    /// Whether the server in the directory accepts connections.
    public func isReady() async -> Bool {
        // The server keeps its state in the last line of its pid file; asking it over the network then tells a frozen one.
        let lines = String(decoding: FileTree.read(data + "/postmaster.pid") ?? [], as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 8, lines[7].hasPrefix("ready"), let programs = try? PostgreSQLPrograms.find(forDataIn: data) else {
            return false
        }
        let question = LaunchPlan(
            executable: programs.isReady, arguments: ["-q", "-h", "127.0.0.1", "-p", "\(port)", "-t", "3"], environment: Self.environment,
            parentDeathSignal: SIGKILL)
        return (try? await question.start().wait()) == .exited(code: 0)
    }
}

extension PrivatePostgreSQL {
    private static let administrator = "postgres"
    private static let environment = ["LC_ALL": "C.UTF-8", "TZ": "UTC"]

    private var data: String { directory + "/data" }
    private var passwordFile: String { directory + "/password" }
    /// Where the server's messages go.
    public var logFile: String { directory + "/postgresql.log" }

    /// The user that a server started by root runs as, since PostgreSQL refuses root; nil when this process is not root.
    private static func account() throws(LaunchError) -> Account? {
        guard geteuid() == 0 else { return nil }
        guard let account = Account(named: "postgres") else {
            throw LaunchError(
                "PostgreSQL does not run as root and there is no user postgres: install the package postgresql, or start as another user")
        }
        return account
    }

    /// Why a server could not use the directory when root starts it, as a sentence; nil when it could.
    public static func obstacle(to directory: String) -> String? {
        guard geteuid() == 0, let account = Account(named: "postgres") else { return nil }
        return obstacle(to: directory, for: account)
    }

    private static func obstacle(to directory: String, for account: Account) -> String? {
        guard let closed = DirectoryUse.closedAncestor(of: directory, for: account) else { return nil }
        return "PostgreSQL runs as the user \(account.name), who cannot enter \(closed): put the data directory elsewhere, or open it with "
            + "`chmod o+x \(closed)`"
    }

    /// Makes the data in a draft directory, which becomes the real one when all is done, so that an interrupted start leaves nothing half.
    private func initialize(_ programs: PostgreSQLPrograms, _ account: Account?) async throws {
        let draft = directory + "/data.new"
        FileTree.remove(draft)
        try FileTree.write(Array(password.utf8), to: passwordFile, mode: 0o600, owner: account)
        var arguments = [
            "-D", draft, "-U", Self.administrator, "--pwfile", passwordFile, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale",
            "C.UTF-8", "--data-checksums",
        ]
        if durability == .none { arguments.append("--no-sync") }
        try await run(programs.initdb, arguments, account)
        try writeSettings(in: draft, account)
        try await runSingle("CREATE DATABASE \(Self.quoted(database, "\""))", in: draft, programs, account)
        if durability == .full { try await makeLogRoom(in: draft, programs, account) }
        guard rename(draft, data) == 0 else { throw FileTree.failure("\(data) cannot be put in place") }
    }

    /// Megabytes of files that the write-ahead log keeps for what comes: a gigabyte, or a sixteenth of a small file system and at least 128.
    private var logRoom: Int {
        guard durability == .full, let space = FileTree.space(of: directory) else { return 128 }
        return min(max(space.total >> 24, 128), 1024)
    }

    /// Makes these files now: a burst would wait for each of them, which is sixteen megabytes long and written twice, while it goes on.
    ///
    /// Switching from file to file uses them up, and the checkpoint at the end makes them files for what comes. Where little is free they are
    /// made when they are needed.
    private func makeLogRoom(in data: String, _ programs: PostgreSQLPrograms, _ account: Account?) async throws {
        guard let space = FileTree.space(of: directory), space.free > logRoom << 22 else { return }
        try await runSingle(
            "SELECT pg_logical_emit_message(false, 'room', ''), pg_switch_wal() FROM generate_series(1, \(logRoom / 16 - 1))", in: data,
            programs, account)
    }

    private func changePassword(_ programs: PostgreSQLPrograms, _ account: Account?) async throws {
        try await runSingle("ALTER ROLE \(Self.administrator) PASSWORD \(Self.quoted(password, "'"))", in: data, programs, account)
        try FileTree.write(Array(password.utf8), to: passwordFile, mode: 0o600, owner: account)
    }

    /// Runs one statement without a server (`postgres --single`); it goes through a file because it can hold a password.
    private func runSingle(_ statement: String, in data: String, _ programs: PostgreSQLPrograms, _ account: Account?) async throws {
        let file = directory + "/statement.sql"
        try FileTree.write(Array((statement + "\n").utf8), to: file, mode: 0o600, owner: account)
        defer { unlink(file) }
        try await run(
            "/bin/sh", ["-c", "exec \"$1\" --single -j -D \"$2\" postgres < \"$3\" > /dev/null", "sh", programs.postgres, data, file],
            account)
    }

    private func run(_ executable: String, _ arguments: [String], _ account: Account?) async throws {
        let plan = LaunchPlan(
            executable: executable, arguments: arguments, environment: Self.environment, runAs: account?.name, parentDeathSignal: SIGKILL,
            logFile: logFile)
        let exit = try await plan.start().wait()
        guard exit == .exited(code: 0) else {
            let last = String(decoding: FileTree.read(logFile) ?? [], as: UTF8.self).split(separator: "\n").last ?? ""
            throw LaunchError("\(executable) \(exit), see \(logFile): \(last)")
        }
    }

    /// Waits for the last processes of a killed server and removes its pid file, which could name a stranger by now.
    private func clearAway() async throws {
        let pid = FileTree.read(data + "/postmaster.pid").flatMap { pid_t(String(decoding: $0, as: UTF8.self).prefix { $0 != "\n" }) }
        if let pid, DirectoryUse.workingDirectory(of: pid) == DirectoryUse.resolved(data) {
            throw LaunchError("a PostgreSQL server (process \(pid)) runs in \(directory): stop it first")
        }
        // Processes of PostgreSQL work in the data directory and end by themselves when their server is gone.
        let limit = ContinuousClock.now + .seconds(20)
        while let left = DirectoryUse.processes(workingIn: data).first {
            guard ContinuousClock.now < limit else {
                throw LaunchError("the process \(left) of a killed PostgreSQL server still uses \(directory): end it first")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        unlink(data + "/postmaster.pid")
        // The lock beside a socket names the same process; one of another port has no use any more.
        for name in FileTree.names(in: directory) where name.hasPrefix(".s.PGSQL.") { unlink(directory + "/" + name) }
    }

    private func writeSettings(in data: String, _ account: Account?) throws {
        let settings = PostgreSQLSettings(
            port: port, socketFolder: holdsSockets ? socketFolder : nil, isDurable: durability == .full, logRoom: logRoom)
        try FileTree.write(Array(settings.main.utf8), to: data + "/postgresql.conf", mode: 0o600, owner: account)
        try FileTree.write(Array(settings.access.utf8), to: data + "/pg_hba.conf", mode: 0o600, owner: account)
    }

    /// Where the server puts its socket; nil where the socket's path would be longer than an address of one or hold what separates or
    /// quotes folders in a setting or an address.
    private var socketFolder: String? {
        let isPlain = !directory.utf8.contains { $0 < UInt8(ascii: " ") || [",", "\"", "'", "\\"].contains(UnicodeScalar($0)) }
        return isPlain && "\(directory)/\(socketName)".utf8.count <= Self.longestSocketPath ? directory : nil
    }

    private static let longestSocketPath = 107

    /// Whether the file system of the directory can hold a socket: a server that cannot make its own would not start.
    private var holdsSockets: Bool {
        let path = "\(directory)/.s.try"
        guard path.utf8.count <= Self.longestSocketPath else { return false }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        unlink(path)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        close(descriptor)
        unlink(path)
        return result == 0
    }

    private var socketName: String { ".s.PGSQL.\(port)" }

    private static func quoted(_ text: String, _ mark: Character) -> String {
        "\(mark)" + text.split(separator: mark, omittingEmptySubsequences: false).joined(separator: "\(mark)\(mark)") + "\(mark)"
    }

    private static func percentEncoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
