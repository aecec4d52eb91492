import CaseFlow
import Models
import Postgres

/// Routing's table: `cases`.
public struct RoutingTables: CaseTables {
    public typealias State = RoutingProcess.State
    public typealias Effect = RoutingEffect

    public init() {}

    public func selection(of subjects: [Subject]) -> SQL { "SELECT subject, state FROM cases WHERE subject = ANY(\(subjects))" }

    public func state(from row: PostgresRow) throws -> State { try StateCoding.decode(row.value(1)) }

    public func county(of state: State) -> String {
        switch state {
        case .registered(_, _, let county): county
        case .assigned(let assigned): assigned.county
        }
    }

    public func statements(saving states: [(subject: Subject, state: State)], effects: [RoutingEffect]) throws -> [SQL] {
        if states.isEmpty { return [] }
        let units = states.map { entry -> String? in
            if case .assigned(let state) = entry.state { state.unit.text } else { nil }
        }
        return [
            """
            INSERT INTO cases (subject, unit, state)
            SELECT * FROM unnest(\(states.map(\.subject)), \(units), \(try states.map { try StateCoding.encode($0.state) }))
            ON CONFLICT (subject) DO UPDATE SET unit = excluded.unit, state = excluded.state
            """
        ]
    }
}
