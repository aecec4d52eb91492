import Postgres
import TestSupport
import Testing

@Suite("Values there and back")
struct ValueTests {
    /// What the server makes of a parameter, as text and back in binary.
    private func echo<Value: PostgresBindable & PostgresDecodable & Sendable>(_ value: Value) async throws -> (String, Value) {
        try await withClient { client in
            let row = try #require(try await client.run("SELECT v::text, v FROM (SELECT \(value) AS v) AS t").first)
            return (try row.value(0), try row.value(1))
        }
    }

    @Test("every type arrives as it was sent")
    func scalars() async throws {
        #expect(try await echo(true) == ("true", true))
        #expect(try await echo(Int32.min) == ("-2147483648", .min))
        #expect(try await echo(Int64.max) == ("9223372036854775807", .max))
        #expect(try await echo(-7) == ("-7", -7))
        #expect(try await echo(0.1) == ("0.1", 0.1))
        #expect(try await echo("事事有回音 🙂 '\"\\") == ("事事有回音 🙂 '\"\\", "事事有回音 🙂 '\"\\"))
        #expect(try await echo("") == ("", ""))
        #expect(try await echo([0, 255, 10] as [UInt8]) == ("\\x00ff0a", [0, 255, 10]))
        #expect(try await echo(PostgresJSON(Array(#"{"b": 1}"#.utf8))).0 == #"{"b": 1}"#)
    }

    @Test("arrays with and without NULLs unfold into rows")
    func arrays() async throws {
        try await withClient { client in
            let rows = try await client.run(
                """
                SELECT a, b, c FROM unnest(\([Int64(1), 2, 3]), \(["x", nil, "z"] as [String?]), \([[], [1], [2, 3]] as [[UInt8]])) AS t (a, b, c)
                """)
            let none = try await client.run("SELECT unnest(\([] as [String]))")

            #expect(try rows.map { try $0.value(0, as: Int.self) } == [1, 2, 3])
            #expect(try rows.map { try $0.optional(1, as: String.self) } == ["x", nil, "z"])
            #expect(try rows.map { try $0.value(2, as: [UInt8].self) } == [[], [1], [2, 3]])
            #expect(none.isEmpty)
        }
    }

    @Test("a hundred thousand elements are one parameter")
    func large() async throws {
        try await withClient { client in
            let numbers = Array(0..<100_000)

            let rows = try await client.run(
                "SELECT sum(n)::bigint, count(*) FROM unnest(\(numbers), \(numbers.map(String.init))) AS t (n, s)")

            #expect(try rows[0].value(0) == 4_999_950_000)
            #expect(try rows[0].value(1) == 100_000)
        }
    }

    @Test("a value of another type, a NULL and a column that is not there are named")
    func mismatches() async throws {
        try await withClient { client in
            let row = try #require(try await client.run("SELECT now() AS moment, NULL::text AS gap, 5000000000 AS big, 1.5 AS share").first)

            #expect { _ = try row.value(0, as: Int64.self) } throws: { "\($0)" == "column moment does not hold a Int64" }
            #expect { _ = try row.value(0, as: String.self) } throws: { "\($0)" == "column moment does not hold a String" }
            #expect { _ = try row.value(1, as: String.self) } throws: { "\($0)".contains("column gap is NULL") }
            #expect { _ = try row.value(2, as: Int32.self) } throws: { "\($0)" == "column big does not hold a Int32" }
            #expect { _ = try row.value(3, as: Double.self) } throws: { "\($0)" == "column share does not hold a Double" }
            #expect { _ = try row.optional(4, as: String.self) } throws: { "\($0)" == "column 4 was asked for of a row that has 4" }
        }
    }

    @Test("a text with a NUL character is refused before it is sent, and the connection lives on")
    func nul() async throws {
        try await withClient({ $0.maximumConnections = 1 }) { client in
            let before: Int = try await client.one("SELECT pg_backend_pid()")

            let error = await failure { try await client.run("SELECT \(["ok", "a\0b"])") }

            #expect(error?.code == .value)
            #expect(error?.isRetryable == false)
            #expect(try await client.one("SELECT pg_backend_pid()") == before)
        }
    }

    @Test("what the server says of a value it cannot use does not quote the value")
    func silent() async throws {
        try await withClient { client in
            let error = await failure { try await client.run("SELECT (\("the number of Zhang San")::text)::integer") }

            #expect(error?.sqlState == "22P02")
            #expect(error?.description.contains("Zhang") == false)
        }
    }
}
