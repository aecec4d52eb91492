/// What went wrong between this process and PostgreSQL, without any value of a row.
public struct PostgresError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable {
        /// No server could be reached or it did not let us in.
        case connectionFailed
        /// The connection broke in the middle; whether the last commit took effect is not known.
        case connectionLost
        /// The server refused a statement; `sqlState` says why.
        case server
        /// No answer came in time; the connection was given up.
        case timedOut
        /// The waiting task was cancelled; the connection was given up.
        case cancelled
        /// No connection of the pool became free in time.
        case poolExhausted
        /// A value cannot be sent or read as it is.
        case value
        /// The client was closed.
        case closed
    }

    public let code: Code
    /// The five characters of SQLSTATE, when the server said them.
    public let sqlState: String?
    /// The violated constraint, when there is one.
    public let constraint: String?
    public let message: String

    public init(_ code: Code, sqlState: String? = nil, constraint: String? = nil, message: String) {
        self.code = code
        self.sqlState = sqlState
        self.constraint = constraint
        self.message = message
    }

    /// Whether the same work may succeed when it is tried again as a whole, on another connection.
    public var isRetryable: Bool {
        switch code {
        case .connectionFailed, .connectionLost, .timedOut, .cancelled, .poolExhausted: return true
        case .value, .closed: return false
        case .server:
            guard let sqlState else { return false }
            // 40 conflicts of transactions, 53 resources, 58 the server's disk; a lock or the statement timeout was waited out.
            return isConnectionGone || ["40", "53", "58"].contains(sqlState.prefix(2)) || ["55P03", "57014"].contains(sqlState)
        }
    }

    /// Whether it lies in what was sent: a value that does not fit, or a constraint that it violates.
    public var isAboutValues: Bool {
        switch code {
        case .value: true
        case .server: sqlState.map { ["21", "22", "23", "54", "P0"].contains($0.prefix(2)) } ?? false
        case .connectionFailed, .connectionLost, .timedOut, .cancelled, .poolExhausted, .closed: false
        }
    }

    /// Whether the connection is of no use any more: the server ends it, or it is read-only after a failover.
    public var isConnectionGone: Bool {
        switch code {
        case .connectionFailed, .connectionLost, .timedOut, .cancelled, .closed: true
        case .poolExhausted, .value: false
        case .server: sqlState.map { ["25006", "25P03"].contains($0) || $0.hasPrefix("57P") || $0.hasPrefix("08") } ?? false
        }
    }

    public var description: String {
        var text = message
        if let sqlState { text += " (SQLSTATE \(sqlState))" }
        if let constraint { text += " [\(constraint)]" }
        return text
    }
}
