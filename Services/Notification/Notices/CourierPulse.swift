import Logging
import Models
import Postgres
import ServiceKit
import Synchronization

/// Shows other processes that this one lives, and gives back what dead ones had in hand, or what this one was lent without knowing it: a
/// notice is late by seconds then, and not by the whole time that it was lent for.
///
/// Whoever has not shown itself for a while counts as dead. One that was only held up meanwhile finds that it was taken for dead, and drops
/// what waits in its trays; what it was about to send may be sent twice, under the same identifier. Nobody judges others before it has lived
/// for as long itself without a break: after the database was away all have been silent.
///
/// Where a connection to the database breaks, the answer may be lost that says what was stored or taken. Notices that this process was lent
/// and that it has not been found to have for as long are given back, too.
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
    /// What the couriers of this process are delivering, by their ways.
    private nonisolated let held = Mutex<[String: [NoticeID]]>([:])
    /// How many connections had broken at the last look.
    private var losses: UInt64 = 0
    /// Until when strays are looked for.
    private var lookUntil = ContinuousClock.now
    /// What is lent to this process and not found, and since when.
    private var missed: [NoticeID: ContinuousClock.Instant] = [:]

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

    /// Says what the courier of a way has in hand from now on.
    nonisolated func hold(_ notices: [NoticeID], of way: String) { held.withLock { $0[way] = notices } }

    /// Shows itself until the task is cancelled; what it has then, nobody waits for.
    func run() async {
        while !Task.isCancelled {
            do {
                let found = try await beat()
                if found > 0 { logger.notice("notices of a process that is gone were taken over", metadata: .of([.count: "\(found)"])) }
                let strays = try await giveBackStrays()
                if strays > 0 {
                    logger.notice(
                        "notices were lent to this process, and the answer that said so was lost; they are given back",
                        metadata: .of([.count: "\(strays)"]))
                }
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

    /// Gives back what is lent to this process and what it does not have, for a while after a connection has broken; says how much that was.
    ///
    /// What was asked for may be done late, and its answer still be on its way: only what is missed at every look counts.
    func giveBackStrays() async throws -> Int {
        let now = ContinuousClock.now
        let broken = await client.losses
        if broken != losses { (losses, lookUntil) = (broken, now + silence * 2) }
        if now >= lookUntil, missed.isEmpty { return 0 }
        let lent: [NoticeID] = try await client.run(
            """
            SELECT id FROM notices
            WHERE phase = 'due' AND way = ANY(\(trays.map(\.way))) AND lent_to = \(id) AND next_at > now()
                AND next_at <= now() + make_interval(secs => \(NoticeBook.lent))
            """
        ).map { try $0.value(0) }
        var known: Set<NoticeID> = []
        for tray in trays { known.formUnion(await tray.contents) }
        known.formUnion(held.withLock { $0.values.joined() })
        missed = Dictionary(lent.filter { !known.contains($0) }.map { ($0, missed[$0] ?? now) }) { first, _ in first }
        let strays = missed.filter { now - $0.value >= silence }.map(\.key)
        return strays.isEmpty ? 0 : try await giveBack(strays)
    }

    /// Gives back what waits in the trays, as far as nobody else has it.
    private func dropTrays() async throws {
        var dropped: [NoticeID] = []
        for tray in trays { dropped += await tray.forget() }
        if !dropped.isEmpty { _ = try await giveBack(dropped) }
    }

    /// Gives back notices that were not begun, as far as nobody else has them; says how many.
    private func giveBack(_ notices: [NoticeID]) async throws -> Int {
        try await client.run(
            """
            UPDATE notices SET next_at = now(), attempts = greatest(attempts - 1, 0), lent_to = NULL
            WHERE id = ANY(\(notices)) AND phase = 'due' AND lent_to = \(id) RETURNING 1
            """
        ).count
    }

    /// Gives back what this process has in hand, once its couriers have ended.
    func end() async throws {
        try await client.run([
            "DELETE FROM couriers WHERE id = \(id)",
            "UPDATE notices SET next_at = now(), lent_to = NULL WHERE phase = 'due' AND next_at > now() AND lent_to = \(id)",
        ])
    }
}
