import Postgres
import TestSupport

/// Gives `body` a client of a fresh database on the shared server, and closes it.
@discardableResult
func withClient<R: Sendable>(
    _ adjust: (inout PostgresConfiguration) -> Void = { _ in }, _ body: (PostgresClient) async throws -> R
) async throws -> R {
    let url = try await PostgresServer.shared.database()
    return try await withClient(of: url, adjust, body)
}

/// Gives `body` a client of the database at `url`, and closes it.
@discardableResult
func withClient<R: Sendable>(
    of url: String, _ adjust: (inout PostgresConfiguration) -> Void = { _ in }, _ body: (PostgresClient) async throws -> R
) async throws -> R {
    var configuration = PostgresConfiguration(url: url, applicationName: "tests")
    adjust(&configuration)
    let client = PostgresClient(configuration)
    do {
        let result = try await body(client)
        await client.close()
        return result
    } catch {
        await client.close()
        throw error
    }
}

/// The error that `body` throws, if it is one of PostgreSQL's.
func failure(_ body: () async throws -> Void) async -> PostgresError? {
    do { try await body() } catch { return error as? PostgresError }
    return nil
}

extension PostgresClient {
    /// The first column of the first row.
    func one<Value: PostgresDecodable>(_ statement: SQL, as type: Value.Type = Value.self) async throws -> Value {
        let rows = try await run(statement)
        guard let row = rows.first else { throw PostgresError(.value, message: "the statement gave no row") }
        return try row.value(0)
    }
}
