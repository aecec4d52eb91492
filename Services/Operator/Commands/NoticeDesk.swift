import Models
import Postgres

/// Notices as the operator sees them, in notification's schema.
struct NoticeDesk {
    struct Entry {
        var id: NoticeID
        var subject: Subject
        var number: String?
        var template: String
        var recipient: String
        var phase: String
        var way: String?
        var attempts: Int
        var answer: String?
        var next: Instant

        var line: String {
            let when = phase == "due" ? ", next \(next)" : ""
            return "\(id)  \(phase)  \(template.shown) to \(recipient.shown), case \(number?.shown ?? subject.description), "
                + "\(way?.shown ?? "no way yet"), \(attempts) tries\(when): \(answer?.shown ?? "not tried yet")"
        }

        var json: JSONValue {
            .object([
                "id": .string(id.description), "case": .string(subject.description), "number": number.map { .string($0) } ?? .null,
                "template": .string(template), "recipient": .string(recipient), "phase": .string(phase),
                "way": way.map { .string($0) } ?? .null, "attempts": .integer(Int64(attempts)),
                "answer": answer.map { .string($0) } ?? .null, "next": phase == "due" ? .string(next.description) : .null,
            ])
        }
    }

    struct Attempt {
        var number: Int
        var at: Instant
        var way: String
        var answer: String
        var next: Instant?

        var line: String { "\(at)  \(way.shown)  \(number): \(answer.shown)\(next.map { ", next \($0)" } ?? "")" }

        func json(of notice: NoticeID) -> JSONValue {
            .object([
                "notice": .string(notice.description), "attempt": .integer(Int64(number)), "at": .string(at.description),
                "way": .string(way), "answer": .string(answer), "next": next.map { .string($0.description) } ?? .null,
            ])
        }
    }

    let client: PostgresClient

    /// The oldest notices in a phase: those that have failed, unless another is named or a case is.
    func list(phase: String?, number: String?, limit: Int) async throws -> [Entry] {
        let phase = phase ?? (number == nil ? "failed" : nil)
        // A case may be known to notification alone when its other half was lost: it is listed all the same.
        let rows = try await client.run(
            """
            SELECT n.id, n.subject, r.number, n.template, n.recipient, n.phase, n.way, n.attempts, n.last_answer, n.next_at
            FROM notification.notices n LEFT JOIN intake.registrations r USING (subject)
            WHERE (\(phase == nil) OR n.phase = \(phase ?? "")) AND (\(number == nil) OR r.number = \(number ?? ""))
            ORDER BY n.created_at, n.id LIMIT \(limit)
            """)
        return try rows.map { row in
            Entry(
                id: try row.value(0), subject: try row.value(1), number: try row.optional(2), template: try row.value(3),
                recipient: try row.value(4), phase: try row.value(5), way: try row.optional(6), attempts: try row.value(7),
                answer: try row.optional(8), next: try row.value(9))
        }
    }

    func attempts(of notice: NoticeID, subject: Subject) async throws -> [Attempt] {
        try await client.run(
            """
            SELECT attempt, at, way, answer, next_at FROM notification.notice_attempts
            WHERE subject = \(subject) AND notice = \(notice) ORDER BY at
            """
        ).map { row in
            Attempt(
                number: try row.value(0), at: try row.value(1), way: try row.value(2), answer: try row.value(3), next: try row.optional(4))
        }
    }

    /// Makes notices due now; says how many there were.
    ///
    /// One that has failed begins anew with the first way that its recipients have (null, which notification fills in); one that waits
    /// keeps its way.
    func retry(_ notices: [NoticeID], way: String?) async throws -> Int {
        try await client.run(
            """
            UPDATE notification.notices SET phase = 'due', next_at = now(), since = now(),
                attempts = CASE WHEN phase = 'failed' THEN 0 ELSE attempts END,
                again = again OR phase = 'failed', way = CASE WHEN phase = 'failed' THEN NULL ELSE way END
            WHERE phase IN ('failed', 'due') AND (id = ANY(\(notices)) OR way = \(way)) RETURNING 1
            """
        ).count
    }
}
