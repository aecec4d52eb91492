import Models

/// What routing remembers of one case: who has it and why, where it stands, and what runs out when.
public struct RoutingState: Equatable, Sendable, Codable {
    public var number: String
    public var title: String
    public var channel: Channel
    public var region: RegionCode?
    public var registered: Instant
    /// The county version the case began under.
    public var county: String
    public var life: CaseLife
    /// Nil between the registration and the first assignment.
    public var assignment: Assignment?
    /// The clocks that run, in the order in which they started.
    public var clocks: [RunningClock] = []
    /// The end of the time in which the lead unit may object (Article 23), also when it has passed; nil when no such clock ever ran.
    public var objectionEnd: Instant?
    /// Whether it went back to its unit because the petitioner was not satisfied, which happens once; nil while it never did.
    public var wentBack: Bool?

    /// The last assignment: to whom the life says, and why here.
    public struct Assignment: Equatable, Sendable, Codable {
        public var rule: RuleCode?
        public var reason: LocalizedText
        public var topic: TopicCode?
        public var urgency: Urgency
        public var pack: RulePackCode
        public var at: Instant
    }

    /// A clock that deadline runs for the case.
    public struct RunningClock: Equatable, Sendable, Codable {
        public var name: ClockName
        public var serial: Int
        public var due: Instant
        /// Reaching its end only ends a right, so it is no date to work by.
        public var isRight: Bool
        /// The co-handling unit, or the unit of an assistance task, that it runs for.
        public var unit: UnitCode?
        /// Whether it stands still; nil while it never did.
        public var isPaused: Bool?
    }

    /// The next date that the case must be worked on by.
    public var due: Instant? { clocks.lazy.filter { !$0.isRight && $0.unit == nil && $0.isPaused != true }.map(\.due).min() }

    /// The next date that a unit which has a part in the case must work by: its own clock's, or the case's.
    ///
    /// Who leads the case, or reviews its answer, owes by the case's dates besides.
    public func due(for unit: UnitCode) -> Instant? {
        let own = clocks.lazy.filter { $0.unit == unit && $0.isPaused != true }.map(\.due).min()
        guard let own, unit == life.lead || unit == life.reviewer else { return own ?? due }
        return life.stage.isFinal ? own : min(own, due ?? own)
    }

    /// Changes one of the clocks that run.
    mutating func change(_ clock: ClockName, _ serial: Int, _ body: (inout RunningClock) -> Void) {
        for index in clocks.indices where clocks[index].name == clock && clocks[index].serial == serial {
            body(&clocks[index])
            if clock == .objection { objectionEnd = clocks[index].due }
        }
    }

    /// Whether the petitioner may still ask for a review.
    public func windowIsOpen(at now: Instant) -> Bool {
        clocks.contains { ($0.name == .reviewWindow || $0.name == .finalWindow) && $0.due >= now }
    }
}

/// Routing stores nothing besides its state yet.
public enum RoutingEffect: Sendable, Hashable {}
