import Glibc
import TestSupport
import Testing

@testable import PrivateServers

@Suite("A private PostgreSQL", .serialized)
struct PrivatePostgreSQLTests {
    /// A folder that the server's user may enter, gone after the test.
    private final class Folder {
        private let parent: TestDirectory
        let path: String

        init() throws {
            parent = try TestDirectory("huiyin-pg")
            chmod(parent.path, 0o711)
            path = parent.path + "/pg"
        }
    }

    private func ask(_ server: PrivatePostgreSQL, _ query: String, at address: String? = nil) async throws -> String {
        let log = server.directory + "/../answer-\(UInt64.random(in: 0...UInt64.max))"
        let plan = LaunchPlan(
            executable: "/usr/bin/psql", arguments: ["-XAtq", "-c", query], environment: Self.environment(address ?? server.adminURL),
            logFile: log)
        _ = try await plan.start().wait()
        return String(decoding: FileTree.read(log) ?? [], as: UTF8.self)
    }

    /// psql reads the address from its environment, which other users cannot see.
    private static func environment(_ url: String) -> [String: String] {
        let parts = url.dropFirst("postgresql://".count).split(whereSeparator: { ":@/".contains($0) }).map(String.init)
        var variables = ["PGUSER": parts[0], "PGPASSWORD": parts[1]]
        let place = url.split(separator: "?host=")
        if place.count == 2 {
            let words = place[1].replacing("%2F", with: "/").replacing("%20", with: " ").split(separator: "&port=").map(String.init)
            (variables["PGHOST"], variables["PGPORT"], variables["PGDATABASE"]) = (words[0], words[1], "huiyin")
        } else {
            (variables["PGHOST"], variables["PGPORT"], variables["PGDATABASE"]) = (parts[2], parts[3], parts[4])
        }
        return variables
    }

    private func start(_ server: PrivatePostgreSQL) async throws -> RunningProcess {
        let process = try await server.prepare().start()
        try await eventually("the server is ready") {
            if !process.isRunning { throw LaunchError(String(decoding: FileTree.read(server.logFile) ?? [], as: UTF8.self)) }
            return await server.isReady()
        }
        return process
    }

