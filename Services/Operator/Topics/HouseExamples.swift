import Models
import Postgres
import Routing

/// What a topic model learns from in a running house: cases that were handled to their end under a topic, and topics that dispatchers have
/// corrected.
///
/// Confidential cases are never among them (Articles 30 and 46): a model shows pieces of what it has learnt.
struct HouseExamples {
    let client: PostgresClient

    /// The latest `limit` cases, the oldest of them first, and corrections behind all others, so that they win.
    func examples(atMost limit: Int) async throws -> [TopicExample] {
        let rows = try await client.run(
            """
            SELECT title, narrative, topic, corrected FROM (
                SELECT r.subject, r.title, r.narrative, c.topic, coalesce(s.state->'assignment'->>'corrected' = 'true', false) AS corrected
                FROM intake.cases c JOIN intake.registrations r USING (subject)
                    JOIN LATERAL (SELECT convert_from(state, 'UTF8')::jsonb AS state FROM routing.cases WHERE subject = c.subject) s ON true
                WHERE c.topic IS NOT NULL AND c.circle IS NULL AND r.kind <> 'accusation' AND s.state->'life'->'accused' IS NULL
                    AND coalesce(s.state->'life'->>'marked', 'false') <> 'true'
                    AND (c.stage = 'closed' OR s.state->'assignment'->>'corrected' = 'true')
                ORDER BY r.subject DESC LIMIT \(limit)
            ) AS latest ORDER BY corrected, subject
            """)
        return try rows.map { row in
            TopicExample(title: try row.value(0), narrative: try row.value(1), topic: try row.value(2))
        }
    }
}
