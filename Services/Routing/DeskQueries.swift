import CaseFlow
import Models
import Postgres
import ServiceKit

/// Questions to routing's tables that change nothing.
struct DeskQueries: Sendable {
    /// A case on a desk.
    struct Item: Sendable {
        var subject: Subject
        var state: RoutingState
        /// The next date that the unit of the desk must work by; `distantDue` when none runs.
        var due: Instant
    }

    /// Where a page begins: behind this date and case.
    struct Cursor: Sendable, LosslessStringConvertible {
        var due: Instant
        var subject: Subject

        var description: String { "\(due.microseconds).\(subject)" }

        init(due: Instant, subject: Subject) {
            self.due = due
            self.subject = subject
        }

        init?(_ text: String) {
            let parts = text.split(separator: ".", maxSplits: 1)
            guard parts.count == 2, let due = Int64(parts[0]), let subject = Subject(String(parts[1])) else { return nil }
            self.init(due: Instant(microseconds: due), subject: subject)
        }
    }

    let client: PostgresClient

    /// Stands for "no date" in the column `due`: the beginning of the year 9999.
    static let distantDue = Instant(microseconds: 253_370_764_800_000_000)

    /// The open cases in which `unit` has a part, the one that is due first before the others.
    ///
    /// Its cases and its parts in those of others are each read in the order of an index, up to one page, and merged.
    func desk(of unit: UnitCode, after cursor: Cursor?, limit: Int) async throws -> [Item] {
        let cursor = cursor ?? Cursor(due: Instant(microseconds: 0), subject: Subject(UniqueID(high: 0, low: 0)))
        let rows = try await client.run(
            """
            SELECT DISTINCT ON (due, subject) subject, due, state FROM (
                (SELECT subject, due, state FROM cases
                WHERE unit = \(unit.text) AND open AND (due, subject) > (\(cursor.due), \(cursor.subject))
                ORDER BY due, subject LIMIT \(limit))
                UNION ALL
                (SELECT subject, parts.due, state FROM parts JOIN cases USING (subject)
                WHERE parts.unit = \(unit.text) AND NOT (cases.unit = parts.unit AND open)
                    AND (parts.due, subject) > (\(cursor.due), \(cursor.subject))
                ORDER BY parts.due, subject LIMIT \(limit))
            ) AS page ORDER BY due, subject LIMIT \(limit)
            """)
        return try rows.map { Item(subject: try $0.value(0), state: try StateCoding.decode($0.value(2)), due: try $0.value(1)) }
    }

    func state(of subject: Subject) async throws -> RoutingState? {
        guard let row = try await client.run("SELECT state FROM cases WHERE subject = \(subject)").first else { return nil }
        return try StateCoding.decode(row.value(0))
    }

    func states(of subjects: [Subject]) async throws -> [Subject: RoutingState] {
        var states: [Subject: RoutingState] = [:]
        for row in try await client.run("SELECT subject, state FROM cases WHERE subject = ANY(\(subjects))") {
            states[try row.value(0)] = try StateCoding.decode(row.value(1))
        }
        return states
    }

    /// The open cases in which a unit has a part, from a place on, in the order of their identifiers.
    func held(by unit: UnitCode, after: Subject, limit: Int) async throws -> [Subject] {
        try await client.run(
            """
            SELECT subject FROM (SELECT subject FROM cases WHERE unit = \(unit.text) AND open
                UNION SELECT subject FROM parts WHERE unit = \(unit.text)) AS held
            WHERE subject > \(after) ORDER BY subject LIMIT \(limit)
            """
        ).map { try $0.value(0) }
    }
}
