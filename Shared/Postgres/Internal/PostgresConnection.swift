import CLibPQ
import Glibc
import SocketLoop

/// One connection of libpq, in pipeline mode from beginning to end: many statements in one round trip.
///
/// All its code runs on its loop's thread, and it waits for the socket without blocking that thread. It is used by one
/// unit of work at a time; after any failure that is not a plain refusal by the server it is closed and of no use.
actor PostgresConnection {
    nonisolated let loop: SocketLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private var handle: OpaquePointer?
    private let queryTimeout: Duration
    /// A statement is the same when its text and the types of its parameters are.
    private struct StatementKey: Hashable {
        var text: String
        var types: [UInt32]

        init(_ statement: SQL) {
            text = statement.text
            types = statement.types
        }
    }

    /// The prepared statements, with the time of their last use.
    private var prepared: [StatementKey: (name: String, used: UInt64)] = [:]
    /// The names of statements that the server may forget.
    private var evicted: [String] = []
    private var ticks: UInt64 = 0
    private static let largestCache = 256

    init(loop: SocketLoop, queryTimeout: Duration) {
        self.loop = loop
        self.queryTimeout = queryTimeout
    }

    isolated deinit { close() }

    /// Connects (`PQconnectStartParams`, `PQconnectPoll`) and prepares the session.
    ///
    /// Host names are resolved inside the first call, which blocks the loop for as long as the resolver takes: write
    /// addresses where that matters. `attempt` counts the attempts of a pool.
    func open(_ configuration: PostgresConfiguration, attempt: Int = 0) async throws(PostgresError) {
        let settings =
            try ConnectionTarget(configuration.url).keywords(attempt: attempt) + [
                ("fallback_application_name", configuration.applicationName), ("client_encoding", "UTF8"), ("tcp_user_timeout", "15000"),
                ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ]
        let keywords = CStrings(settings.map(\.0))
        let values = CStrings(settings.map(\.1))
        handle = PQconnectStartParams(keywords.pointer, values.pointer, 0)
        let deadline = ContinuousClock.now + configuration.connectTimeout
        guard let handle, PQstatus(handle) != CONNECTION_BAD else { throw failure(.connectionFailed) }
        // Notices (such as "relation exists, skipping") are for a terminal; standard error is the log's.
        PQsetNoticeReceiver(handle, { _, _ in }, nil)
        var interest = SocketLoop.Interest.writable
        while true {
            switch await loop.wait(for: interest, on: PQsocket(handle), until: deadline) {
            case .ready: break
            case .timedOut:
                close()
                throw PostgresError(.connectionFailed, message: "PostgreSQL did not answer within \(configuration.connectTimeout)")
            case .interrupted:
                close()
                throw PostgresError(.cancelled, message: "connecting to PostgreSQL was cancelled")
            }
            let state = PQconnectPoll(handle)
            if state == PGRES_POLLING_OK { break }
            if state == PGRES_POLLING_FAILED { throw failure(.connectionFailed) }
            interest = state == PGRES_POLLING_READING ? .readable : .writable
        }
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else { throw failure(.connectionFailed) }
        do throws(PostgresError) { _ = try await run([configuration.sessionSettings]) } catch {
            close()
            throw error
        }
    }

    var isOpen: Bool { handle != nil }

    /// Sends `statements` in one flush and returns the result of each.
    ///
    /// The first refused statement ends the run: those after it are not carried out. Inside a transaction block the caller
    /// must roll back; outside, nothing of this run has taken effect.
    func run(_ statements: [SQL]) async throws(PostgresError) -> [PostgresRows] {
        guard let handle else { throw PostgresError(.closed, message: "the connection to PostgreSQL is closed") }
        for statement in statements where statement.buffer.holdsNUL {
            throw PostgresError(.value, message: "a text holds a NUL character, which PostgreSQL cannot store")
        }
        for statement in statements where statement.types.count > UInt16.max {
            throw PostgresError(
                .value, message: "a statement has \(statement.types.count) parameters, more than 65535: bind arrays instead")
        }
        // Before anything is sent: a cancelled task then costs no connection.
        if Task.isCancelled { throw PostgresError(.cancelled, message: "the task was cancelled before its statements were sent") }
        var expected: [(prepares: Bool, key: StatementKey)] = []
        var fresh: [StatementKey: String] = [:]
        for statement in statements {
            ticks += 1
            let key = StatementKey(statement)
            let name: String
            if let known = prepared[key]?.name ?? fresh[key] {
                name = known
                prepared[key]?.used = ticks
                expected.append((false, key))
            } else {
                name = "s\(ticks)"
                fresh[key] = name
                guard PQsendPrepare(handle, name, statement.text, Int32(statement.types.count), statement.types) == 1 else {
                    throw failure(.connectionLost)
                }
                expected.append((true, key))
            }
            guard Self.send(statement, as: name, on: handle) else { throw failure(.connectionLost) }
        }
        guard PQpipelineSync(handle) == 1 else { throw failure(.connectionLost) }
        return try await collect(expected, fresh)
    }

    /// Sends the last statements of a transaction block, however it ends, also when the caller is cancelled meanwhile.
    ///
    /// A commit that was given up in the middle would leave nobody knowing whether it took effect, and a rollback that was given
    /// up would cost the connection.
    func finish(_ statements: [SQL]) async throws(PostgresError) -> [PostgresRows] {
        let task = Task { () async -> Result<[PostgresRows], PostgresError> in
            do throws(PostgresError) { return .success(try await run(statements)) } catch { return .failure(error) }
        }
        return try await task.value.get()
    }

    /// Runs a text of several statements by the simple protocol (`PQsendQuery`), however long it takes.
    ///
    /// libpq allows that outside of pipeline mode only, which is left for it.
    func runScript(_ text: String) async throws(PostgresError) {
        guard let handle else { throw PostgresError(.closed, message: "the connection to PostgreSQL is closed") }
        if text.utf8.contains(0) { throw PostgresError(.value, message: "the statements hold a NUL character") }
        guard PQexitPipelineMode(handle) == 1, PQsendQuery(handle, text) == 1 else { throw failure(.connectionLost) }
        var refusal: PostgresError?
        receiving: while true {
            let flushed = PQflush(handle)
            if flushed < 0 { throw failure(.connectionLost, refusal) }
            while PQisBusy(handle) == 0 {
                guard let pointer = PQgetResult(handle) else { break receiving }
                if PQresultStatus(pointer) == PGRES_FATAL_ERROR { refusal = refusal ?? PostgresResult.error(pointer) }
                PQclear(pointer)
            }
            try await receive(unsent: flushed == 1, until: nil, refusal)
        }
        if PQenterPipelineMode(handle) != 1 || refusal?.isConnectionGone == true { throw failure(.connectionLost, refusal) }
        if let refusal { throw refusal }
    }

    /// Whether the server is inside of a transaction block that has not failed.
    var isInTransaction: Bool { handle.map { PQtransactionStatus($0) == PQTRANS_INTRANS } ?? false }

    /// Tells the server to forget statements that have not been used for long; called between units of work.
    func tidy() async {
        guard handle != nil, prepared.count > Self.largestCache else { return }
        for (key, entry) in prepared.sorted(by: { $0.value.used < $1.value.used }).prefix(Self.largestCache / 4) {
            prepared[key] = nil
            evicted.append(entry.name)
        }
        let names = evicted
        evicted = []
        // Each DEALLOCATE has a text of its own, so it goes unprepared, through a function that prepares nothing lasting.
        do throws(PostgresError) { _ = try await deallocate(names) } catch { close() }
    }

    /// Whether an idle connection can be used: unasked, a server says little else than that it is going.
    var isStillAlive: Bool {
        guard let handle else { return false }
        var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        if poll(&socket, 1, 0) == 0 { return true }
        close()
        return false
    }

    private func deallocate(_ names: [String]) async throws(PostgresError) {
        guard let handle else { return }
        for name in names {
            guard PQsendQueryParams(handle, "DEALLOCATE \"\(name)\"", 0, nil, nil, nil, nil, 1) == 1 else { throw failure(.connectionLost) }
        }
        guard PQpipelineSync(handle) == 1 else { throw failure(.connectionLost) }
        _ = try await collect(names.map { _ in (false, StatementKey("")) }, [:])
    }

    /// Ends the connection (`PQfinish`).
    func close() {
        guard let handle else { return }
        loop.interrupt(PQsocket(handle))
        PQfinish(handle)
        self.handle = nil
    }

    private static func send(_ statement: SQL, as name: String, on handle: OpaquePointer) -> Bool {
        // One byte more than the parameters need keeps the base address from being nil, which would mean NULL.
        (statement.buffer.bytes + [0]).withUnsafeBytes { bytes in
            var offset = 0
            let pointers: [UnsafePointer<CChar>?] = statement.lengths.map { length in
                guard length >= 0, let base = bytes.baseAddress else { return nil }
                defer { offset += Int(length) }
                return (base + offset).assumingMemoryBound(to: CChar.self)
            }
            let formats = [Int32](repeating: 1, count: pointers.count)
            return PQsendQueryPrepared(handle, name, Int32(pointers.count), pointers, statement.lengths, formats, 1) == 1
        }
    }

    /// Flushes and reads until the pipeline's end, both at once, so that neither side waits for the other.
    private func collect(
        _ expected: [(prepares: Bool, key: StatementKey)], _ fresh: [StatementKey: String]
    ) async throws(PostgresError) -> [PostgresRows] {
        let deadline = ContinuousClock.now + queryTimeout
        var results: [PostgresRows] = []
        var (refusal, place, awaitsPrepare) = (PostgresError?.none, 0, expected.first?.prepares ?? false)
        while true {
            guard let handle else { throw PostgresError(.closed, message: "the connection to PostgreSQL was closed") }
            let flushed = PQflush(handle)
            if flushed < 0 { throw failure(.connectionLost, refusal) }
            while PQisBusy(handle) == 0 {
                guard let pointer = PQgetResult(handle) else {
                    // Nil separates the results of two commands. When the connection is gone nothing else will come.
                    if PQstatus(handle) == CONNECTION_BAD { throw failure(.connectionLost, refusal) }
                    continue
                }
                let status = PQresultStatus(pointer)
                if status == PGRES_PIPELINE_SYNC {
                    PQclear(pointer)
                    if let refusal {
                        if refusal.isConnectionGone { close() }
                        throw refusal
                    }
                    return results
                }
                switch status {
                case PGRES_COMMAND_OK where awaitsPrepare:
                    PQclear(pointer)
                    if let name = fresh[expected[place].key] { prepared[expected[place].key] = (name, ticks) }
                    awaitsPrepare = false
                    continue
                case PGRES_COMMAND_OK
                where PQcmdStatus(pointer).map({ String(cString: $0) }) == "ROLLBACK" && expected[place].key.text == "COMMIT":
                    PQclear(pointer)
                    // PostgreSQL answers COMMIT with ROLLBACK when an earlier statement of the block had failed.
                    refusal =
                        refusal
                        ?? PostgresError(.server, sqlState: "25P02", message: "the transaction had failed before and was rolled back")
                case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
                    results.append(PostgresRows(result: PostgresResult(pointer)))
                case PGRES_PIPELINE_ABORTED:
                    PQclear(pointer)
                default:
                    if refusal == nil { refusal = PostgresResult.error(pointer) }
                    PQclear(pointer)
                }
                place += 1
                awaitsPrepare = place < expected.count && expected[place].prepares
            }
            try await receive(unsent: flushed == 1, until: deadline, refusal)
        }
    }

    /// Waits for the socket and takes in what has arrived.
    private func receive(unsent: Bool, until deadline: ContinuousClock.Instant?, _ refusal: PostgresError?) async throws(PostgresError) {
        guard let handle else { throw PostgresError(.closed, message: "the connection to PostgreSQL was closed") }
        switch await loop.wait(for: unsent ? .both : .readable, on: PQsocket(handle), until: deadline) {
        case .ready: break
        case .timedOut:
            close()
            throw PostgresError(.timedOut, message: "PostgreSQL did not answer within \(queryTimeout)")
        case .interrupted:
            close()
            throw Task.isCancelled
                ? PostgresError(.cancelled, message: "waiting for PostgreSQL was cancelled")
                : PostgresError(.connectionLost, message: "the connection to PostgreSQL was given up")
        }
        guard self.handle == handle, PQconsumeInput(handle) == 1 else { throw failure(.connectionLost, refusal) }
    }

    /// Closes the connection and says why: by what the server said before it went, or else by libpq's message.
    private func failure(_ code: PostgresError.Code, _ refusal: PostgresError? = nil) -> PostgresError {
        let message = handle.flatMap { PQerrorMessage($0) }.map { String(cString: $0) } ?? "libpq is out of memory"
        close()
        if let refusal, refusal.isConnectionGone { return refusal }
        let line = message.split(separator: "\n").joined(separator: " ")
        return PostgresError(code, message: line.isEmpty ? "the connection to PostgreSQL broke" : line)
    }
}
