import CaseFlow
import Models
import Postgres
import Routing

/// Reads the cases of a running house that were registered since an instant, page by page and without changing anything.
///
/// Of confidential cases only their number leaves the database (Articles 30 and 46).
struct PastCases {
    let transaction: PostgresTransaction
    let since: Instant

    private static let page = 500

    /// Calls `body` with each case that is open to read; says how many confidential ones there are besides.
    func forEach(_ body: (PastCase) -> Void) async throws -> Int {
        var last = Subject(UniqueID(high: 0, low: 0))
        while true {
            let rows = try await transaction.run(
                """
                SELECT c.subject, registered.event, assigned.event, s.state
                FROM intake.cases c JOIN intake.registrations r USING (subject) JOIN routing.cases s USING (subject)
                    JOIN LATERAL (SELECT event FROM intake.ledger
                        WHERE subject = c.subject AND position = 1 AND type = \(CaseRegistered.type)) registered ON true
                    LEFT JOIN LATERAL (SELECT event FROM intake.ledger
                        WHERE subject = c.subject AND type = \(CaseAssigned.type) ORDER BY position LIMIT 1) assigned ON true
                WHERE r.registered_at >= \(since) AND c.subject > \(last) AND c.circle IS NULL AND r.kind <> 'accusation'
                ORDER BY c.subject LIMIT \(Self.page)
                """)
            for row in rows {
                last = try row.value(0)
                let state: RoutingState = try StateCoding.decode(row.value(3))
                // The column says the same; two are safer than one.
                if state.life.isConfidential { continue }
                let assigned = try row.optional(2, as: [UInt8].self).map { try CaseEvent(wire: $0).facts(CaseAssigned.self) }
                body(
                    PastCase(
                        subject: last, facts: try CaseEvent(wire: row.value(1)).facts(CaseRegistered.self), lead: assigned?.unit,
                        topic: assigned?.topic, handler: state.life.handler))
            }
            if rows.count < Self.page { break }
        }
        let hidden = try await transaction.run(
            """
            SELECT count(*) FROM intake.cases c JOIN intake.registrations r USING (subject)
            WHERE r.registered_at >= \(since) AND (c.circle IS NOT NULL OR r.kind = 'accusation')
            """)
        return try hidden.first?.value(0) ?? 0
    }
}
