import CaseFlow
import Models
import Postgres

/// Keeps subscriptions in the database, and how far each has come.
struct SubscriptionShelf: Sendable {
    let client: PostgresClient
    let seal: SealKey

    /// Reads a row of `all`.
    private static func subscription(_ row: PostgresRow) throws -> Subscription {
        Subscription(
            code: SubscriptionCode(validated: try row.value(0)), unit: UnitCode(validated: try row.value(1)),
            definition: try StateCoding.decode(row.value(2)), phase: Subscription.Phase(rawValue: try row.value(3)) ?? .paused,
            reason: try row.optional(4), position: try row.value(5), number: try row.value(6), skip: try row.value(7),
            failures: Int(try row.value(8, as: Int32.self)), retryAt: try row.optional(9), lastAnswer: try row.optional(10),
            lastSuccess: try row.optional(11), created: try row.value(12))
    }

    /// Every subscription, or the one named.
    func all(_ code: SubscriptionCode? = nil) async throws -> [Subscription] {
        let rows = try await client.run(
            """
            SELECT code, unit, definition, phase, reason, position, number, skip, failures, retry_at, last_answer, last_success_at, created_at
            FROM subscriptions WHERE \(code == nil) OR code = \(code?.text ?? "") ORDER BY code
            """)
        return try rows.map { try Self.subscription($0) }
    }

    /// Stores a new one; false when the name is taken.
    ///
    /// - Parameter start: The position above which it begins; nil for the feed's end.
    func add(
        _ code: SubscriptionCode, unit: UnitCode, _ definition: SubscriptionDefinition, _ secrets: SubscriptionSecrets,
        in county: (version: String, index: CountyIndex), from start: Int64?
    ) async throws -> Bool {
        let match = definition.filter.match(for: unit, in: county.index)
        return try await client.run(
            """
            WITH made AS (
                INSERT INTO subscriptions (code, unit, definition, secrets, phase, county, position, number)
                SELECT \(code.text), \(match.unit.text), \(try StateCoding.encode(definition)), \(try seal.seal(secrets).text), 'active',
                    \(county.version), coalesce(\(start), head.position), 0
                FROM feed_head AS head ON CONFLICT DO NOTHING RETURNING code, position
            ), matched AS (
                INSERT INTO subscription_matches (subscription, above, match) SELECT code, 0, \(try StateCoding.encode(match)) FROM made
            )
            INSERT INTO subscription_marks (subscription, position, number) SELECT code, position, 0 FROM made RETURNING subscription
            """
        ).first != nil
    }

    /// The secrets of a subscription; nil when it has none or there is no such one.
    func secrets(of code: SubscriptionCode) async throws -> SubscriptionSecrets? {
        guard let row = try await client.run("SELECT secrets FROM subscriptions WHERE code = \(code.text)").first,
            let sealed = try row.optional(0, as: String.self)
        else { return nil }
        return try seal.open(SealedText(text: sealed))
    }

    func store(_ secrets: SubscriptionSecrets, of code: SubscriptionCode) async throws {
        try await client.run(
            "UPDATE subscriptions SET secrets = \(try seal.seal(secrets).text), epoch = epoch + 1 WHERE code = \(code.text)")
    }

    /// Stops it or lets it go on.
    func set(_ code: SubscriptionCode, _ phase: Subscription.Phase, _ reason: String?) async throws -> Bool {
        try await client.run(
            """
            UPDATE subscriptions SET phase = \(phase.rawValue), reason = \(reason), failures = 0, retry_at = NULL, epoch = epoch + 1
            WHERE code = \(code.text) RETURNING code
            """
        ).first != nil
    }

    /// Puts down that a subscription could not be delivered, and why.
    func note(_ code: SubscriptionCode, _ answer: String) async throws {
        try await client.run("UPDATE subscriptions SET failures = failures + 1, last_answer = \(answer) WHERE code = \(code.text)")
    }

    func remove(_ code: SubscriptionCode) async throws -> Bool {
        try await client.run("DELETE FROM subscriptions WHERE code = \(code.text) RETURNING code").first != nil
    }

