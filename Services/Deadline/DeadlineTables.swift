import CaseFlow
import Models
import Postgres

/// Deadline's table: `cases`.
public struct DeadlineTables: CaseTables {
    public typealias State = DeadlineState
    public typealias Effect = DeadlineEffect

    public init() {}

    public func selection(of subjects: [Subject]) -> SQL { "SELECT subject, state FROM cases WHERE subject = ANY(\(subjects))" }

    public func state(from row: PostgresRow) throws -> DeadlineState { try StateCoding.decode(row.value(1)) }

    public func county(of state: DeadlineState) -> String { state.county }

    public func statements(
        saving states: [(subject: Subject, state: DeadlineState)], _ rows: StateRows, effects: [DeadlineEffect]
    ) throws -> [SQL] {
        if states.isEmpty { return [] }
        let columns = ["next_at", "last_due", "state"]
        return [
            """
            \(unsafe: rows.beginning("cases", columns))
            FROM unnest(\(states.map(\.subject)), \(states.map(\.state.nextRung)), \(states.map(\.state.lastDue)),
                \(try states.map { try StateCoding.encode($0.state) })) AS u(subject, next_at, last_due, state)
            \(unsafe: rows.end("cases", columns))
            """
        ]
    }

    /// The cases whose next rung may fire, by the database's clock.
    public var due: String? { "JOIN cases c ON c.subject = k.subject WHERE c.next_at <= now() ORDER BY c.next_at" }

    /// How long until the next rung of any case, in seconds; NULL when there is none.
    public static let untilNext: SQL = "SELECT extract(epoch FROM min(next_at) - now())::float8 FROM cases WHERE next_at IS NOT NULL"
}
