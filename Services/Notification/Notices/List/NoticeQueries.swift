import CaseFlow
import Models
import Postgres

/// Questions to the table of notices that change nothing.
struct NoticeQueries: Sendable {
    let client: PostgresClient

    /// Notices in a phase, of a case, or both, the oldest first; nil stands for any.
    func page(_ phase: NoticeLine.Phase?, of subject: Subject?, after place: NoticePlace, limit: Int) async throws -> [NoticeLine] {
        // A phase is spelled out, because only so do the indexes of one phase serve.
        let rows =
            switch (subject, phase) {
            case (let subject?, let phase):
                try await client.run(
                    """
                    SELECT id, subject, template, recipient, phase, way, attempts, last_answer, next_at, created_at FROM notices
                    WHERE subject = \(subject) AND (\(phase == nil) OR phase = \(phase?.rawValue ?? ""))
                        AND (created_at, id) > (\(Instant(microseconds: place.created)), \(place.id)) ORDER BY created_at, id LIMIT \(limit)
                    """)
            case (nil, .due?):
                try await client.run(
                    """
                    SELECT id, subject, template, recipient, phase, way, attempts, last_answer, next_at, created_at FROM notices
                    WHERE phase = 'due' AND (created_at, id) > (\(Instant(microseconds: place.created)), \(place.id)) ORDER BY created_at, id LIMIT \(limit)
                    """)
            case (nil, .failed?), (nil, nil):
                try await client.run(
                    """
                    SELECT id, subject, template, recipient, phase, way, attempts, last_answer, next_at, created_at FROM notices
                    WHERE phase = 'failed' AND (created_at, id) > (\(Instant(microseconds: place.created)), \(place.id)) ORDER BY created_at, id LIMIT \(limit)
                    """)
            case (nil, .delivered?), (nil, .withdrawn?): throw NoticeListRefusal()
            }
        return try rows.map { row in
            NoticeLine(
                id: try row.value(0), subject: try row.value(1), template: try row.value(2),
                recipient: NoticeRecipient(try row.value(3, as: String.self)), phase: try row.value(4), way: try row.optional(5),
                attempts: try row.value(6), answer: try row.optional(7), next: try row.value(8), created: try row.value(9))
        }
    }

    func states(of subjects: [Subject]) async throws -> [Subject: NotificationState] {
        var states: [Subject: NotificationState] = [:]
        for row in try await client.run("SELECT subject, state FROM cases WHERE subject = ANY(\(subjects))") {
            states[try row.value(0)] = try StateCoding.decode(row.value(1))
        }
        return states
    }
}

/// Nobody reads through all that was ever delivered.
struct NoticeListRefusal: Error {}
