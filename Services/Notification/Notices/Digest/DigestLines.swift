import CaseFlow
import Models
import Postgres

/// The table `digest_lines`: what leaders will hear of in their next digest.
struct DigestLines: Sendable {
    /// A line as it was stored: an occasion, and the fields of its template.
    struct Line: Sendable {
        var subject: Subject
        var template: TemplateID
        var fields: [String: String]
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

    /// Those who have lines that no digest has yet.
    func people() async throws -> [NoticeRecipient] {
        try await client.run("SELECT DISTINCT person FROM digest_lines WHERE notice IS NULL")
            .compactMap { NoticeRecipient(try $0.value(0, as: String.self)) }
    }

    /// Gathers a person's lines in one notice, in one transaction; nothing happens when there are none, or the notice exists already, so
    /// that replicas and restarts make no second one.
    func gather(_ person: NoticeRecipient, in notice: Notice, way: String) async throws {
        try await client.withTransaction { transaction in
            let lines = try await transaction.run(
                """
                UPDATE digest_lines SET notice = \(notice.id) WHERE person = \(person.description) AND notice IS NULL
                    AND NOT EXISTS (SELECT 1 FROM notices WHERE id = \(notice.id))
                RETURNING 1
                """)
            if lines.isEmpty { return }
            try await transaction.commit(with: [
                """
                INSERT INTO notices (id, subject, template, recipient, fields, county, way, created_at)
                VALUES (\(notice.id), \(notice.subject), \(notice.template.rawValue), \(notice.recipient.description),
                    \(try StateCoding.encode(notice.fields)), \(notice.county), \(way), \(notice.time))
                """
            ])
        }
    }

    /// The lines of a digest, the oldest first.
    func lines(of notice: NoticeID) async throws -> [Line] {
        try await client.run("SELECT subject, template, fields FROM digest_lines WHERE notice = \(notice) ORDER BY at, subject, id")
            .compactMap {
                row in
                try TemplateID(rawValue: row.value(1)).map {
                    Line(subject: try row.value(0), template: $0, fields: try StateCoding.decode(row.value(2)))
                }
            }
    }

    /// Forgets the lines of digests that have gone out.
    func forget() async throws {
        try await client.run(
            "DELETE FROM digest_lines l USING notices n WHERE n.id = l.notice AND n.phase IN ('delivered', 'withdrawn')")
    }
}
