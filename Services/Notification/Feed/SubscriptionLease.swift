import CaseFlow
import Models
import Postgres

/// The right of one process to deliver a subscription, for some seconds at a time.
///
/// Only one process sends at a time, or a case's entries could overtake each other. A process that dies loses the right when its time is
/// over; one that was frozen notices by its own clock that it is over, before it sends anything more.
struct SubscriptionLease: Sendable {
    /// How long the right lasts without being renewed, and how long before its end nothing is begun.
    static let length = Duration.seconds(8)
    static let margin = Duration.seconds(2)

    let client: PostgresClient
    /// Names the process.
    let holder: String

    /// Renews what this process holds and takes all that are free; gives their codes, with the epoch of each.
    ///
    /// Of its own it waits for those whose progress is being written down at this moment: to pass them over would be to lose them. What
    /// somebody else has in hand it passes over.
    func take() async throws -> [SubscriptionCode: Int64] {
        let seconds = Self.length / .seconds(1)
        let rows = try await client.run([
            """
            UPDATE subscriptions SET held_until = now() + make_interval(secs => \(seconds))
            WHERE code IN (
                SELECT code FROM subscriptions WHERE phase = 'active' AND secrets IS NOT NULL AND holder = \(holder)
                ORDER BY code FOR UPDATE)
            RETURNING code, epoch
            """,
            """
            UPDATE subscriptions SET holder = \(holder), held_until = now() + make_interval(secs => \(seconds))
            WHERE code IN (
                SELECT code FROM subscriptions
                WHERE phase = 'active' AND secrets IS NOT NULL AND holder IS DISTINCT FROM \(holder)
                    AND (holder IS NULL OR held_until < now())
                ORDER BY code FOR UPDATE SKIP LOCKED)
            RETURNING code, epoch
            """,
        ]).joined()
        return try Dictionary(rows.map { (SubscriptionCode(validated: try $0.value(0)), try $0.value(1)) }) { $1 }
    }

    /// Gives back what this process holds, so that another need not wait.
    func release() async throws {
        try await client.run("UPDATE subscriptions SET holder = NULL, held_until = NULL WHERE holder = \(holder)")
    }

    /// Where a subscription that this process holds stands; nil when it holds it no more.
    func held(_ code: SubscriptionCode) async throws -> HeldSubscription? {
        let rows = try await client.run(
            """
            SELECT definition, position, number, skip, consumed, failures, greatest(extract(epoch FROM retry_at - now()), 0)::float8, epoch,
                extract(epoch FROM held_until - now())::float8
            FROM subscriptions WHERE code = \(code.text) AND holder = \(holder) AND phase = 'active' AND held_until > now()
            """)
        guard let row = rows.first else { return nil }
        return HeldSubscription(
            code: code, definition: try StateCoding.decode(row.value(0)), position: try row.value(1), number: try row.value(2),
            skip: try row.value(3), consumed: try row.value(4), failures: Int(try row.value(5, as: Int32.self)),
            pause: try row.optional(6, as: Double.self).map { .milliseconds(Int64($0 * 1000)) }, epoch: try row.value(7),
            remaining: .milliseconds(Int64(try row.value(8, as: Double.self) * 1000)))
    }
}

/// A subscription as its deliverer takes it over.
struct HeldSubscription: Sendable {
    var code: SubscriptionCode
    var definition: SubscriptionDefinition
    var position: Int64
    var number: Int64
    var skip: Int64
    var consumed: Int64
    var failures: Int
    /// How long its end is still left alone; nil when it is not.
    var pause: Duration?
    var epoch: Int64
    /// How long the right to deliver it lasts without being renewed.
    var remaining: Duration
}
