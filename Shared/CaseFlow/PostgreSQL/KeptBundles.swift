import Models
import Postgres

/// The messages that a service keeps beyond their confirm, so that they can be sent again to a broker that lost them.
///
/// The statements work in the schema of the connection's search path.
public enum KeptBundles {
    /// Puts the kept messages to the other services, or those written since an instant, back into the outbox; one row with
    /// their count.
    ///
    /// Readers know again what they had: repeating all is harmless. Messages are kept a little longer than they are sent again, so that
    /// none is purged between the two. Entries of the departments' feed are not repeated.
    public static func resend(since: Instant?) -> SQL {
        """
        WITH again AS (
            INSERT INTO outbox (bundle, sweepable_at)
            SELECT id, now() FROM bundles
            WHERE exchange = \(OutboundMessage.Exchange.events.rawValue)
                AND written_at >= greatest(\(since), now() - make_interval(secs => \(Double(memory.components.seconds))))
            ORDER BY id RETURNING 1
        )
        SELECT count(*) FROM again
        """
    }

    /// How far back messages can be sent again: seven days.
    public static let memory = Duration.seconds(7 * 86_400)

    static let largestPurge = 1000

    /// Deletes up to 1000 confirmed messages older than `age`, the oldest first; one row for each.
    ///
    /// The oldest are found by their key, so the time needs no index.
    static func purge(olderThan age: Duration) -> SQL {
        """
        DELETE FROM bundles WHERE id IN (
            SELECT id FROM (SELECT id, written_at FROM bundles ORDER BY id LIMIT \(largestPurge)) AS oldest
            WHERE written_at < now() - make_interval(secs => \(Double(age.components.seconds)))
                AND NOT EXISTS (SELECT FROM outbox WHERE bundle = oldest.id))
        RETURNING id
        """
    }
}
