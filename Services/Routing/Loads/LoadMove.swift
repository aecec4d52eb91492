import Models

/// Something that a unit did with a case, as it is counted: without the case.
public struct LoadMove: Sendable, Hashable {
    public enum Kind: String, CaseIterable, Sendable {
        /// The unit took the case on (Article 22).
        case accepted
        /// The case came to the unit from another (转办).
        case received
        /// The case left the unit for another (退回).
        case given
    }

    public var unit: UnitCode
    public var at: Instant
    public var kind: Kind
    /// Of an acceptance: how long after the assignment, in whole seconds; nil otherwise.
    public var seconds: Int64?

    public init(unit: UnitCode, at: Instant, kind: Kind, seconds: Int64? = nil) {
        self.unit = unit
        self.at = at
        self.kind = kind
        self.seconds = seconds
    }
}

extension LoadMove {
    /// What an event of routing counts for; nothing of a confidential case, since counts would tell that there is one.
    ///
    /// - Parameter state: What was known of the case before the event.
    static func of(_ event: CaseEvent, _ state: RoutingState) throws(EventError) -> [LoadMove] {
        guard event.source == .routing, !state.life.isConfidential else { return [] }
        switch event.type {
        case CaseAccepted.type:
            let waited = state.assignment.map { max(0, (event.time.microseconds - $0.at.microseconds) / 1_000_000) }
            return [LoadMove(unit: state.life.lead, at: event.time, kind: .accepted, seconds: waited)]
        case CaseAssigned.type:
            let facts = try event.facts(CaseAssigned.self)
            guard let former = facts.previous, former != facts.unit, facts.handOffs > state.life.handOffs else { return [] }
            return [
                LoadMove(unit: former, at: event.time, kind: .given), LoadMove(unit: facts.unit, at: event.time, kind: .received),
            ]
        default: return []
        }
    }
}
