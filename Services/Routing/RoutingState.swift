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
        /// The event in routing's stream that states it; nil in states of before.
        public var sequence: Int64?
        /// What a topic model made of the text, and the place that it names; nil when neither was looked for or found.
        public var suggested: TopicFinding?
        public var place: PlaceFinder.Finding?
        /// Whether somebody gave it another topic than it had; nil for nobody.
        ///
        /// The next model learns from it.
        public var corrected: Bool?
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

    /// Changes one of the clocks that run, as `event` of deadline says.
    mutating func change(_ clock: ClockName, _ serial: Int, by event: CaseEvent, _ body: (inout RunningClock) -> Void) {
        for index in clocks.indices where clocks[index].name == clock && clocks[index].serial == serial {
            body(&clocks[index])
            if clock == .objection { endObjections(at: clocks[index].due, by: event) }
        }
    }

    /// Takes in until when the lead unit may object, unless deadline did not know yet that the case has another lead unit.
    mutating func endObjections(at end: Instant, by event: CaseEvent) {
        if event.after[.routing] >= assignment?.sequence ?? 0 { objectionEnd = end }
    }

    /// Whether the petitioner may still ask for a review.
    public func windowIsOpen(at now: Instant) -> Bool {
        clocks.contains { ($0.name == .reviewWindow || $0.name == .finalWindow) && $0.due >= now }
    }
}

/// What routing stores besides its state.
public enum RoutingEffect: Sendable, Hashable {
    /// Something that a unit did, to be counted.
    case move(LoadMove)
    /// What a case is about, to find others like it.
    case matter(Matter)
}

// As the members are declared; what is missing where nothing may be is refused.

extension RoutingState: JSONRecord {
    public init(members: inout JSONMembers) throws {
        number = try members.read("number")
        title = try members.read("title")
        channel = try members.read("channel")
        region = try members.readIfPresent("region")
        registered = try members.read("registered")
        county = try members.read("county")
        life = try members.read("life")
        assignment = try members.readIfPresent("assignment")
        clocks = try members.read("clocks")
        objectionEnd = try members.readIfPresent("objectionEnd")
        wentBack = try members.readIfPresent("wentBack")
    }

    public func write(members: inout JSONText) {
        members.write("number", number)
        members.write("title", title)
        members.write("channel", channel)
        members.writeIfPresent("region", region)
        members.write("registered", registered)
        members.write("county", county)
        members.write("life", life)
        members.writeIfPresent("assignment", assignment)
        members.write("clocks", clocks)
        members.writeIfPresent("objectionEnd", objectionEnd)
        members.writeIfPresent("wentBack", wentBack)
    }
}

extension RoutingState.Assignment: JSONRecord {
    public init(members: inout JSONMembers) throws {
        rule = try members.readIfPresent("rule")
        reason = try members.read("reason")
        topic = try members.readIfPresent("topic")
        urgency = try members.read("urgency")
        pack = try members.read("pack")
        at = try members.read("at")
        sequence = try members.readIfPresent("sequence")
        suggested = try members.readIfPresent("suggested")
        place = try members.readIfPresent("place")
        corrected = try members.readIfPresent("corrected")
    }

    public func write(members: inout JSONText) {
        members.writeIfPresent("rule", rule)
        members.write("reason", reason)
        members.writeIfPresent("topic", topic)
        members.write("urgency", urgency)
        members.write("pack", pack)
        members.write("at", at)
        members.writeIfPresent("sequence", sequence)
        members.writeIfPresent("suggested", suggested)
        members.writeIfPresent("place", place)
        members.writeIfPresent("corrected", corrected)
    }
}

extension RoutingState.RunningClock: JSONRecord {
    public init(members: inout JSONMembers) throws {
        name = try members.read("name")
        serial = try members.read("serial")
        due = try members.read("due")
        isRight = try members.read("isRight")
        unit = try members.readIfPresent("unit")
        isPaused = try members.readIfPresent("isPaused")
    }

    public func write(members: inout JSONText) {
        members.write("name", name)
        members.write("serial", serial)
        members.write("due", due)
        members.write("isRight", isRight)
        members.writeIfPresent("unit", unit)
        members.writeIfPresent("isPaused", isPaused)
    }
}
