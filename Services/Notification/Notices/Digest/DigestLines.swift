import CaseFlow
import Models
import Postgres

/// The table `digest_lines`: what leaders will hear of in their next digest.
struct DigestLines: Sendable {
    /// A line as it was stored: an occasion, and the fields of its template.
    struct Line: Sendable {
        var template: TemplateID
        var fields: [String: String]
        var county: String
    }

    let client: PostgresClient

    static func insertion(of notices: [Notice]) throws -> SQL {
        """
        INSERT INTO digest_lines (id, person, subject, template, fields, county, at)
        SELECT * FROM unnest(\(notices.map(\.id)), \(notices.map(\.recipient.description)), \(notices.map(\.subject)),
            \(notices.map(\.template.rawValue)), \(try notices.map { try StateCoding.encode($0.fields) }), \(notices.map(\.county)),
            \(notices.map(\.time)))
        """
    }

    /// Those who have lines.
    func people() async throws -> [NoticeRecipient] {
        try await client.run("SELECT DISTINCT person FROM digest_lines").compactMap { NoticeRecipient(try $0.value(0, as: String.self)) }
    }

    /// Makes a person's lines one notice, in one transaction; nothing happens when there are none, or the notice exists already, so that
    /// replicas and restarts make no second one.
    func gather(_ person: NoticeRecipient, into notice: NoticeID, way: String, _ write: ([Line]) throws -> Notice) async throws {
        try await client.withTransaction { transaction in
            let rows = try await transaction.run(
                """
                DELETE FROM digest_lines WHERE person = \(person.description) AND NOT EXISTS (SELECT 1 FROM notices WHERE id = \(notice))
                RETURNING template, fields, county, at
                """)
            let lines = try rows.sorted { try $0.value(3, as: Instant.self) < $1.value(3, as: Instant.self) }.compactMap { row in
                try TemplateID(rawValue: row.value(0)).map {
                    Line(template: $0, fields: try StateCoding.decode(row.value(1)), county: try row.value(2))
                }
            }
            if lines.isEmpty { return }
            let notice = try write(lines)
            try await transaction.commit(with: [
                """
                INSERT INTO notices (id, subject, template, recipient, fields, county, way, created_at)
                VALUES (\(notice.id), \(notice.subject), \(notice.template.rawValue), \(notice.recipient.description),
                    \(try StateCoding.encode(notice.fields)), \(notice.county), \(way), \(notice.time))
                """
            ])
        }
    }
}
