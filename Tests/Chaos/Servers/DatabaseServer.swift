import FoundationEssentials
import Glibc
import Postgres
import PrivateServers

/// The PostgreSQL of a run, with what can be done to it: killed, frozen, filled up, and replaced by a standby that followed it.
actor DatabaseServer {
    /// One server on one directory.
    private struct Seat {
        var description: PrivatePostgreSQL
        var process: RunningProcess?
    }

    /// The services' way to the server, which faults come upon.
    nonisolated let door: FaultProxy
    /// The run's own way to it, which none come upon.
    nonisolated let backDoor: FaultProxy
    private nonisolated let folder: String
    private nonisolated let password: String
    /// Whether the data lie on a disk that is small enough to be filled.
    private nonisolated let isSmall: Bool
    private var seat: Seat
    /// The server that follows this one, while there is one.
    private var standby: Seat?
    private var seats = 1

    init(folder: String, password: String, isSmall: Bool) throws {
        (self.folder, self.password, self.isSmall) = (folder, password, isSmall)
        let port = try LoopbackPort.choose()
        seat = Seat(description: PrivatePostgreSQL(directory: folder + "/postgresql-1", port: port, password: password))
        door = try FaultProxy(before: [port])
        backDoor = try FaultProxy(before: [port])
    }

    /// The address for the services, as administrator.
    nonisolated var url: String { "postgresql://postgres:\(password)@127.0.0.1:\(door.port)/huiyin" }

    /// A client for the run's own questions.
    nonisolated func client(_ name: String, connections: Int = 2, idle: Duration = .seconds(60)) -> PostgresClient {
        PostgresClient(
            PostgresConfiguration(
                url: "postgresql://postgres:\(password)@127.0.0.1:\(backDoor.port)/huiyin", applicationName: name,
                maximumConnections: connections, connectTimeout: .seconds(2), queryTimeout: .seconds(20), acquireTimeout: .seconds(5),
                idleInTransactionTimeout: idle))
    }

    var isRunning: Bool { seat.process?.isRunning ?? false }
    func isReady() async -> Bool { await seat.description.isReady() }

    /// Starts the server unless it runs, and returns once it takes connections.
    func start() async throws {
        if isRunning, await isReady() { return }
        if !isRunning { seat.process = try await launch(seat.description) }
        try await awaitReady(.seconds(120))
    }

    /// Kills the main process, as a crash would, and waits until it is gone.
    func kill() async throws {
        seat.process?.signal(SIGKILL)
        _ = try await seat.process?.wait()
    }

    func freeze() { for id in family { Glibc.kill(id, SIGSTOP) } }

    func thaw() { for id in family { Glibc.kill(id, SIGCONT) } }

    /// Kills one backend and waits until its server knows; false when it is none of this server.
    func killBackend(_ id: pid_t) async throws -> Bool {
        guard id > 1, family.dropFirst().contains(id), Glibc.kill(id, SIGKILL) == 0 else { return false }
        // From when it knows until it has started itself again it takes no connection.
        while family.contains(id) { try await Task.sleep(for: .milliseconds(10)) }
        return true
    }

    /// Ends the server.
    func stop() async {
        thaw()
        seat.process?.signal(SIGINT)
        await seat.process?.stop(within: .seconds(20))
        standby?.process?.signal(SIGQUIT)
        await standby?.process?.stop(within: .seconds(5))
        for proxy in [door, backDoor] { proxy.close() }
    }

    /// The main process and its children.
    private var family: [pid_t] {
        guard let main = seat.process?.id, isRunning else { return [] }
        let children = FileTree.read("/proc/\(main)/task/\(main)/children").map { String(decoding: $0, as: UTF8.self) } ?? ""
        return [main] + children.split(separator: " ").compactMap { pid_t($0) }
    }

    private func launch(_ description: PrivatePostgreSQL) async throws -> RunningProcess {
        var plan = try await description.prepare()
        let access = description.directory + "/data/pg_hba.conf"
        let lines = (FileTree.read(access) ?? []) + Array("host replication all 127.0.0.1/32 scram-sha-256\n".utf8)
        try FileTree.write(lines, to: access, mode: 0o600, owner: plan.runAs.flatMap { Account(named: $0) })
        // A small disk must not be filled by the log of what is written.
        if isSmall { plan.arguments += ["-c", "max_wal_size=96MB", "-c", "min_wal_size=64MB", "-c", "shared_buffers=128MB"] }
        plan.logFile = folder + "/postgresql.log"
        return try plan.start()
    }

    private func awaitReady(_ limit: Duration) async throws {
        let end = ContinuousClock.now + limit
        while await !seat.description.isReady() {
            guard .now < end, isRunning else { throw LaunchError("PostgreSQL did not become ready, see \(folder)/postgresql.log") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

extension DatabaseServer {
    /// Makes a standby that follows the server, and returns once every commit waits for it.
    func addStandby() async throws {
        guard let plan = seat.process?.plan else { throw LaunchError("there is no server for a standby to follow") }
        seats += 1
        let description = PrivatePostgreSQL(
            directory: "\(folder)/postgresql-\(seats)", port: try LoopbackPort.choose(), password: password)
        let owner = plan.runAs.flatMap { Account(named: $0) }
        try FileTree.makeDirectory(description.directory, mode: 0o700, owner: owner)
        // The mark of a directory that holds a private PostgreSQL.
        try FileTree.write(Array(password.utf8), to: description.directory + "/password", mode: 0o600, owner: owner)
        try await run(
            "pg_basebackup",
            [
                "-h", "127.0.0.1", "-p", "\(seat.description.port)", "-U", "postgres", "-D", description.directory + "/data", "-R", "-X",
                "stream", "-c", "fast",
            ], like: plan)
        standby = Seat(description: description, process: try await launch(description))
        let client = client("huiyin chaos standby", connections: 1)
        do {
            // Written after the copy was made, so that the standby does not wait for one of its own once it is the primary.
            try await client.run("ALTER SYSTEM SET synchronous_standby_names = '*'")
            try await client.run("SELECT pg_reload_conf()")
            let end = ContinuousClock.now + .seconds(60)
            while try await client.run("SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')").first?.value(0) != true
            {
                guard .now < end else { throw LaunchError("the standby does not follow, see \(folder)/postgresql.log") }
                try await Task.sleep(for: .milliseconds(100))
            }
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }

    /// Kills the primary and makes the standby the primary; the doors lead there once it takes commits.
    func promoteStandby() async throws {
        guard let next = standby, let plan = next.process?.plan else { throw LaunchError("there is no standby to promote") }
        try await kill()
        try await run("pg_ctl", ["promote", "-w", "-t", "60", "-D", next.description.directory + "/data"], like: plan)
        FileTree.remove(seat.description.directory)
        (seat, standby) = (next, nil)
        try await awaitReady(.seconds(60))
        for proxy in [door, backDoor] { proxy.turn(to: [next.description.port]) }
    }

    /// Runs another program of the server's version to its end.
    private func run(_ program: String, _ arguments: [String], like plan: LaunchPlan) async throws {
        let programs = plan.executable.split(separator: "/").dropLast().joined(separator: "/")
        let once = LaunchPlan(
            executable: "/\(programs)/\(program)", arguments: arguments, environment: ["PGPASSWORD": password, "LC_ALL": "C.UTF-8"],
            runAs: plan.runAs, parentDeathSignal: SIGKILL, logFile: folder + "/standby.log")
        let exit = try await once.start().wait()
        guard exit == .exited(code: 0) else { throw LaunchError("\(program) \(exit), see \(folder)/standby.log") }
    }
}
