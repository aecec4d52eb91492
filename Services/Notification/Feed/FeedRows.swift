import CaseFlow
import Models
import Postgres

/// Adds entries to the table `feed`.
enum FeedRows {
    /// Gives the entries their positions and stores them.
    ///
    /// It locks the row of `feed_head` until the commit, after the rows of cases that the unit of work locked before: nobody waits for
    /// a case who holds it. So positions have no gaps and appear in their order.
    static func statement(adding entries: [FeedEntry]) -> SQL {
        """
        WITH head AS (UPDATE feed_head SET position = position + \(entries.count) RETURNING position - \(entries.count) AS base)
        INSERT INTO feed (position, event_id, subject, type, kind, unit, topic, region, circle, body, at)
        SELECT base + place, event_id, subject, type, kind, unit, topic, region, circle::text[], body, at
        FROM head, unnest(\(entries.map(\.event)), \(entries.map(\.subject)), \(entries.map(\.type)), \(entries.map(\.kind.rawValue)),
            \(entries.map(\.unit.text)), \(entries.map { $0.topic?.text }), \(entries.map { $0.region?.text }),
            \(entries.map { $0.circle.map { "{" + $0.map(\.text).joined(separator: ",") + "}" } }), \(entries.map(\.body)),
            \(entries.map(\.time)))
            WITH ORDINALITY AS u(event_id, subject, type, kind, unit, topic, region, circle, body, at, place)
        """
    }
}
