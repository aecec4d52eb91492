import Testing

@testable import Postgres

@Suite("What an error means for the work")
struct PostgresErrorTests {
    @Test(
        "what may pass by itself is retryable",
        arguments: ["40001", "40P01", "53300", "55P03", "57014", "58030", "57P01", "08006", "25006", "25P03"])
    func retryable(state: String) {
        #expect(PostgresError(.server, sqlState: state, message: "").isRetryable)
    }

    @Test(
        "what the statement or its values are to blame for is not",
        arguments: ["23505", "22P02", "42P01", "42501", "P0001", "0A000", "25P02"])
    func permanent(state: String) {
        let error = PostgresError(.server, sqlState: state, message: "")

        #expect(!error.isRetryable)
        #expect(!error.isConnectionGone)
    }

    @Test(
        "after a shutdown, a failover or an idle transaction the connection is of no use",
        arguments: ["57P01", "57P02", "08003", "25006", "25P03"])
    func gone(state: String) {
        #expect(PostgresError(.server, sqlState: state, message: "").isConnectionGone)
    }

    @Test("the description names state and constraint")
    func description() {
        let error = PostgresError(.server, sqlState: "23505", constraint: "claims_pkey", message: "duplicate key")

        #expect("\(error)" == "duplicate key (SQLSTATE 23505) [claims_pkey]")
    }
}
