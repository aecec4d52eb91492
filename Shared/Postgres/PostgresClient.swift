import SocketLoop

/// A pool of connections to one database.
///
/// Connections are opened when they are needed and kept. One that breaks is dropped; the next unit of work gets a new one,
/// so after a restart or failover of the server nothing has to be done but to try again what failed as retryable.
///
/// It lives on the thread of its connections: to take one, use it and give it back is one step there.
public actor PostgresClient {
    private nonisolated let loop = SocketLoop(name: "postgres")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let configuration: PostgresConfiguration
    private var pool: PoolState<PostgresConnection>
    private var waiting: [UInt64: CheckedContinuation<PostgresConnection?, Never>] = [:]
    private var nextTicket: UInt64 = 0
    private var attempts = 0
    private var closed = false
    /// How many connections broke or could not be opened so far: where this rises, an answer may have been lost, that to a commit, too.
    public private(set) var losses: UInt64 = 0

    public init(_ configuration: PostgresConfiguration) {
        self.configuration = configuration
        pool = PoolState(limit: configuration.maximumConnections)
    }

    /// A client that is let go without `close()` leaves no thread behind.
    deinit { loop.shutdown() }

    /// Runs statements outside a transaction block, all in one round trip and, as one implicit transaction, all or none.
    @discardableResult
    public func run(_ statements: [SQL]) async throws(PostgresError) -> [PostgresRows] {
        let connection = try await acquire()
        do throws(PostgresError) {
            let results = try await connection.run(statements)
            await release(connection)
            return results
        } catch {
            await release(connection)
            throw error
        }
    }

    /// Runs one statement outside a transaction block.
    @discardableResult
    public func run(_ statement: SQL) async throws(PostgresError) -> PostgresRows {
        let results = try await run([statement])
        guard let first = results.first else { throw PostgresError(.connectionLost, message: "PostgreSQL gave no result") }
        return first
    }

    /// Runs `body` in a transaction, which is rolled back unless `body` commits it.
    ///
    /// BEGIN travels with the first statements and COMMIT with the last, so a transaction of reads and writes costs two round trips.
    public nonisolated func withTransaction<R>(_ body: (PostgresTransaction) async throws -> R) async throws -> R {
        let connection = try await acquire()
        let transaction = PostgresTransaction(connection: connection)
        do {
            let result = try await body(transaction)
            await transaction.rollBackUnlessFinished()
            await release(connection)
            return result
        } catch {
            await transaction.rollBackUnlessFinished()
            await release(connection)
            throw error
        }
    }

    /// Closes the idle connections and refuses further work; connections in use are closed when they come back.
    public func close() async {
        closed = true
        for connection in pool.drain() { await connection.close() }
        for (ticket, continuation) in waiting {
            pool.forget(ticket)
            continuation.resume(returning: nil)
        }
        waiting = [:]
        if pool.isEmpty { loop.shutdown() }
    }

    private func acquire() async throws(PostgresError) -> PostgresConnection {
        if closed { throw PostgresError(.closed, message: "the database client is closed") }
        switch pool.acquire() {
        case .use(let connection):
            // An idle connection that the server has ended meanwhile, by a restart for example, costs nobody a failure.
            return await connection.isStillAlive ? connection : try await open()
        case .open: return try await open()
        case .wait: break
        }
        nextTicket += 1
        let ticket = nextTicket
        pool.enqueue(ticket)
        let timeout = Task {
            try await Task.sleep(for: configuration.acquireTimeout)
            self.giveUp(ticket)
        }
        let connection = await withTaskCancellationHandler {
            await withCheckedContinuation { waiting[ticket] = $0 }
        } onCancel: {
            Task { await self.giveUp(ticket) }
        }
        timeout.cancel()
        if let connection {
            if await connection.isOpen { return connection }
            // The place of a broken connection was handed on: this caller opens its successor.
            return try await open()
        }
        if Task.isCancelled { throw PostgresError(.cancelled, message: "the task was cancelled while it waited for a database connection") }
        throw closed
            ? PostgresError(.closed, message: "the database client is closed")
            : PostgresError(.poolExhausted, message: "no database connection became free within \(configuration.acquireTimeout)")
    }

    private func open() async throws(PostgresError) -> PostgresConnection {
        let connection = PostgresConnection(loop: loop, queryTimeout: configuration.queryTimeout)
        do throws(PostgresError) {
            try await connection.open(configuration, attempt: attempts)
            return connection
        } catch {
            // The next attempt begins with another host, if there are several.
            attempts += 1
            await connection.close()
            await release(connection)
            throw error
        }
    }

    private func giveUp(_ ticket: UInt64) {
        guard let continuation = waiting.removeValue(forKey: ticket) else { return }
        pool.forget(ticket)
        continuation.resume(returning: nil)
    }

    private func release(_ connection: PostgresConnection) async {
        await connection.tidy()
        let isOpen = await connection.isOpen
        if !isOpen { losses &+= 1 }
        if closed, isOpen { await connection.close() }
        switch pool.release(connection, isUsable: isOpen && !closed) {
        case .hand(let connection, let ticket): waiting.removeValue(forKey: ticket)?.resume(returning: connection)
        case .kept: break
        }
        if closed, pool.isEmpty { loop.shutdown() }
    }
}
