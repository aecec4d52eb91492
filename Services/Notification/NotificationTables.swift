import CaseFlow
import Models
import Postgres

/// Notification's tables: `cases`, `notices` and `feed`.
public struct NotificationTables: CaseTables {
    public typealias State = NotificationState
    public typealias Effect = NotificationEffect

    private let trays: [NoticeTray]
    private let routes: NoticeRoutes
    private let bell: FeedBell?
    private let courier: UniqueID?

    /// Makes the tables; what is stored through them goes into `trays` besides, has its first way by `routes`, rings the `bell` of the
    /// feed, and is lent to this process, which others know as `courier`.
    public init(trays: [NoticeTray] = [], routes: NoticeRoutes = .files, bell: FeedBell? = nil, courier: UniqueID? = nil) {
        self.trays = trays
        self.routes = routes
        self.bell = bell
        self.courier = courier
    }

    public func committed(_ effects: [Effect]) async {
        var notices = effects.compactMap { if case .notice(let notice) = $0 { notice } else { nil } }
        let corrections = Correction.last(of: effects.compactMap { if case .corrected(let correction) = $0 { correction } else { nil } })
        if !corrections.isEmpty {
            for index in notices.indices { corrections[notices[index].contactKey].map { notices[index].contact = $0 } }
        }
        for tray in trays {
            if !corrections.isEmpty { await tray.correct(corrections) }
            await tray.put(notices)
        }
        if effects.contains(where: { if case .feed = $0 { true } else { false } }) { await bell?.ring() }
    }

    public func selection(of subjects: [Subject]) -> SQL { "SELECT subject, state FROM cases WHERE subject = ANY(\(subjects))" }

    public func state(from row: PostgresRow) throws -> NotificationState { try StateCoding.decode(row.value(1)) }

    public func county(of state: NotificationState) -> String { state.county }

    public func statements(saving states: [(subject: Subject, state: State)], _ rows: StateRows, effects: [Effect]) throws -> [SQL] {
        var (statements, notices, entries): ([SQL], [Notice], [FeedEntry]) = ([], [], [])
        var (withdrawals, corrections, lines): ([Withdrawal], [Correction], [Notice]) = ([], [], [])
        var (ends, deliveries): ([NoticeEnd], [NoticeEnd]) = ([], [])
        for effect in effects {
            switch effect {
            case .notice(let notice): notices.append(notice)
            case .digest(let notice): lines.append(notice)
            case .withdrawn(let withdrawal): withdrawals.append(withdrawal)
            case .corrected(let correction): corrections.append(correction)
            case .feed(let entry): entries.append(entry)
            case .settled(let end): ends.append(end)
            case .delivered(let end): deliveries.append(end)
            }
        }
        if !states.isEmpty {
            statements.append(
                """
                \(unsafe: rows.beginning("cases", ["state"]))
                FROM unnest(\(states.map(\.subject)), \(try states.map { try StateCoding.encode($0.state) })) AS u(subject, state)
                \(unsafe: rows.end("cases", ["state"]))
                """)
        }
        if !notices.isEmpty {
            statements.append(
                """
                INSERT INTO notices (id, subject, template, recipient, fields, contact, county, created_at, hours, clock, urgent, way, attempts,
                    next_at, since, lent_to)
                SELECT id, subject, template, recipient, fields, contact, county, created_at, hours, clock, urgent, way,
                    CASE WHEN released > now() THEN 0 ELSE 1 END,
                    greatest(now() + make_interval(secs => \(NoticeBook.lentAtOnce)), released), greatest(now(), released),
                    CASE WHEN released > now() THEN NULL ELSE \(courier) END
                FROM unnest(\(notices.map(\.id)), \(notices.map(\.subject)), \(notices.map(\.template.rawValue)),
                    \(notices.map(\.recipient.description)), \(try notices.map { try StateCoding.encode($0.fields) }),
                    \(notices.map { $0.contact?.text }), \(notices.map(\.county)), \(notices.map(\.time)),
                    \(notices.map { $0.hours?.rawValue }), \(notices.map(\.clock)), \(notices.map(\.notBefore)),
                    \(notices.map(\.isUrgent)), \(notices.map { routes.first(to: $0.recipient) }))
                    AS u(id, subject, template, recipient, fields, contact, county, created_at, hours, clock, released, urgent, way)
                """)
        }
        if !lines.isEmpty { statements.append(try DigestLines.insertion(of: lines)) }
        if !corrections.isEmpty {
            let last = Correction.last(of: corrections).map { (subject: $0.key.subject, recipient: $0.key.recipient, contact: $0.value) }
            statements.append(
                """
                UPDATE notices n SET contact = u.contact
                FROM unnest(\(last.map(\.subject)), \(last.map(\.recipient.description)), \(last.map(\.contact.text)))
                    AS u(subject, recipient, contact)
                WHERE n.subject = u.subject AND n.phase IN ('due', 'failed') AND n.recipient = u.recipient
                """)
        }
        // Those of this batch, too.
        if !withdrawals.isEmpty {
            statements.append(
                """
                UPDATE notices n SET phase = 'withdrawn', last_answer = 'withdrawn'
                FROM unnest(\(withdrawals.map(\.subject)), \(withdrawals.map(\.clock)), \(withdrawals.map { $0.recipient?.description }))
                    AS u(subject, clock, recipient)
                WHERE n.subject = u.subject AND n.phase = 'due' AND n.attempts = 0 AND n.hours IS NOT NULL AND n.clock IS NOT NULL
                    AND (u.clock IS NULL OR n.clock = u.clock) AND (u.recipient IS NULL OR n.recipient = u.recipient)
                """)
        }
        if !ends.isEmpty {
            statements.append(
                """
                UPDATE notices n SET phase = u.phase, last_answer = u.answer
                FROM unnest(\(ends.map(\.notice)), \(ends.map { $0.failure == nil ? "delivered" : "failed" }),
                    \(ends.map { $0.failure ?? "delivered" })) AS u(id, phase, answer)
                WHERE n.id = u.id
                """)
        }
        if !deliveries.isEmpty {
            statements.append(
                """
                UPDATE notices SET phase = 'delivered', last_answer = 'delivered'
                WHERE phase = 'due' AND id = ANY(\(deliveries.map(\.notice)))
                """)
        }
        // What could not be delivered had its tries written down before it was given up.
        let delivered = ends.filter { $0.failure == nil } + deliveries
        if !delivered.isEmpty {
            statements.append(
                """
                INSERT INTO notice_attempts (subject, notice, attempt, way, answer)
                SELECT subject, notice, attempt, way, 'delivered' FROM unnest(\(delivered.map(\.subject)), \(delivered.map(\.notice)),
                    \(delivered.map(\.attempt)), \(delivered.map(\.way))) AS u(subject, notice, attempt, way)
                """)
        }
        if !entries.isEmpty {
            // Last: whoever adds entries holds the feed's end until the commit.
            statements.append(FeedRows.statement(adding: entries))
        }
        return statements
    }
}
