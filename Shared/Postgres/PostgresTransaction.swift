/// A transaction block in progress; it ends with `commit`, or is rolled back.
///
/// It belongs to the task that runs the body of `PostgresClient.withTransaction` and must not be kept.
public final class PostgresTransaction {
    private enum State {
        case untouched, open, finished
    }

    private let connection: PostgresConnection
    private var state = State.untouched

    init(connection: PostgresConnection) { self.connection = connection }

    /// Sends statements in one round trip; the first one of a transaction also begins it.
    @discardableResult
    public func run(_ statements: [SQL]) async throws(PostgresError) -> [PostgresRows] {
        guard state != .finished else { throw PostgresError(.closed, message: "the transaction has ended already") }
        let begins = state == .untouched
        state = .open
        let results = try await connection.run(begins ? ["BEGIN"] + statements : statements)
        return begins ? Array(results.dropFirst()) : results
    }

    /// Sends one statement.
    @discardableResult
    public func run(_ statement: SQL) async throws(PostgresError) -> PostgresRows {
        guard let result = try await run([statement]).first else {
            throw PostgresError(.connectionLost, message: "PostgreSQL gave no result")
        }
        return result
    }

    /// Sends the last statements together with COMMIT and returns their results once all is durable; where they are the only ones, they need
    /// no transaction block.
    ///
    /// Once sent, it is waited for even when the task is cancelled.
    @discardableResult
    public func commit(with statements: [SQL] = []) async throws(PostgresError) -> [PostgresRows] {
        guard state != .finished else { throw PostgresError(.closed, message: "the transaction has ended already") }
        if state == .untouched, statements.isEmpty {
            state = .finished
            return []
        }
        if Task.isCancelled { throw PostgresError(.cancelled, message: "the task was cancelled before its transaction was committed") }
        if state == .untouched {
            // All that travels in one flush is one transaction without being told: the server commits when it reaches the flush's end.
            state = .finished
            return try await connection.finish(statements)
        }
        let results = try await connection.finish(statements + ["COMMIT"])
        state = .finished
        return results.dropLast()
    }

    /// Runs a text of several statements, such as a file, which must leave the transaction open.
    func runScript(_ text: String) async throws(PostgresError) {
        if state == .untouched { try await run([]) }
        guard state == .open else { throw PostgresError(.closed, message: "the transaction has ended already") }
        try await connection.runScript(text)
        guard await connection.isInTransaction else {
            await connection.close()
            throw PostgresError(.value, message: "the statements end their own transaction: take COMMIT and ROLLBACK out of them")
        }
    }

    func rollBackUnlessFinished() async {
        guard state == .open else { return }
        state = .finished
        // When the connection is gone the server has rolled back by itself.
        do throws(PostgresError) { _ = try await connection.finish(["ROLLBACK"]) } catch { await connection.close() }
    }
}
