import Logging
import Models
import Postgres
import ServiceKit

/// Shows other processes that this one lives, and gives back what dead ones had in hand: a notice is late by seconds then, and not by the
/// whole time that it was lent for.
///
/// Whoever has not shown itself for a while counts as dead. One that was only held up meanwhile finds that it was taken for dead, and drops
/// what waits in its trays; what it was about to send may be sent twice, under the same identifier. Nobody judges others before it has lived
/// for as long itself without a break: after the database was away all have been silent.
actor CourierPulse {
    /// By which the tables name this process.
    nonisolated let id: UniqueID
    private let client: PostgresClient
    private let trays: [NoticeTray]
    private let logger: Logger
    private let interval: Duration
    private let silence: Duration
    private var last: ContinuousClock.Instant?
    /// Since when it has shown itself without a break.
    private var since: ContinuousClock.Instant?

    /// - Parameters:
    ///   - interval: How often it shows itself.
    ///   - silence: For how long one has been silent that counts as dead.
    init(
        _ id: UniqueID, client: PostgresClient, trays: [NoticeTray], logger: Logger, interval: Duration = .seconds(1),
        silence: Duration = .seconds(5)
    ) {
        (self.id, self.client, self.trays, self.logger) = (id, client, trays, logger)
        (self.interval, self.silence) = (interval, silence)
    }

    /// Whether others know by now that this process lives; without that nothing is begun.
    var isFresh: Bool { last.map { .now - $0 < silence } ?? false }

    /// Shows itself until the task is cancelled; what it has then, nobody waits for.
    func run() async {
        while !Task.isCancelled {
            do {
                let found = try await beat()
                if found > 0 { logger.notice("notices of a process that is gone were taken over", metadata: .of([.count: "\(found)"])) }
            } catch {
                if Task.isCancelled { break }
                logger.warning("others cannot be told that this process lives", metadata: .of([.reason: "\(error)"]))
            }
            try? await Task.sleep(for: interval)
        }
    }

    /// Shows that this process lives; says how many notices of dead ones wait for anybody now.
    func beat() async throws -> Int {
        let asked = ContinuousClock.now
        let isNew: Bool =
            try await client.run(
                "INSERT INTO couriers (id) VALUES (\(id)) ON CONFLICT (id) DO UPDATE SET seen_at = now() RETURNING xmax = 0"
            ).first?.value(0) ?? true
        // Others may have what it had, also where it was not told so because an answer was lost.
        let wasSilent = last.map { asked - $0 >= silence } ?? false
        if isNew && last != nil || wasSilent { try await dropTrays() }
        if isNew || wasSilent || last == nil { since = asked }
        last = asked
        guard let since, asked - since >= silence else { return 0 }
        return try await client.run(
            """
            WITH dead AS (
                DELETE FROM couriers WHERE id <> \(id) AND seen_at < now() - make_interval(secs => \(silence / .seconds(1))) RETURNING id
            )
            UPDATE notices SET next_at = now(), lent_to = NULL
            WHERE id IN (
                SELECT id FROM notices WHERE phase = 'due' AND next_at > now() AND lent_to IN (SELECT id FROM dead)
                ORDER BY id FOR UPDATE SKIP LOCKED)
            RETURNING 1
            """
        ).count
    }

    /// Gives back what waits in the trays, as far as nobody else has it.
    private func dropTrays() async throws {
        var dropped: [NoticeID] = []
        for tray in trays { dropped += await tray.forget() }
        if dropped.isEmpty { return }
        try await client.run(
            """
            UPDATE notices SET next_at = now(), attempts = greatest(attempts - 1, 0), lent_to = NULL
            WHERE id = ANY(\(dropped)) AND phase = 'due' AND lent_to = \(id)
            """)
    }

    /// Gives back what this process has in hand, once its couriers have ended.
    func end() async throws {
        try await client.run([
            "DELETE FROM couriers WHERE id = \(id)",
            "UPDATE notices SET next_at = now(), lent_to = NULL WHERE phase = 'due' AND next_at > now() AND lent_to = \(id)",
        ])
    }
}
