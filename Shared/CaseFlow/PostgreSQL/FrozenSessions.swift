import Logging
import Postgres

/// Ends sessions of a service that stand still in the midst of a statement because their process has frozen, so that others can work on
/// the cases that they keep locked.
///
/// While PostgreSQL sends what nobody reads, or waits for the rest of what a process has begun to send, neither `statement_timeout` nor
/// `idle_in_transaction_session_timeout` counts. A session that is found so twice, in the same statement, is ended
/// (`pg_terminate_backend`); whoever works is in that state for a moment only.
public struct FrozenSessions: Sendable {
    private let client: PostgresClient
    private let logger: Logger
    /// Those that stood so at the last look: process, its start, and when the statement began.
    private var suspects: [String] = []

    private static let interval = Duration.seconds(15)

    public init(client: PostgresClient, logger: Logger) {
        (self.client, self.logger) = (client, logger)
    }

    /// Looks once; says how many sessions it ended.
    public mutating func once() async throws(PostgresError) -> Int {
        let rows = try await client.run(
            """
            SELECT session, CASE WHEN session = ANY(\(suspects)) THEN pg_terminate_backend(pid) ELSE false END
            FROM (
                SELECT pid, concat_ws(' ', pid, backend_start, state_change) AS session FROM pg_stat_activity
                WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()
                    AND (wait_event = 'ClientWrite' OR wait_event = 'ClientRead' AND state = 'active')
            ) AS standing
            """)
        var ended = 0
        suspects = []
        for row in rows {
            suspects.append(try row.value(0))
            if try row.value(1) { ended += 1 }
        }
        return ended
    }

    /// Looks every quarter of a minute until the task is cancelled.
    public mutating func run() async {
        while !Task.isCancelled {
            do throws(PostgresError) {
                let ended = try await once()
                if ended > 0 { logger.warning("sessions of a process that has frozen were ended", metadata: ["count": "\(ended)"]) }
            } catch {
                logger.debug("sessions cannot be looked at now", metadata: ["reason": "\(error)"])
            }
            try? await Task.sleep(for: Self.interval)
        }
    }
}
