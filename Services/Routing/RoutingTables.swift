import CaseFlow
import Models
import Postgres

/// Routing's tables: `cases` and `parts`.
public struct RoutingTables: CaseTables {
    public typealias State = RoutingState
    public typealias Effect = RoutingEffect

    public init() {}

    public func selection(of subjects: [Subject]) -> SQL { "SELECT subject, state FROM cases WHERE subject = ANY(\(subjects))" }

    public func state(from row: PostgresRow) throws -> State { try StateCoding.decode(row.value(1)) }

    public func county(of state: State) -> String { state.county }

    public func statements(saving states: [(subject: Subject, state: State)], effects: [RoutingEffect]) throws -> [SQL] {
        if states.isEmpty { return [] }
        var statements: [SQL] = [
            """
            INSERT INTO cases (subject, unit, stage, due, open, state)
            SELECT subject, unit, stage, due, open, state FROM unnest(\(states.map(\.subject)),
                \(states.map(\.state.life.lead.text)), \(states.map(\.state.life.stage.rawValue)), \(states.map { $0.state.due(for: $0.state.life.lead) ?? DeskQueries.distantDue }),
                \(states.map { !$0.state.life.stage.isFinal }), \(try states.map { try StateCoding.encode($0.state) }))
                AS u(subject, unit, stage, due, open, state)
            ON CONFLICT (subject) DO UPDATE SET unit = excluded.unit, stage = excluded.stage, due = excluded.due, open = excluded.open,
                state = excluded.state
            """
        ]
        // Few cases have more than one unit; of those the parts are written anew.
        let shared = states.filter { $0.state.life.hasParts }
        if !shared.isEmpty {
            let parts = shared.flatMap { subject, state in state.life.parts.map { (subject, $0, state.due(for: $0)) } }
            statements.append("DELETE FROM parts WHERE subject = ANY(\(shared.map(\.subject)))")
            statements.append(
                """
                INSERT INTO parts (subject, unit, due)
                SELECT subject, unit, due FROM unnest(\(parts.map(\.0)), \(parts.map(\.1.text)), \(parts.map { $0.2 ?? DeskQueries.distantDue }))
                    AS u(subject, unit, due)
                """)
        }
        return statements
    }
}

extension CaseLife {
    /// Whether other units than the lead unit ever had a part in the case.
    fileprivate var hasParts: Bool { !coHandlers.isEmpty || !assistance.isEmpty || reviewer != nil }

    /// The units besides the lead unit that owe something in the case.
    fileprivate var parts: Set<UnitCode> {
        var units = Set(assistance.filter(\.isOpen).map(\.unit))
        if [.registered, .assigned, .accepted].contains(stage) { units.formUnion(awaited) }
        if stage == .underReview || stage == .underFinalReview, let reviewer { units.insert(reviewer) }
        // What the lead unit owes as helper outlasts the case.
        if !assistance.contains(where: { $0.isOpen && $0.unit == lead }) { units.remove(lead) }
        return units
    }
}
