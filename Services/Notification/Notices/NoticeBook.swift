import CaseFlow
import Models
import Postgres

/// The tables `notices` and `notice_attempts` as couriers use them: what is due, and what became of each try.
struct NoticeBook: Sendable {
    /// A notice that a courier has in hand.
    struct Owed: Sendable, Hashable {
        var notice: Notice
        /// Which try by this way it is, from 1.
        var attempts: Int
        /// Whether it is tried again after its failure was told.
        var again = false
        /// For how long this way has had it when it might go out.
        var waited = Duration.zero
    }

    /// A try that was made, for the table of attempts.
    struct Attempt: Sendable {
        var owed: Owed
        var answer: String
        /// When the next one is made, by this way or the one after it; nil when there is none.
        var pause: Double?
    }

    /// How long a notice waits.
    struct Pause: Sendable {
        var seconds: Double
        /// Whether it waits for the hours in which it may go out: its time with this way begins after them.
        var isForHours = false
    }

    /// A notice that comes again.
    struct Return: Sendable {
        var notice: NoticeID
        var pause: Pause
        var answer: String
        /// Whether it keeps the try.
        var isFree: Bool

        init(_ owed: Owed, _ pause: Pause, _ answer: String, isFree: Bool) {
            (notice, self.pause, self.answer, self.isFree) = (owed.notice.id, pause, answer, isFree)
        }
    }

    let client: PostgresClient
    /// By which others know the process that takes notices.
    var courier: UniqueID?

    /// How many seconds a notice that was taken from the table is lent: its batch has 40 seconds, and what was begun by then 20 more.
    static let lent = 70.0
    /// How many seconds a new notice is lent to the process that made it, in which it waits for 15 seconds before it is begun at the latest.
    static let lentAtOnce = 45.0

    /// Borrows due notices of a way, the urgent ones first.
    ///
    /// One that cannot be read, such as one of a later version, waits alone for another hour.
    func take(_ limit: Int, of way: String) async throws -> (owed: [Owed], unreadable: Int) {
        let rows = try await client.run(
            """
            UPDATE notices SET next_at = now() + make_interval(secs => \(Self.lent)), attempts = attempts + 1, lent_to = \(courier)
            WHERE id IN (
                SELECT id FROM (
                    SELECT id FROM notices WHERE phase = 'due' AND way = \(way) AND urgent AND next_at <= now()
                    ORDER BY next_at LIMIT \(limit) FOR UPDATE SKIP LOCKED) urgent
                UNION ALL
                SELECT id FROM (
                    SELECT id FROM notices WHERE phase = 'due' AND way = \(way) AND NOT urgent AND next_at <= now()
                    ORDER BY next_at LIMIT \(limit) FOR UPDATE SKIP LOCKED) others
                LIMIT \(limit))
            RETURNING id, subject, template, recipient, fields, contact, county, attempts, created_at, hours, again, urgent,
                extract(epoch FROM now() - since)::double precision
            """)
        var (owed, unreadable): ([Owed], [NoticeID]) = ([], [])
        for row in rows {
            do { owed.append(try Self.owed(from: row)) } catch { unreadable.append(try row.value(0)) }
        }
        if !unreadable.isEmpty {
            try await client.run(
                """
                UPDATE notices SET next_at = now() + interval '1 hour', attempts = attempts - 1, lent_to = NULL,
                    last_answer = 'it cannot be read by this version' WHERE id = ANY(\(unreadable))
                """)
        }
        return (owed.filter(\.notice.isUrgent) + owed.filter { !$0.notice.isUrgent }, unreadable.count)
    }

    private static func owed(from row: PostgresRow) throws -> Owed {
        guard let template = TemplateID(rawValue: try row.value(2)), let recipient = NoticeRecipient(try row.value(3, as: String.self))
        else { throw NoticeError(reason: "it names a template or a recipient that is not known here") }
        var notice = Notice(
            id: try row.value(0), subject: try row.value(1), template: template, recipient: recipient,
            time: try row.value(8), fields: try StateCoding.decode(row.value(4)),
            contact: try row.optional(5).map { SealedText(text: $0) },
            county: try row.value(6))
        notice.hours = try row.optional(9, as: String.self).flatMap { ReminderHours(rawValue: $0) }
        notice.isUrgent = try row.value(11)
        return Owed(
            notice: notice, attempts: try row.value(7), again: try row.value(10),
            waited: .seconds(try row.value(12, as: Double.self)))
    }

    /// A loan that goes on: what the table knows of a notice by now.
    struct Renewal: Sendable {
        var notice: NoticeID
        /// It may have been corrected by another process.
        var contact: SealedText?
        var waited: Duration
    }

    /// Lends notices that wait in a tray of this process once more; says which of them nobody else has taken meanwhile.
    func renew(_ owed: [Owed], of way: String) async throws -> [Renewal] {
        let rows = try await client.run(
            """
            UPDATE notices n SET next_at = now() + make_interval(secs => \(Self.lentAtOnce))
            FROM unnest(\(owed.map(\.notice.id)), \(owed.map(\.attempts))) AS u(id, attempts)
            WHERE n.id = u.id AND n.phase = 'due' AND n.way = \(way) AND n.attempts = u.attempts AND n.next_at > now()
                AND n.lent_to IS NOT DISTINCT FROM \(courier)
            RETURNING n.id, n.contact, extract(epoch FROM now() - n.since)::double precision
            """)
        return try rows.map { row in
            Renewal(
                notice: try row.value(0), contact: try row.optional(1).map { SealedText(text: $0) },
                waited: .seconds(try row.value(2, as: Double.self)))
        }
    }

