import Postgres
import PrivateServers
import TestSupport
import Testing

@Suite("Round trips")
struct RoundTripTests {
    /// A client that reaches a fresh database with a table `t` through a proxy.
    private func withProxy(_ body: (PostgresClient, TurnProxy, String) async throws -> Void) async throws {
        let server = try await PostgresServer.shared
        let url = try await server.database()
        try await withClient(of: url) { try await $0.run("CREATE TABLE t (x integer PRIMARY KEY)") }
        let proxy = try TurnProxy(before: server.description.port)
        defer { proxy.close() }
        let through = url.replacing(":\(server.description.port)/", with: ":\(proxy.port)/")
        try await withClient(of: through, { $0.maximumConnections = 1 }) { client in
            try await client.run("SELECT 1")
            _ = proxy.takeTurns()
            try await body(client, proxy, url)
        }
    }

    @Test("a transaction costs one round trip for reading and one for writing and committing, prepared or not")
    func transaction() async throws {
        try await withProxy { client, proxy, _ in
            for _ in 0..<2 {
                try await client.withTransaction { transaction in
                    try await transaction.run(["SELECT count(*) FROM t", "SELECT 2", "SELECT x FROM t WHERE x = \(7)"])
                    try await transaction.commit(with: [
                        "DELETE FROM t", "INSERT INTO t SELECT unnest(\([1, 2]))", "UPDATE t SET x = x + 2",
                    ])
                }
                #expect(proxy.takeTurns() == 2)
            }
        }
    }

    @Test("a transaction that only writes costs one round trip, statements outside of one too, and one that asks nothing costs none")
    func others() async throws {
        try await withProxy { client, proxy, _ in
            try await client.run(["SELECT 1", "SELECT 2", "SELECT 3"])
            #expect(proxy.takeTurns() == 1)
            try await client.withTransaction { _ = try await $0.commit(with: ["INSERT INTO t VALUES (8)", "DELETE FROM t WHERE x = 8"]) }
            #expect(proxy.takeTurns() == 1)
            try await client.withTransaction { _ = try await $0.commit() }
            #expect(proxy.takeTurns() == 0)
            try await client.withTransaction { _ = try await $0.run("SELECT 1") }
            #expect(proxy.takeTurns() == 2)
        }
    }

    @Test("a commit whose answer is lost is told as lost although it took effect", arguments: [true, false])
    func lostAnswer(isAlone: Bool) async throws {
        try await withProxy { client, proxy, url in
            let error = await failure {
                try await client.withTransaction { transaction in
                    if !isAlone { try await transaction.run("SELECT 1") }
                    proxy.loseAnswers(true)
                    try await transaction.commit(with: ["INSERT INTO t VALUES (1)"])
                }
            }
            proxy.loseAnswers(false)

            #expect(error?.code == .connectionLost)
            #expect(error?.isRetryable == true)
            let stored = try await withClient(of: url) { try await $0.one("SELECT count(*) FROM t", as: Int.self) }
            #expect(stored == 1)
            let again = await failure { try await client.run("INSERT INTO t VALUES (1)") }
            #expect(again?.sqlState == "23505")
        }
    }

    @Test("results and parameters larger than any socket buffer go both ways at once")
    func large() async throws {
        try await withProxy { client, _, _ in
            let body = [UInt8](repeating: 7, count: 2 << 20)
            let results = try await client.run((0..<6).map { "SELECT \(body), \(Int64($0))" })

            let sizes = try results.map { try $0[0].value(0, as: [UInt8].self).count }
            #expect(sizes == Array(repeating: body.count, count: 6))
        }
    }
}
