import CaseFlow
import Models
import Postgres

/// The entries of one subscription that come again later, and those that wait behind them in their cases.
struct ParkedEntries: Sendable {
    /// A parked entry whose turn has come.
    struct Due: Sendable {
        var entry: NumberedEntry
        var attempts: Int
    }

    let client: PostgresClient
    let code: SubscriptionCode

    /// The cases of which something is parked.
    func cases() async throws -> Set<Subject> {
        try Set(
            await client.run("SELECT DISTINCT subject FROM feed_parked WHERE subscription = \(code.text)").map { try $0.value(0) })
    }

    /// The first of each case, of those whose time has come.
    func due(limit: Int) async throws -> [Due] {
        let rows = try await client.run(
            """
            SELECT p.number, p.position, f.event_id, p.subject, f.type, f.at, f.body, p.attempts
            FROM feed_parked p JOIN feed f ON f.subject = p.subject AND f.position = p.position
            WHERE p.subscription = \(code.text) AND p.next_at <= now() AND NOT EXISTS (
                SELECT FROM feed_parked q
                WHERE q.subscription = \(code.text) AND q.subject = p.subject AND q.number < p.number)
            ORDER BY p.next_at LIMIT \(limit)
            """)
        return try rows.map { row in
            Due(
                entry: NumberedEntry(
                    number: try row.value(0), position: try row.value(1), event: try row.value(2), subject: try row.value(3),
                    type: try row.value(4), time: try row.value(5), body: try row.value(6)),
                attempts: Int(try row.value(7, as: Int32.self)))
        }
    }

    /// Parks entries: one that failed comes after a pause, one that waits for it when its turn has come.
    func parking(_ entries: [(entry: NumberedEntry, failed: Bool)], answer: String) -> SQL {
        """
        INSERT INTO feed_parked (subscription, number, position, subject, attempts, next_at, last_answer)
        SELECT \(code.text), number, position, subject, attempts, now() + make_interval(secs => pause), answer
        FROM unnest(\(entries.map(\.entry.number)), \(entries.map(\.entry.position)), \(entries.map(\.entry.subject)),
            \(entries.map { Int32($0.failed ? 1 : 0) }), \(entries.map { $0.failed ? RetryPause.after(1, first: 1) / .seconds(1) : 0 }),
            \(entries.map { $0.failed ? answer : nil }))
            AS u(number, position, subject, attempts, pause, answer)
        ON CONFLICT DO NOTHING
        """
    }

    func delivering(_ numbers: [Int64]) -> SQL { "DELETE FROM feed_parked WHERE subscription = \(code.text) AND number = ANY(\(numbers))" }

    /// Those that were refused again come after a longer pause.
    func refusing(_ entries: [(due: Due, answer: String)]) -> SQL {
        """
        UPDATE feed_parked p SET attempts = p.attempts + 1, next_at = now() + make_interval(secs => u.pause), last_answer = u.answer
        FROM unnest(\(entries.map(\.due.entry.number)),
            \(entries.map { RetryPause.after($0.due.attempts + 1, first: 1, most: 3600) / .seconds(1) }), \(entries.map(\.answer)))
            AS u(number, pause, answer)
        WHERE p.subscription = \(code.text) AND p.number = u.number
        """
    }
}
