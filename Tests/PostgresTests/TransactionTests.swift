import Postgres
import TestSupport
import Testing

@Suite("Transactions")
struct TransactionTests {
    private struct Stop: Error {}

    private func table(_ body: (PostgresClient) async throws -> Void) async throws {
        try await withClient({ $0.maximumConnections = 2 }) { client in
            try await client.run("CREATE TABLE t (x integer PRIMARY KEY)")
            try await body(client)
        }
    }

    private func rows(_ client: PostgresClient) async throws -> [Int] {
        try await client.run("SELECT x FROM t ORDER BY x").map { try $0.value(0) }
    }

    @Test("statements and commit share a round trip and return their results in order")
    func commit() async throws {
        try await table { client in
            let (found, results) = try await client.withTransaction { transaction in
                let found = try await transaction.run(["SELECT count(*) FROM t", "SELECT 'second'"])
                let results = try await transaction.commit(with: [
                    "INSERT INTO t SELECT unnest(\([1, 2, 3])) RETURNING x", "UPDATE t SET x = x + 10 WHERE x > \(1)",
                ])
                return (found, results)
            }

            #expect(try found[0][0].value(0) == 0)
            #expect(try found[1][0].value(0) == "second")
            #expect(try results[0].map { try $0.value(0, as: Int.self) } == [1, 2, 3])
            #expect(results[1].affected == 2)
            let left = try await rows(client)
            #expect(left == [1, 12, 13])
        }
    }

    @Test("a transaction that is left without commit changes nothing, with an error or without")
    func rollback() async throws {
        try await table { client in
            try await client.withTransaction { transaction in _ = try await transaction.run("INSERT INTO t VALUES (1)") }
            await #expect(throws: Stop.self) {
                try await client.withTransaction { transaction in
                    try await transaction.run("INSERT INTO t VALUES (2)")
                    throw Stop()
                }
            }

            let left = try await rows(client)
            #expect(left == [])
        }
    }

    @Test("statements outside of a transaction take effect all together or not at all")
    func implicit() async throws {
        try await table { client in
            let error = await failure { try await client.run(["INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)"]) }

            #expect(error?.sqlState == "23505")
            #expect(error?.constraint == "t_pkey")
            let left = try await rows(client)
            #expect(left == [])
        }
    }

    @Test("a refused statement leaves the connection whole, whether it was prepared before or in the same breath")
    func refusals() async throws {
        try await table { client in
            for _ in 0..<3 {
                let syntax = await failure { try await client.run(["SELECT 1", "SELEKT 2", "SELECT 3"]) }
                let value = await failure { try await client.run(["SELECT 1", "SELECT 1 / (\(0) * 1)", "SELECT 3"]) }
                #expect(syntax?.sqlState == "42601")
                #expect(value?.sqlState == "22012")
            }

            let results = try await client.run(["SELECT 1", "SELECT 1 / (\(1) * 1)", "SELECT 3"])
            #expect(try results.map { try $0[0].value(0, as: Int.self) } == [1, 1, 3])
        }
    }

    @Test("a commit after a failure that the body swallowed says that all was rolled back")
    func swallowed() async throws {
        try await table { client in
            let error = await failure {
                try await client.withTransaction { transaction in
                    try await transaction.run("INSERT INTO t VALUES (1)")
                    _ = await failure { try await transaction.run("SELECT 1 / 0") }
                    try await transaction.commit()
                }
            }

            #expect(error?.sqlState == "25P02")
            let left = try await rows(client)
            #expect(left == [])
        }
    }

    @Test("a refused last statement rolls back what came with it, and before it", arguments: [true, false])
    func refusedCommit(isAlone: Bool) async throws {
        try await table { client in
            let error = await failure {
                try await client.withTransaction { transaction in
                    if !isAlone { try await transaction.run("INSERT INTO t VALUES (1)") }
                    try await transaction.commit(with: [
                        "INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (3)",
                    ])
                }
            }
            _ = try await client.withTransaction { try await $0.commit(with: ["INSERT INTO t VALUES (9)"]) }

            #expect(error?.sqlState == "23505")
            #expect(error?.isRetryable == false)
            let left = try await rows(client)
            #expect(left == [9])
        }
    }

    @Test("statements that are all of a transaction are one, and return their results in order")
    func oneFlush() async throws {
        try await table { client in
            let results = try await client.withTransaction { transaction in
                try await transaction.commit(with: [
                    "SELECT pg_current_xact_id()::text", "INSERT INTO t VALUES (1) RETURNING x", "SELECT pg_current_xact_id()::text",
                ])
            }

            #expect(results.count == 3)
            #expect(try results[1][0].value(0, as: Int.self) == 1)
            #expect(try results[0][0].value(0, as: String.self) == results[2][0].value(0, as: String.self))
        }
    }

    @Test("a transaction that has ended takes no more statements")
    func ended() async throws {
        try await table { client in
            let late = await failure {
                try await client.withTransaction { transaction in
                    try await transaction.commit(with: ["INSERT INTO t VALUES (1)"])
                    try await transaction.run("INSERT INTO t VALUES (2)")
                }
            }
            let twice = await failure {
                try await client.withTransaction { transaction in
                    try await transaction.commit()
                    try await transaction.commit(with: ["INSERT INTO t VALUES (3)"])
                }
            }

            #expect(late?.code == .closed)
            #expect(twice?.code == .closed)
            let left = try await rows(client)
            #expect(left == [1])
        }
    }

    @Test("the same text with other types of parameters is another statement")
    func types() async throws {
        try await withClient({ $0.maximumConnections = 1 }) { client in
            let statements: [SQL] = [
                "SELECT pg_typeof(\(1))::text", "SELECT pg_typeof(\(1.5))::text", "SELECT pg_typeof(\(2))::text",
            ]

            var kinds: [String] = []
            for statement in statements { kinds.append(try await client.run(statement)[0].value(0)) }

            #expect(kinds == ["bigint", "double precision", "bigint"])
        }
    }

    @Test("a plan that no longer fits the schema is prepared anew at the next try")
    func schemaChange() async throws {
        try await withClient({ $0.maximumConnections = 1 }) { client in
            try await client.run("CREATE TABLE v (x integer)")
            try await client.run("INSERT INTO v VALUES (1)")
            _ = try await client.run("SELECT * FROM v")
            try await client.run("ALTER TABLE v ALTER x TYPE text")

            let error = await failure { try await client.run("SELECT * FROM v") }

            #expect(error?.isRetryable == true)
            #expect(try await client.one("SELECT * FROM v") == "1")
        }
    }

    @Test("a thousand different statements leave a bounded number prepared")
    func eviction() async throws {
        try await withClient({ $0.maximumConnections = 1 }) { client in
            for number in 0..<1000 { try await client.run("SELECT \(unsafe: "\(number)")") }
            for number in 990..<1000 { try await client.run("SELECT \(unsafe: "\(number)")") }

            let count: Int = try await client.one("SELECT count(*) FROM pg_prepared_statements")
            #expect(count <= 260)
            #expect(count > 100)
        }
    }
}
