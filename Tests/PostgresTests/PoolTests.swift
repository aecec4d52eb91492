import Postgres
import PrivateServers
import TestSupport
import Testing

@Suite("The pool at work")
struct PoolTests {
    @Test("many tasks share few connections, and each gets its answer")
    func sharing() async throws {
        try await withClient({ $0.maximumConnections = 3 }) { client in
            let answers = try await withThrowingTaskGroup(of: (Int, Int, Int32).self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let row = try await client.run("SELECT \(number)::bigint, pg_backend_pid()")[0]
                        return (number, try row.value(0), try row.value(1))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }

            #expect(answers.allSatisfy { $0.0 == $0.1 })
            #expect(Set(answers.map(\.2)).count <= 3)
        }
    }

    @Test("who waits too long for a connection is told so, and who is cancelled is let go")
    func exhausted() async throws {
        try await withClient({
            $0.maximumConnections = 1
            $0.acquireTimeout = .milliseconds(100)
        }) { client in
            let errors = try await client.withTransaction { transaction in
                try await transaction.run("SELECT 1")
                let late = await failure { try await client.run("SELECT 2") }
                let cancelled = Task { await failure { try await client.run("SELECT 3") } }
                cancelled.cancel()
                return [late, await cancelled.value]
            }

            #expect(errors.map { $0?.code } == [.poolExhausted, .cancelled])
            #expect(errors[0]?.isRetryable == true)
            #expect(try await client.one("SELECT 4", as: Int.self) == 4)
        }
    }

    @Test("closing refuses new work, answers who waits, and lets who works finish")
    func closing() async throws {
        let url = try await PostgresServer.shared.database()
        let client = PostgresClient(PostgresConfiguration(url: url, applicationName: "closing", maximumConnections: 1))
        let (waiting, late, inside) = try await client.withTransaction { transaction in
            try await transaction.run("CREATE TABLE t (x integer)")
            let waiting = Task { await failure { try await client.run("SELECT 1") } }
            // The task waits once it has asked: the pool is full.
            for _ in 0..<100 { await Task.yield() }
            await client.close()
            let late = await failure { try await client.run("SELECT 2") }
            let inside = try await transaction.commit(with: ["INSERT INTO t VALUES (1)"])
            return (await waiting.value, late, inside[0].affected)
        }

        #expect(waiting?.code == .closed)
        #expect(late?.code == .closed)
        #expect(inside == 1)
        try await withClient(of: url) { other in
            #expect(try await other.one("SELECT count(*) FROM t", as: Int.self) == 1)
            try await eventually("no connection is left") {
                try await other.one("SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'closing'")
            }
        }
    }

    @Test("a client that is let go without being closed leaves no connection behind")
    func letGo() async throws {
        let url = try await PostgresServer.shared.database()
        do {
            let client = PostgresClient(PostgresConfiguration(url: url, applicationName: "let go"))
            try await client.run("SELECT 1")
        }

        try await withClient(of: url) { other in
            try await eventually("no connection is left") {
                try await other.one("SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'let go'")
            }
        }
    }

    @Test("a session has its schema, role, name and limits from the first statement on")
    func session() async throws {
        let url = try await PostgresServer.shared.database()
        try await withClient(of: url) { administrator in
            let role: String = "role_" + (try await administrator.one("SELECT current_database()"))
            try await administrator.run("CREATE SCHEMA \"of a unit\"")
            try await administrator.run("CREATE ROLE \(identifier: role)")
            try await withClient(
                of: url,
                {
                    $0.schema = "of a unit"
                    $0.role = role
                    $0.queryTimeout = .seconds(2)
                }
            ) { client in
                let row = try await client.run(
                    """
                    SELECT current_schema() IS NULL, current_setting('search_path'), current_user::text, current_setting('application_name'),
                        current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout')
                    """)[0]

                #expect(try row.value(1) == "\"of a unit\"")
                #expect(try row.value(2) == role)
                #expect(try row.value(3) == "tests")
                #expect(try row.value(4) == "1800ms")
                #expect(try row.value(5) == "10s")
            }
            try await administrator.run("DROP ROLE \(identifier: role)")
            let missing = await failure { try await withClient(of: url, { $0.role = role }) { _ = try await $0.run("SELECT 1") } }
            #expect(missing?.code == .server)
            #expect(missing?.isRetryable == false)
        }
    }

    @Test("a wrong password and an unreachable server are told without the password")
    func refused() async throws {
        let url = try await PostgresServer.shared.database()
        let wrong = await failure {
            try await withClient(of: url.replacing("of%20tests", with: "secret")) { _ = try await $0.run("SELECT 1") }
        }
        let nobody = await failure {
            try await withClient(of: "postgresql://u:secret@127.0.0.1:\(try LoopbackPort.choose())/x") { _ = try await $0.run("SELECT 1") }
        }

        for error in [wrong, nobody] {
            #expect(error?.code == .connectionFailed)
            #expect(error?.description.contains("secret") == false)
        }
        #expect(wrong?.description.contains("password authentication failed") == true)
    }
}