    /// Begins again behind `number`: what follows is delivered once more, and what was parked of it comes in its turn.
    func replay(_ code: SubscriptionCode, after number: Int64) async throws -> Bool {
        try await client.run(
            """
            WITH mark AS (
                SELECT position, number FROM subscription_marks WHERE subscription = \(code.text) AND number <= \(number)
                ORDER BY position DESC LIMIT 1
            ), parked AS (
                DELETE FROM feed_parked WHERE subscription = \(code.text) AND number > \(number)
            )
            UPDATE subscriptions s SET position = mark.position, number = mark.number, skip = \(number), failures = 0, retry_at = NULL,
                epoch = epoch + 1, consumed = least(s.consumed, \(number))
            FROM mark WHERE s.code = \(code.text) RETURNING s.code
            """
        ).first != nil
    }

    /// Begins a queue again behind what its department has surely taken.
    func rewind(_ code: SubscriptionCode) async throws -> Bool {
        guard let row = try await client.run("SELECT consumed FROM subscriptions WHERE code = \(code.text)").first else { return false }
        return try await replay(code, after: row.value(0))
    }

    /// How many of a subscription's entries came before `moment`: a replay behind that number repeats everything since.
    func number(of code: SubscriptionCode, before moment: Instant) async throws -> Int64 {
        // Not the least position alone: for that PostgreSQL would read the feed from its beginning.
        guard let first = try await client.run("SELECT min(position + 0) FROM feed WHERE at >= \(moment)").first,
            let place = try first.optional(0, as: Int64.self)
        else {
            return try await client.run("SELECT number FROM subscriptions WHERE code = \(code.text)").first?.value(0) ?? 0
        }
        let reader = FeedReader(client: client)
        var (position, number): (Int64, Int64) = (0, 0)
        if let mark = try await client.run(
            """
            SELECT position, number FROM subscription_marks WHERE subscription = \(code.text) AND position < \(place)
            ORDER BY position DESC LIMIT 1
            """
        ).first {
            (position, number) = (try mark.value(0), try mark.value(1))
        } else {
            return 0
        }
        while true {
            let page = try await reader.page(of: code, above: position, number: number, limit: 500)
            if let beyond = page.entries.first(where: { $0.position >= place }) { return beyond.number - 1 }
            if page.position >= place || page.position == position { return page.number }
            (position, number) = (page.position, page.number)
        }
    }

    /// Spells filters anew by the county in force, from the feed's end on; says which subscriptions got other entries or another unit.
    func follow(_ version: String, _ county: CountyIndex) async throws -> [SubscriptionCode] {
        var changed: [SubscriptionCode] = []
        let stale = try await client.run("SELECT code, unit, definition FROM subscriptions WHERE county <> \(version)")
        for row in stale {
            let code = SubscriptionCode(validated: try row.value(0))
            let definition: SubscriptionDefinition = try StateCoding.decode(row.value(2))
            let match = definition.filter.match(for: UnitCode(validated: try row.value(1)), in: county)
            let isOther = try await client.withTransaction { transaction -> Bool in
                // Its own row first, so that nobody who adds entries waits for whoever has that one.
                _ = try await transaction.run("SELECT FROM subscriptions WHERE code = \(code.text) FOR UPDATE")
                // Held by whoever adds entries: none lies between the look at the end and the commit.
                let head: Int64 = try await transaction.run("SELECT position FROM feed_head FOR UPDATE").first?.value(0) ?? 0
                let last = try await transaction.run(
                    "SELECT match FROM subscription_matches WHERE subscription = \(code.text) ORDER BY above DESC LIMIT 1")
                let former: FeedMatch? = try last.first.map { try StateCoding.decode($0.value(0)) }
                var statements: [SQL] = [
                    "UPDATE subscriptions SET county = \(version), unit = \(match.unit.text) WHERE code = \(code.text)"
                ]
                if former != match {
                    statements.append(
                        """
                        INSERT INTO subscription_matches (subscription, above, match)
                        SELECT \(code.text), \(head), \(try StateCoding.encode(match)) WHERE EXISTS (
                            SELECT FROM subscriptions WHERE code = \(code.text))
                        ON CONFLICT (subscription, above) DO UPDATE SET match = excluded.match
                        """)
                }
                _ = try await transaction.commit(with: statements)
                return former != match
            }
            if isOther { changed.append(code) }
        }
        return changed
    }
}