    /// Gives new notices back that were lent at once and that no tray has room for: the next sweep may take them.
    func giveBack(_ ids: [NoticeID], of way: String) async throws {
        try await client.run(
            """
            UPDATE notices SET next_at = now(), attempts = 0, lent_to = NULL
            WHERE id = ANY(\(ids)) AND phase = 'due' AND way = \(way) AND attempts = 1 AND next_at > now()
                AND lent_to IS NOT DISTINCT FROM \(courier)
            """)
    }

    /// Gives notices of ways that nobody has any more to the first way of their recipients; says how many there were.
    func adopt(by routes: NoticeRoutes) async throws -> Int {
        let known = Array(Set(routes.petitioners + routes.units))
        let (petitioners, units) = (routes.petitioners.first ?? "", routes.units.first ?? "")
        let staff = [NoticeRecipient.unitPrefix + "%", NoticeRecipient.personPrefix + "%"]
        return try await client.run(
            """
            UPDATE notices SET attempts = 0, since = now(), way = CASE WHEN recipient LIKE ANY(\(staff)) THEN \(units) ELSE \(petitioners) END
            WHERE phase = 'due' AND (way IS NULL OR way <> ALL(\(known)))
            RETURNING 1
            """
        ).count
    }

    /// Writes down what became of a batch, in one transaction.
    ///
    /// What another process has taken over meanwhile goes on there as it stands.
    ///
    /// - Parameter again: Whether that was tried before and may have been done: what is counted is then not counted twice.
    func write(
        delivered: [NoticeID], withdrawn: [(notice: NoticeID, answer: String)], returned: [Return],
        moved: [(notice: NoticeID, way: String, answer: String)], attempts: [Attempt],
        of way: String, again: Bool = false
    ) async throws {
        var statements: [SQL] = []
        if !delivered.isEmpty {
            statements.append(
                "UPDATE notices SET phase = 'delivered', last_answer = 'delivered' WHERE phase = 'due' AND id = ANY(\(delivered))")
        }
        if !withdrawn.isEmpty {
            statements.append(
                """
                UPDATE notices n SET phase = 'withdrawn', last_answer = u.answer
                FROM unnest(\(withdrawn.map(\.notice)), \(withdrawn.map(\.answer))) AS u(id, answer) WHERE n.id = u.id AND n.phase = 'due'
                """)
        }
        if !returned.isEmpty {
            statements.append(
                """
                UPDATE notices n SET next_at = now() + make_interval(secs => u.pause), last_answer = u.answer, lent_to = NULL,
                    attempts = n.attempts - CASE WHEN u.free AND NOT \(again) THEN 1 ELSE 0 END,
                    since = CASE WHEN u.early THEN now() + make_interval(secs => u.pause) ELSE n.since END
                FROM unnest(\(returned.map(\.notice)), \(returned.map(\.pause.seconds)), \(returned.map(\.answer)), \(returned.map(\.isFree)),
                    \(returned.map(\.pause.isForHours))) AS u(id, pause, answer, free, early)
                WHERE n.id = u.id AND n.phase = 'due' AND n.lent_to IS NOT DISTINCT FROM \(courier)
                """)
        }
        if !moved.isEmpty {
            statements.append(
                """
                UPDATE notices n SET way = u.way, attempts = 1, since = now(), last_answer = u.answer, lent_to = \(courier),
                    next_at = now() + make_interval(secs => \(Self.lentAtOnce))
                FROM unnest(\(moved.map(\.notice)), \(moved.map(\.way)), \(moved.map(\.answer))) AS u(id, way, answer)
                WHERE n.id = u.id AND n.phase = 'due' AND n.lent_to IS NOT DISTINCT FROM \(courier)
                """)
        }
        statements += insertions(of: attempts, by: way, again: again)
        if !statements.isEmpty { try await client.run(statements) }
    }

    /// Ends notices whose end stands in the ledger already, as that of one does which is tried again after its failure, or is of none;
    /// writes down their last tries, unless that was done a moment ago.
    func end(_ ended: [(notice: NoticeID, failure: String?)], attempts: [Attempt], of way: String) async throws {
        try await client.run(
            insertions(of: attempts, by: way, again: true) + [
                """
                UPDATE notices n SET phase = CASE WHEN u.failure IS NULL THEN 'delivered' ELSE 'failed' END,
                    last_answer = coalesce(u.failure, 'delivered')
                FROM unnest(\(ended.map(\.notice)), \(ended.map(\.failure))) AS u(id, failure) WHERE n.id = u.id AND n.phase = 'due'
                """
            ])
    }

    private func insertions(of attempts: [Attempt], by way: String, again: Bool) -> [SQL] {
        if attempts.isEmpty { return [] }
        return [
            """
            INSERT INTO notice_attempts (subject, notice, attempt, way, answer, next_at)
            SELECT subject, notice, attempt, \(way), answer, now() + make_interval(secs => pause)
            FROM unnest(\(attempts.map(\.owed.notice.subject)), \(attempts.map(\.owed.notice.id)), \(attempts.map(\.owed.attempts)),
                \(attempts.map(\.answer)), \(attempts.map(\.pause))) AS u(subject, notice, attempt, answer, pause)
            WHERE NOT \(again) OR NOT EXISTS (
                SELECT FROM notice_attempts known
                WHERE known.subject = u.subject AND known.notice = u.notice AND known.attempt = u.attempt AND known.way = \(way)
                    AND known.answer = u.answer AND known.at > now() - interval '2 minutes')
            """
        ]
    }

    /// How many notices have failed for good, and nobody has tried them again.
    func failures() async throws -> Int {
        try await client.run("SELECT count(*) FROM notices WHERE phase = 'failed'").first?.value(0) ?? 0
    }
}
