import Glibc
import Postgres
import PrivateServers
import TestSupport
import Testing

@Suite("Faults of the server and of the tasks that wait for it", .serialized)
struct FaultTests {
    /// Repeats work while its failures are retryable, as services do.
    @discardableResult
    private func retrying<R>(_ body: () async throws -> R) async throws -> R {
        let limit = ContinuousClock.now + .seconds(60)
        while true {
            do { return try await body() } catch let error as PostgresError where error.isRetryable && .now < limit {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Waits until a statement whose text holds `mark` is at work.
    private func awaitActive(_ mark: String, on client: PostgresClient) async throws {
        try await eventually("a statement with \(mark) is at work") {
            try await client.one(
                "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE \("%\(mark)%") AND pid <> pg_backend_pid()",
                as: Int.self) > 0
        }
    }

    @Test("a session that the server ends is replaced, also when it was idle")
    func terminated() async throws {
        let url = try await PostgresServer.shared.database()
        try await withClient(of: url) { other in
            try await withClient(of: url, { $0.maximumConnections = 1 }) { client in
                let first: Int32 = try await client.one("SELECT pg_backend_pid()")
                _ = try await other.run("SELECT pg_terminate_backend(\(first), 5000)")

                // The goodbye has arrived before the next statement is sent: nobody notices.
                let second: Int32 = try await client.one("SELECT pg_backend_pid()")
                #expect(second != first)

                async let outcome = failure { try await client.run("SELECT pg_sleep(600), 'terminated'") }
                try await awaitActive("pg_sleep(600), 'terminated'", on: other)
                _ = try await other.run("SELECT pg_terminate_backend(\(second), 5000)")
                let error = await outcome
                #expect(error?.isRetryable == true)
                #expect(error?.sqlState == "57P01")
                #expect(try await client.one("SELECT 1", as: Int.self) == 1)
            }
        }
    }

    @Test("after a crash of the server everything that was committed is there and work goes on", arguments: [false, true])
    func crash(isOverSocket: Bool) async throws {
        let server = try await PostgresServer()
        let url = try await server.database(isOverSocket: isOverSocket)
        try await withClient(of: url, { $0.maximumConnections = 4 }) { client in
            try await client.run("CREATE TABLE t (x integer PRIMARY KEY)")
            // Four writers; each says what it knows to be committed.
            let known = try await withThrowingTaskGroup(of: [Int].self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        var known: [Int] = []
                        for number in 0..<200 {
                            let value = writer * 1000 + number
                            do {
                                try await client.withTransaction { transaction in
                                    // Every other one in a single flush.
                                    if number % 2 == 0 { try await transaction.run("SELECT 1") }
                                    try await transaction.commit(with: ["INSERT INTO t VALUES (\(value))"])
                                }
                                known.append(value)
                            } catch let error as PostgresError where error.isRetryable {
                                try await Task.sleep(for: .milliseconds(5))
                            }
                        }
                        return known
                    }
                }
                group.addTask {
                    try await eventually("the writers are under way") { try await client.one("SELECT count(*) > 50 FROM t") }
                    try await server.kill()
                    try await server.restart()
                    return []
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }

            let stored = Set(try await retrying { try await client.run("SELECT x FROM t").map { try $0.value(0, as: Int.self) } })
            #expect(known.count > 50)
            #expect(stored.isSuperset(of: known))
        }
        await server.remove()
    }

    @Test("a frozen server costs a timeout and not the process, and works on when it thaws", arguments: [false, true])
    func frozen(isOverSocket: Bool) async throws {
        let server = try await PostgresServer()
        let url = try await server.database(isOverSocket: isOverSocket)
        try await withClient(
            of: url,
            {
                $0.queryTimeout = .milliseconds(400)
                $0.connectTimeout = .milliseconds(400)
                $0.maximumConnections = 2
            }
        ) { client in
            try await client.run("SELECT 1")

            await server.freeze()
            let open = await failure { try await client.run("SELECT 1") }
            let new = await failure { try await client.run("SELECT 1") }
            await server.thaw()

            #expect(open?.code == .timedOut)
            #expect(new?.code == .connectionFailed)
            let answer = try await retrying { try await client.one("SELECT 2", as: Int.self) }
            #expect(answer == 2)
        }
        await server.remove()
    }

    @Test("a statement that takes too long is ended by the server, and the connection lives on")
    func statementTimeout() async throws {
        try await withClient({
            $0.queryTimeout = .seconds(1)
            $0.maximumConnections = 1
        }) { client in
            let before: Int32 = try await client.one("SELECT pg_backend_pid()")

            let error = await failure { try await client.run("SELECT pg_sleep(600)") }

            #expect(error?.sqlState == "57014")
            #expect(error?.isRetryable == true)
            #expect(try await client.one("SELECT pg_backend_pid()", as: Int32.self) == before)
        }
    }

    @Test("a transaction that stands idle for too long loses its locks")
    func idleInTransaction() async throws {
        let url = try await PostgresServer.shared.database()
        try await withClient(of: url) { other in
            try await other.run("CREATE TABLE t (x integer)")
            let error = await failure {
                try await withClient(of: url, { $0.idleInTransactionTimeout = .milliseconds(100) }) { client in
                    try await client.withTransaction { transaction in
                        try await transaction.run("LOCK TABLE t")
                        // Waits for the lock for as long as the transaction keeps it.
                        try await other.run("INSERT INTO t VALUES (1)")
                        try await transaction.commit(with: ["INSERT INTO t VALUES (2)"])
                    }
                }
            }

            #expect(error?.isRetryable == true)
            let rows = try await other.run("SELECT x FROM t").map { try $0.value(0, as: Int.self) }
            #expect(rows == [1])
        }
    }

    @Test("a cancelled task is let go at once, and its unfinished connection is not used again")
    func cancelled() async throws {
        let url = try await PostgresServer.shared.database()
        try await withClient(of: url) { other in
            try await withClient(of: url, { $0.maximumConnections = 1 }) { client in
                let before: Int32 = try await client.one("SELECT pg_backend_pid()")
                let task = Task { await failure { try await client.run("SELECT pg_sleep(600), 'cancelled'") } }
                try await awaitActive("pg_sleep(600), 'cancelled'", on: other)

                task.cancel()

                let error = await task.value
                #expect(error?.code == .cancelled)
                #expect(try await client.one("SELECT pg_backend_pid()", as: Int32.self) != before)
            }
        }
    }

    @Test("a task that was cancelled before costs no connection, and its transaction is rolled back")
    func cancelledBefore() async throws {
        try await withClient({ $0.maximumConnections = 1 }) { client in
            try await client.run("CREATE TABLE t (x integer)")
            let before: Int32 = try await client.one("SELECT pg_backend_pid()")

            let error = await Task {
                await failure {
                    try await client.withTransaction { transaction in
                        try await transaction.run("INSERT INTO t VALUES (1)")
                        withUnsafeCurrentTask { $0?.cancel() }
                        try await transaction.commit(with: ["INSERT INTO t VALUES (2)"])
                    }
                }
            }.value

            #expect(error?.code == .cancelled)
            #expect(try await client.one("SELECT pg_backend_pid()", as: Int32.self) == before)
            #expect(try await client.one("SELECT count(*) FROM t", as: Int.self) == 0)
        }
    }

    @Test("a commit that was sent is awaited although its task is cancelled")
    func cancelledCommit() async throws {
        let url = try await PostgresServer.shared.database()
        try await withClient(of: url) { other in
            try await withClient(of: url, { $0.maximumConnections = 1 }) { client in
                try await client.run("CREATE TABLE t (x integer)")
                let task = try await other.withTransaction { transaction in
                    try await transaction.run("SELECT pg_advisory_xact_lock(7)")
                    let task = Task {
                        try await client.withTransaction { transaction in
                            try await transaction.commit(with: ["SELECT pg_advisory_xact_lock(7)", "INSERT INTO t VALUES (1)"])
                        }
                    }
                    // The commit is under way, and waits for the lock.
                    try await withClient(of: url) { watcher in
                        try await eventually("the commit waits") {
                            try await watcher.one(
                                """
                                SELECT count(*) = 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                                WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()
                                """)
                        }
                    }
                    task.cancel()
                    return task
                }

                let results = try await task.value
                #expect(results.count == 2)
                #expect(try await client.one("SELECT count(*) FROM t", as: Int.self) == 1)
            }
        }
    }

    @Test("a primary that became read-only is left for the host that takes writes")
    func failover() async throws {
        let old = try await PostgresServer()
        let new = try await PostgresServer()
        let url = try await old.database()
        // Both servers name their first database alike.
        _ = try await new.database()
        let both = url.replacing(
            "127.0.0.1:\(old.description.port)", with: "127.0.0.1:\(old.description.port),127.0.0.1:\(new.description.port)")
        for url in [old, new].map({ $0.description.url(database: "test_1") }) {
            try await withClient(of: url) { try await $0.run("CREATE TABLE t (x integer)") }
        }
        try await withClient(of: both + "?target_session_attrs=read-write", { $0.maximumConnections = 1 }) { client in
            try await client.run("INSERT INTO t VALUES (1)")
            try await withClient(of: url) { administrator in
                try await administrator.run("ALTER SYSTEM SET default_transaction_read_only = on")
                try await administrator.run("SELECT pg_reload_conf()")
                try await eventually("the old primary is read-only") {
                    try await administrator.one("SHOW default_transaction_read_only", as: String.self) == "on"
                }
            }

            try await retrying { try await client.run("INSERT INTO t VALUES (2)") }

            let port: Int = try await client.one("SELECT inet_server_port()")
            #expect(port == Int(new.description.port))
        }
        await old.remove()
        await new.remove()
    }

    @Test("the next host is tried after one that accepts and then says nothing")
    func silentHost() async throws {
        let silent = try SilentListener()
        let url = try await PostgresServer.shared.database()
        let two = url.replacing("@127.0.0.1:", with: "@127.0.0.1:\(silent.port),127.0.0.1:")
        defer { withExtendedLifetime(silent) {} }
        try await withClient(of: two + "?target_session_attrs=read-write", { $0.connectTimeout = .milliseconds(300) }) { client in
            let first = await failure { try await client.run("SELECT 1") }

            #expect(first?.code == .connectionFailed)
            let answer = try await client.one("SELECT 2", as: Int.self)
            #expect(answer == 2)
        }
    }
}

/// A listener that accepts connections, since the kernel does, and never says anything.
private final class SilentListener {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        port = try LoopbackPort.bind(descriptor)
        guard listen(descriptor, 16) == 0 else { throw LaunchError("no listener can be made on 127.0.0.1") }
    }

    deinit { close(descriptor) }
}
