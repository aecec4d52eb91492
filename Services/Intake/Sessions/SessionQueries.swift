import CaseFlow
import Models
import Postgres

/// Questions to the table of sessions that change nothing.
struct SessionQueries: Sendable {
    /// Where a page begins: behind this time and session.
    struct Cursor: Sendable, LosslessStringConvertible {
        var starts: Instant
        var subject: Subject

        var description: String { "\(starts.microseconds).\(subject)" }

        init(starts: Instant, subject: Subject) {
            self.starts = starts
            self.subject = subject
        }

        init?(_ text: String) {
            let parts = text.split(separator: ".", maxSplits: 1)
            guard parts.count == 2, let starts = Int64(parts[0]), let subject = Subject(String(parts[1])) else { return nil }
            self.init(starts: Instant(microseconds: starts), subject: subject)
        }
    }

    /// Which sessions are wanted: those that start within a time, and what else they must be.
    struct Filter: Sendable {
        var times: Range<Instant>
        var leader: PersonCode?
        var unit: UnitCode?
        var kind: SessionKind?
    }

    /// The most sessions on a roster.
    static let largestRoster = 1000
    /// The most cases of one session that are shown.
    static let mostCases = 5000

    let client: PostgresClient

    func record(of subject: Subject) async throws -> SessionRecord? {
        guard let row = try await client.run("SELECT record FROM sessions WHERE subject = \(subject)").first else { return nil }
        return try StateCoding.decode(row.value(0))
    }

    /// Sessions by the time at which they start; one that is moved between two pages may come twice, or on none.
    func list(_ filter: Filter, after cursor: Cursor?, limit: Int) async throws -> [Roster.Entry] {
        let cursor = cursor ?? Cursor(starts: filter.times.lowerBound, subject: Subject(UniqueID(high: 0, low: 0)))
        let (leader, unit, kind) = (filter.leader?.text, filter.unit?.text, filter.kind?.rawValue)
        return try entries(
            try await client.run(
                """
                SELECT subject, record FROM sessions
                WHERE starts_at >= \(filter.times.lowerBound) AND starts_at < \(filter.times.upperBound)
                    AND (starts_at, subject) > (\(cursor.starts), \(cursor.subject))
                    AND (\(leader) IS NULL OR leader = \(leader)) AND (\(unit) IS NULL OR unit = \(unit))
                    AND (\(kind) IS NULL OR kind = \(kind))
                ORDER BY starts_at, subject LIMIT \(limit)
                """))
    }

    /// The published sessions that are held within a time, also those that began before it.
    ///
    /// None lasts longer than `SessionRules.longest`, so the index over beginnings is read from that long before.
    func roster(_ times: Range<Instant>) async throws -> [Roster.Entry] {
        try entries(
            try await client.run(
                """
                SELECT subject, record FROM sessions
                WHERE published_at IS NOT NULL AND starts_at >= \(times.lowerBound - SessionRules.longest)
                    AND starts_at < \(times.upperBound) AND ends_at > \(times.lowerBound)
                ORDER BY starts_at, subject LIMIT \(Self.largestRoster)
                """))
    }

    /// The cases that were registered under a session, or of which its record says that they were heard there.
    func cases(of session: Subject, _ record: SessionRecord) async throws -> [HeardCase] {
        let rows = try await client.run(
            """
            SELECT subject, c.file FROM (
                SELECT subject FROM registrations WHERE session = \(session) UNION SELECT unnest(\(record.heard))) AS heard
            JOIN cases c USING (subject) WHERE c.file IS NOT NULL ORDER BY subject LIMIT \(Self.mostCases)
            """)
        return try rows.map { HeardCase(id: try $0.value(0), file: try StateCoding.decode($0.value(1))) }
    }

    /// The case with an identifier, whether it was heard or not; empty when there is none.
    func found(_ id: CaseID) async throws -> [HeardCase] {
        let rows = try await client.run("SELECT subject, file FROM cases WHERE subject = \(id) AND file IS NOT NULL")
        return try rows.map { HeardCase(id: try $0.value(0), file: try StateCoding.decode($0.value(1))) }
    }

    /// The sessions that began within a time, for the duty report.
    func held(_ times: Range<Instant>) async throws -> [DutyReport.Held] {
        let rows = try await client.run(
            """
            SELECT leader, unit, level, kind, opened_at FROM sessions
            WHERE opened_at >= \(times.lowerBound) AND opened_at < \(times.upperBound) ORDER BY opened_at, subject
            """)
        return try rows.compactMap { row in
            guard let leader = PersonCode(try row.value(0, as: String.self)), let unit = UnitCode(try row.value(1, as: String.self)),
                let level = DutyLevel(rawValue: try row.value(2)), let kind = SessionKind(rawValue: try row.value(3))
            else { return nil }
            return DutyReport.Held(
                leader: .init(person: leader, unit: unit, level: level), kind: kind, opened: try row.value(4))
        }
    }

    private func entries(_ rows: PostgresRows) throws -> [Roster.Entry] {
        try rows.map { Roster.Entry(id: try $0.value(0), record: try StateCoding.decode($0.value(1))) }
    }
}
