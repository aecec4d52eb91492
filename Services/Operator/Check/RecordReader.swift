import CaseFlow
import Deadline
import Intake
import Models
import Notification
import Postgres
import Routing

/// Reads what the four schemas have on record, as the administrator of the database.
struct RecordReader {
    let client: PostgresClient

    /// Every county version that intake has seen.
    func counties() async throws -> CountyBook {
        var book = CountyBook()
        for row in try await client.run("SELECT definition FROM intake.counties ORDER BY sequence") {
            let edition = try CountyBook.Edition(CountyDefinition(canonicalJSON: row.value(0)))
            book.add(edition)
            book.putInForce(edition.index.version)
        }
        return book
    }

    /// The database's clock.
    func now() async throws -> Instant {
        guard let row = try await client.run("SELECT now()").first else { throw CommandFailure("PostgreSQL gave no time.") }
        return try row.value(0)
    }

    /// How many rows wait in all schemas.
    func waiting() async throws -> (outbox: Int, held: Int, dead: Int) {
        var sum = (outbox: 0, held: 0, dead: 0)
        for source in Source.allCases {
            let schema = source.rawValue
            let row = try await client.run(
                """
                SELECT (SELECT count(*) FROM \(identifier: schema).outbox), (SELECT count(*) FROM \(identifier: schema).held),
                    (SELECT count(*) FROM \(identifier: schema).dead_letters)
                """
            ).first
            guard let row else { continue }
            sum = (sum.outbox + (try row.value(0)), sum.held + (try row.value(1)), sum.dead + (try row.value(2)))
        }
        return sum
    }

    /// Up to `limit` subjects that any service knows, in their order.
    func subjects(after last: Subject, limit: Int) async throws -> [Subject] {
        try await client.run(
            """
            SELECT subject FROM (
                (SELECT subject FROM intake.case_clock WHERE subject > \(last) ORDER BY subject LIMIT \(limit))
                UNION (SELECT subject FROM routing.case_clock WHERE subject > \(last) ORDER BY subject LIMIT \(limit))
                UNION (SELECT subject FROM deadline.case_clock WHERE subject > \(last) ORDER BY subject LIMIT \(limit))
                UNION (SELECT subject FROM notification.case_clock WHERE subject > \(last) ORDER BY subject LIMIT \(limit))
                UNION (SELECT subject FROM intake.registrations WHERE subject > \(last) ORDER BY subject LIMIT \(limit))
            ) AS known ORDER BY subject LIMIT \(limit)
            """
        ).map { try $0.value(0) }
    }

    /// The records of `subjects`, all as of one moment.
    func records(of subjects: [Subject]) async throws -> [SubjectRecord] {
        try await client.withTransaction { transaction in
            try await transaction.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            var records = Dictionary(subjects.map { ($0, SubjectRecord(subject: $0)) }) { first, _ in first }
            for source in Source.allCases {
                let rows = try await transaction.run(
                    """
                    SELECT subject, intake, routing, deadline, notification, held, dead FROM \(identifier: source.rawValue).case_clock
                    WHERE subject = ANY(\(subjects))
                    """)
                for row in rows {
                    records[try row.value(0)]?.clocks[source] = CaseClock(
                        positions: SourcePositions(
                            intake: try row.value(1), routing: try row.value(2), deadline: try row.value(3), notification: try row.value(4)),
                        held: try row.value(5), dead: try row.value(6))
                }
            }
            try await states(of: subjects, transaction, &records)
            let lines = try await transaction.run(
                "SELECT subject, position, event, previous, hash FROM intake.ledger WHERE subject = ANY(\(subjects)) ORDER BY subject, position"
            )
            for row in lines {
                records[try row.value(0)]?.lines.append(
                    .init(position: try row.value(1), event: try row.value(2), previous: try row.value(3), hash: try row.value(4)))
            }
            for row in try await transaction.run("SELECT subject, number FROM intake.registrations WHERE subject = ANY(\(subjects))") {
                records[try row.value(0)]?.receipts.append(try row.value(1))
            }
            let notices = try await transaction.run(
                "SELECT subject, id, template, recipient, phase, again FROM notification.notices WHERE subject = ANY(\(subjects)) ORDER BY id"
            )
            for row in notices {
                guard let recipient = NoticeRecipient(try row.value(3, as: String.self)),
                    let phase = SubjectRecord.NoticeRecord.Phase(rawValue: try row.value(4))
                else {
                    records[try row.value(0)]?.unreadableNotices += 1
                    continue
                }
                records[try row.value(0)]?.notices.append(
                    .init(id: try row.value(1), template: try row.value(2), recipient: recipient, phase: phase, again: try row.value(5)))
            }
            for row in try await transaction.run(
                "SELECT subject, event_id, circle IS NULL FROM notification.feed WHERE subject = ANY(\(subjects))")
            {
                records[try row.value(0)]?.feed.append(try row.value(1))
                if try row.value(2) { records[try row.value(0)]?.openEntries += 1 }
            }
            try await transaction.commit()
            return subjects.compactMap { records[$0] }
        }
    }

    private func states(
        of subjects: [Subject], _ transaction: PostgresTransaction, _ records: inout [Subject: SubjectRecord]
    ) async throws {
        let known = try await transaction.run(
            """
            SELECT c.subject, c.position, c.head, c.file, s.record FROM intake.cases c LEFT JOIN intake.sessions s USING (subject)
            WHERE c.subject = ANY(\(subjects))
            """)
        for row in known {
            records[try row.value(0)]?.intake = try IntakeTables().state(from: row)
        }
        for row in try await transaction.run("SELECT subject, state FROM routing.cases WHERE subject = ANY(\(subjects))") {
            records[try row.value(0)]?.routing = try RoutingTables().state(from: row)
        }
        for row in try await transaction.run("SELECT subject, state FROM deadline.cases WHERE subject = ANY(\(subjects))") {
            records[try row.value(0)]?.deadline = try DeadlineTables().state(from: row)
        }
        for row in try await transaction.run("SELECT subject, state FROM notification.cases WHERE subject = ANY(\(subjects))") {
            records[try row.value(0)]?.notification = try NotificationTables().state(from: row)
        }
    }
}
