import Logging
import Postgres

/// Ends sessions of a service that stand still in the midst of a statement because their process has frozen, so that others can work on
/// the cases that they keep locked.
///
/// While PostgreSQL sends what nobody reads, or waits for the rest of what a process has begun to send, neither `statement_timeout` nor
/// `idle_in_transaction_session_timeout` counts. Of a statement that is older than any process waits for, such a session is ended
/// (`pg_terminate_backend`).
public struct FrozenSessions: Sendable {
    private let client: PostgresClient
    private let logger: Logger

    private static let interval = Duration.seconds(15)

    public init(client: PostgresClient, logger: Logger) {
        (self.client, self.logger) = (client, logger)
    }

    /// Looks once; says how many sessions it ended.
    ///
    /// - Parameter age: So long ago a statement was begun at least; by default longer than a service waits for one.
    public func once(after age: Duration = .seconds(30)) async throws(PostgresError) -> Int {
        try await client.run(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()
                AND (wait_event = 'ClientWrite' OR wait_event = 'ClientRead' AND state = 'active')
                AND state_change < clock_timestamp() - make_interval(secs => \(Double(age.components.seconds)))
            """
        ).count
    }

    /// Looks every quarter of a minute until the task is cancelled.
    public func run() async {
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
