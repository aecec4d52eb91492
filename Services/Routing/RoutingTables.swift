import CaseFlow
import Models
import Postgres

/// Routing's tables: `cases`, `parts`, `unit_moves` and `matters`.
public struct RoutingTables: CaseTables {
    public typealias State = RoutingState
    public typealias Effect = RoutingEffect

    public init() {}

    public func selection(of subjects: [Subject]) -> SQL { "SELECT subject, state FROM cases WHERE subject = ANY(\(subjects))" }

    public func state(from row: PostgresRow) throws -> State { try StateCoding.decode(row.value(1)) }

    public func county(of state: State) -> String { state.county }

    public func statements(
        saving states: [(subject: Subject, state: State)], _ rows: StateRows, effects: [RoutingEffect]
    ) throws -> [SQL] {
        let matters = MatterRows.statements(
            adding: effects.compactMap { if case .matter(let matter) = $0 { matter } else { nil } })
        if states.isEmpty { return matters + Self.moves(effects) }
        let columns = ["unit", "stage", "due", "open", "secret", "state"]
        var statements: [SQL] =
            matters + [
                """
                \(unsafe: rows.beginning("cases", columns))
                FROM unnest(\(states.map(\.subject)),
                    \(states.map(\.state.life.lead.text)), \(states.map(\.state.life.stage.rawValue)), \(states.map { $0.state.due(for: $0.state.life.lead) ?? DeskQueries.distantDue }),
                    \(states.map { !$0.state.life.stage.isFinal }), \(states.map(\.state.life.isConfidential)), \(try states.map { try StateCoding.encode($0.state) }))
                    AS u(subject, unit, stage, due, open, secret, state)
                \(unsafe: rows.end("cases", columns))
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
        return statements + Self.moves(effects)
    }

    /// One statement for all that units did.
    private static func moves(_ effects: [RoutingEffect]) -> [SQL] {
        let moves = effects.compactMap { if case .move(let move) = $0 { move } else { nil } }
        if moves.isEmpty { return [] }
        return [
            """
            INSERT INTO unit_moves (unit, at, kind, seconds)
            SELECT unit, at, kind, seconds FROM unnest(\(moves.map(\.unit.text)), \(moves.map(\.at)), \(moves.map(\.kind.rawValue)),
                \(moves.map(\.seconds))) AS u(unit, at, kind, seconds)
            """
        ]
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
