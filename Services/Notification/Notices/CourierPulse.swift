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
    /// What the couriers of this process are delivering, by their ways, and how often one has failed with notices that it had.
    private nonisolated let hands = Mutex<(held: [String: [NoticeID]], failures: UInt64)>(([:], 0))
    /// How many connections had broken, and couriers failed, at the last look.
    private var losses: UInt64 = 0
    /// Until when strays are looked for, and when that was last done.
    private var (lookUntil, lastLook) = (ContinuousClock.now, ContinuousClock.now)
    /// What is lent to this process and not found, and since when.
    private var missed: [Loan: ContinuousClock.Instant] = [:]

    /// A loan of a notice: another one ends at another moment.
    private struct Loan: Hashable {
        var notice: NoticeID
        var end: Instant
    }

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
    nonisolated func hold(_ notices: [NoticeID], of way: String) { hands.withLock { $0.held[way] = notices } }

    /// Says that a courier has failed, perhaps with notices that it had taken.
    nonisolated func stumble() { hands.withLock { $0.failures &+= 1 } }

    /// Looks for strays until the task is cancelled.
    func watchStrays() async {
        while !Task.isCancelled {
            // What cannot be asked now is asked at the next look: that the database is away others say.
            if let strays = try? await giveBackStrays(), strays > 0 {
                logger.notice(
                    "notices were lent to this process, and the answer that said so was lost; they are given back",
                    metadata: .of([.count: "\(strays)"]))
            }
            try? await Task.sleep(for: interval)
        }
    }

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

    /// Gives back what is lent to this process and what it does not have, for a while after a connection has broken; says how much that was.
    ///
    /// What was asked for may be done late, and its answer still be on its way: only what is missed at every look counts. A try that may have
    /// been made stays counted.
    func giveBackStrays() async throws -> Int {
        let (now, broken) = (ContinuousClock.now, await client.losses &+ hands.withLock { $0.failures })
        if broken == losses, now >= lookUntil, missed.isEmpty { return 0 }
        let lent = try await client.run(
            """
            SELECT id, next_at FROM notices
            WHERE phase = 'due' AND way = ANY(\(trays.map(\.way))) AND urgent = ANY('{true,false}') AND lent_to = \(id)
                AND next_at > now() AND next_at <= now() + make_interval(secs => \(NoticeBook.lent))
            """
        ).map { Loan(notice: try $0.value(0), end: try $0.value(1)) }
        if broken != losses { (losses, lookUntil) = (broken, now + silence * 2) }
        var known: Set<NoticeID> = []
        for tray in trays { known.formUnion(await tray.contents) }
        known.formUnion(hands.withLock { $0.held.values.joined() })
        // After a pause of this process it begins anew: an answer may have waited for as long.
        let before = now - lastLook < silence ? missed : [:]
        lastLook = now
        missed = Dictionary(uniqueKeysWithValues: lent.filter { !known.contains($0.notice) }.map { ($0, before[$0] ?? now) })
        let strays = missed.filter { now - $0.value >= silence }.map(\.key)
        if strays.isEmpty { return 0 }
        return try await client.run(
            """
            UPDATE notices SET next_at = now(), lent_to = NULL
            WHERE id IN (
                SELECT n.id FROM notices n JOIN unnest(\(strays.map(\.notice)), \(strays.map(\.end))) AS u(id, next_at)
                    ON n.id = u.id AND n.next_at = u.next_at
                WHERE n.phase = 'due' AND n.lent_to = \(id) ORDER BY n.id FOR UPDATE OF n SKIP LOCKED)
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