    @Test("what was committed is there again after a kill, with a new password and at a new port")
    func survives() async throws {
        let folder = try Folder()
        let first = PrivatePostgreSQL(directory: folder.path, port: try LoopbackPort.choose(), password: "one")
        #expect(await !first.isReady())
        var process = try await start(first)
        _ = try await ask(first, "CREATE TABLE t AS SELECT 42 AS x")

        process.signal(SIGKILL)
        _ = try await process.wait()
        #expect(await !first.isReady())
        let second = PrivatePostgreSQL(directory: folder.path, port: try LoopbackPort.choose(), password: "two")
        process = try await start(second)

        #expect(try await ask(second, "SELECT x FROM t") == "42\n")
        #expect(try await ask(second, "SHOW fsync") == "on\n")
        // Files for the write-ahead log are there before they are needed, unless the disk is small or nearly full.
        let space = try #require(FileTree.space(of: folder.path))
        let room = try #require(
            Int(try await ask(second, "SELECT setting FROM pg_settings WHERE name = 'min_wal_size'").filter(\.isNumber)))
        #expect(room == min(max(space.total >> 24, 128), 1024))
        let files = FileTree.names(in: folder.path + "/data/pg_wal").filter { $0.count == 24 }.count
        #expect(files >= (space.free > room << 22 ? room / 16 - 1 : 1))
        #expect(await process.stop(within: .seconds(30)) == .exited(code: 0))
    }

    @Test("a directory whose server runs is refused with the process to stop")
    func running() async throws {
        let folder = try Folder()
        let server = PrivatePostgreSQL(directory: folder.path, port: try LoopbackPort.choose(), password: "one", durability: .none)
        let process = try await start(server)

        await #expect {
            _ = try await server.prepare()
        } throws: {
            "\($0)" == "a PostgreSQL server (process \(process.id)) runs in \(folder.path): stop it first"
        }
        #expect(await server.isReady())

        await process.stop(within: .seconds(30))
    }

    @Test("a pid file that names a stranger does not keep the server from starting")
    func stranger() async throws {
        let folder = try Folder()
        let server = PrivatePostgreSQL(directory: folder.path, port: try LoopbackPort.choose(), password: "one", durability: .none)
        var process = try await start(server)
        let pidFile = folder.path + "/data/postmaster.pid"
        let lines = String(decoding: FileTree.read(pidFile) ?? [], as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        process.signal(SIGKILL)
        _ = try await process.wait()
        var sleeper = LaunchPlan(executable: "/bin/sleep", arguments: ["600"], parentDeathSignal: SIGKILL)
        if geteuid() == 0 { sleeper.runAs = "postgres" }
        let stranger = try sleeper.start()
        let socket = folder.path + "/.s.PGSQL.\(server.port)"
        let lock = String(decoding: FileTree.read(socket + ".lock") ?? [], as: UTF8.self)
        try FileTree.write(Array(lock.replacing("\(lines[0])\n", with: "\(stranger.id)\n").utf8), to: socket + ".lock", mode: 0o600)
        try FileTree.write(
            Array((["\(stranger.id)"] + lines.dropFirst().map(String.init)).joined(separator: "\n").utf8), to: pidFile, mode: 0o600)

        process = try await start(server)

        #expect(stranger.isRunning)
        await process.stop(within: .seconds(30))
        await stranger.stop(within: .seconds(5))
    }

    @Test("only loopback, a password and the administrator's own file let anybody in")
    func closed() async throws {
        let folder = try Folder()
        let server = PrivatePostgreSQL(directory: folder.path, port: try LoopbackPort.choose(), password: "a b:/@%'\"ü", durability: .none)
        let process = try await start(server)
        let wrong = PrivatePostgreSQL(directory: folder.path, port: server.port, password: "wrong")

        #expect(try await ask(wrong, "SELECT 1").contains("password authentication failed"))
        #expect(server.adminURL.hasSuffix(":a%20b%3A%2F%40%25%27%22%C3%BC@127.0.0.1:\(server.port)/huiyin"))
        var status = stat()
        #expect(stat(folder.path + "/password", &status) == 0 && status.st_mode & 0o777 == 0o600)
        let locks = FileTree.names(in: "/tmp").filter { $0.hasPrefix(".s.PGSQL.\(server.port)") }
        #expect(locks.isEmpty)

        await process.stop(within: .seconds(30))
    }

    @Test("the socket in the folder wants the password too, and where its path would be too long there is none")
    func socket() async throws {
        let folder = try Folder()
        for name in ["pg, or \"not\"", "pg and a name", String(repeating: "g", count: 100)] {
            let server = PrivatePostgreSQL(
                directory: folder.path + "/" + name, port: try LoopbackPort.choose(), password: "one", durability: .none)
            let process = try await start(server)
            let wrong = PrivatePostgreSQL(directory: server.directory, port: server.port, password: "wrong").nearURL(database: "huiyin")
            let address = "host(inet_server_addr()) IS NULL"

            let hasSocket = name.contains("and") && "\(server.directory)/.s.PGSQL.\(server.port)".utf8.count <= 107
            #expect((server.nearURL(database: "huiyin") != server.adminURL) == hasSocket)
            #expect(try await ask(server, "SELECT \(address)", at: server.nearURL(database: "huiyin")) == (hasSocket ? "t\n" : "f\n"))
            #expect(try await ask(server, "SELECT 1", at: wrong).contains("password authentication failed"))
            #expect(FileTree.names(in: server.directory).contains(".s.PGSQL.\(server.port)") == hasSocket)

            await process.stop(within: .seconds(30))
        }
    }

    @Test("a first start that was killed while it wrote the password is taken up again")
    func killedFirstStart() async throws {
        let folder = try Folder()
        try FileTree.makeDirectory(folder.path, mode: 0o700)
        try FileTree.write([], to: folder.path + "/password.new", mode: 0o600)

        let server = PrivatePostgreSQL(directory: folder.path, port: try LoopbackPort.choose(), password: "one", durability: .none)
        _ = try await server.prepare()

        #expect(FileTree.read(folder.path + "/password") == Array("one".utf8))
    }

    @Test("a directory of somebody else's files is left as it is")
    func foreign() async throws {
        let folder = try TestDirectory("huiyin-foreign")
        chmod(folder.path, 0o755)
        try FileTree.write([1], to: folder.path + "/letters.txt", mode: 0o644)

        await #expect {
            _ = try await PrivatePostgreSQL(directory: folder.path, port: 1, password: "one").prepare()
        } throws: {
            "\($0)".contains("holds files that are not of a private PostgreSQL")
        }

        var status = stat()
        #expect(stat(folder.path, &status) == 0 && status.st_mode & 0o777 == 0o755 && status.st_uid == geteuid())
    }

    @Test("a directory that the server's user cannot reach is refused with the remedy", .enabled(if: geteuid() == 0))
    func obstacle() async throws {
        let parent = try TestDirectory("huiyin-closed")
        let server = PrivatePostgreSQL(directory: parent.path + "/a/b", port: 1, password: "one")
        let sentence =
            "PostgreSQL runs as the user postgres, who cannot enter \(parent.path): put the data directory elsewhere, or open it with "
            + "`chmod o+x \(parent.path)`"

        await #expect { _ = try await server.prepare() } throws: { "\($0)" == sentence }
        #expect(PrivatePostgreSQL.obstacle(to: parent.path + "/a/b") == sentence)
        chmod(parent.path, 0o711)
        #expect(PrivatePostgreSQL.obstacle(to: parent.path + "/a/b") == nil)
    }
}
