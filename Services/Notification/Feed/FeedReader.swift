import CaseFlow
import Models
import Postgres

/// Reads a subscription's entries in their order and counts them.
///
/// What matches an entry never changes, so a number means the same entry however often it is counted.
struct FeedReader: Sendable {
    /// Some entries, and how far was looked.
    struct Page: Sendable {
        var entries: [NumberedEntry]
        /// Everything up to here was looked at.
        var position: Int64
        /// How many entries match up to there.
        var number: Int64
        /// The end of the feed at that moment.
        var head: Int64
    }

    /// How many positions one reading goes over.
    static let stretch: Int64 = 20_000

    let client: PostgresClient

    /// The next entries above `position`, up to which `number` match.
    func page(of code: SubscriptionCode, above position: Int64, number: Int64, limit: Int) async throws -> Page {
        guard
            let match = try await client.run(
                """
                SELECT match, above FROM subscription_matches WHERE subscription = \(code.text) AND above <= \(position)
                ORDER BY above DESC LIMIT 1
                """
            ).first
        else { return Page(entries: [], position: position, number: number, head: position) }
        let filter: FeedMatch = try StateCoding.decode(match.value(0))
        let since: Int64 = try match.value(1)
        // One statement sees one moment: all entries up to the head, and every filter that holds below it.
        let rows = try await client.run(
            """
            WITH bound AS (
                SELECT head.position AS head, least(\(position + Self.stretch), head.position,
                    (SELECT min(above) FROM subscription_matches WHERE subscription = \(code.text) AND above > \(since))) AS top
                FROM feed_head AS head)
            SELECT b.head, b.top, f.position, f.event_id, f.subject, f.type, f.at, f.body
            FROM bound AS b LEFT JOIN LATERAL (
                SELECT position, event_id, subject, type, at, body FROM feed
                WHERE position > \(position) AND position <= b.top
                    AND (circle IS NULL OR \(filter.unit.text) = ANY(circle))
                    AND (\(filter.types == nil) OR type = ANY(\(filter.types ?? [])))
                    AND (\(filter.topics == nil) OR topic = ANY(\(filter.topics ?? [])))
                    AND (\(filter.regions == nil) OR region = ANY(\(filter.regions ?? [])))
                    AND (\(filter.units == nil) OR unit = ANY(\(filter.units ?? [])))
                    AND (\(filter.kinds == nil) OR kind = ANY(\(filter.kinds ?? [])))
                ORDER BY position LIMIT \(limit)) AS f ON true
            ORDER BY f.position
            """)
        guard let first = rows.first else { return Page(entries: [], position: position, number: number, head: position) }
        let (head, top): (Int64, Int64) = (try first.value(0), try first.value(1))
        let entries = try rows.enumerated().compactMap { index, row -> NumberedEntry? in
            guard let place = try row.optional(2, as: Int64.self) else { return nil }
            return NumberedEntry(
                number: number + Int64(index) + 1, position: place, event: try row.value(3), subject: try row.value(4),
                type: try row.value(5), time: try row.value(6), body: try row.value(7))
        }
        let reached = entries.count == limit ? entries.last?.position ?? top : max(top, position)
        return Page(entries: entries, position: reached, number: number + Int64(entries.count), head: head)
    }

    /// From where on the number after `number` is counted: the farthest point that is known up to which no more than `number` match.
    func start(of code: SubscriptionCode, after number: Int64) async throws -> (position: Int64, number: Int64) {
        guard
            let mark = try await client.run(
                """
                SELECT position, number FROM subscription_marks WHERE subscription = \(code.text) AND number <= \(number)
                ORDER BY position DESC LIMIT 1
                """
            ).first
        else { return (0, 0) }
        return (try mark.value(0), try mark.value(1))
    }

    /// The entries after `number`, as far as one reading finds some; leaves marks so that nothing is looked at twice for nothing.
    func entries(of code: SubscriptionCode, after number: Int64, limit: Int) async throws -> Page {
        var (position, counted) = try await start(of: code, after: number)
        let begun = position
        while true {
            // What lies between the mark and the number is counted on the way.
            let page = try await page(of: code, above: position, number: counted, limit: limit + Int(min(number - counted, 1000)))
            let wanted = page.entries.filter { $0.number > number }.prefix(limit)
            let isAtEnd = page.position >= page.head
            if !wanted.isEmpty || isAtEnd || page.position == position {
                if page.position - begun >= Self.markEvery { try await mark(code, page.position, page.number) }
                return Page(entries: Array(wanted), position: page.position, number: page.number, head: page.head)
            }
            (position, counted) = (page.position, page.number)
            // What was passed over without finding anything is not looked at again.
            if position - begun >= Self.stretch { try await mark(code, position, counted) }
        }
    }

    /// How many positions lie between two marks at least.
    static let markEvery: Int64 = 2000

    func mark(_ code: SubscriptionCode, _ position: Int64, _ number: Int64) async throws {
        try await client.run(Self.marking(code, position, number))
    }

    static func marking(_ code: SubscriptionCode, _ position: Int64, _ number: Int64) -> SQL {
        """
        INSERT INTO subscription_marks (subscription, position, number) VALUES (\(code.text), \(position), \(number))
        ON CONFLICT DO NOTHING
        """
    }
}
