/// A unit is accountable for the case from now on (Articles 22 and 23).
public struct CaseAssigned: EventFacts {
    public static var type: String { "case.assigned" }

    /// The lead unit (主办单位).
    public var unit: UnitCode
    /// The rule that named it; nil when none matched and the dispatch desk keeps the case.
    public var rule: RuleCode?
    public var reason: LocalizedText
    /// The topic after the rules; nil when nobody has named one.
    public var topic: TopicCode?
    /// The urgency after the rules.
    public var urgency: Urgency
    /// The rule pack (办理规则) whose clocks run for the case.
    public var pack: RulePackCode
    /// The unit that had the case before; nil at the first assignment.
    public var previous: UnitCode?
    /// How often the case has changed hands.
    public var handOffs: Int
    /// Who decided it; nil when the rules did.
    public var by: ActingPerson?
    /// The place that the text of a case names which was registered without one; nil else.
    public var place: PlaceFinder.Finding?
    /// What a topic model made of it; nil when none was asked.
    public var suggested: TopicFinding?

    public init(
        unit: UnitCode, rule: RuleCode?, reason: LocalizedText, topic: TopicCode?, urgency: Urgency, pack: RulePackCode,
        previous: UnitCode?, handOffs: Int, by: ActingPerson? = nil, place: PlaceFinder.Finding? = nil, suggested: TopicFinding? = nil
    ) {
        self.unit = unit
        self.rule = rule
        self.reason = reason
        self.topic = topic
        self.urgency = urgency
        self.pack = pack
        self.previous = previous
        self.handOffs = handOffs
        self.by = by
        self.place = place
        self.suggested = suggested
    }
}

// As the members are declared; what is missing where nothing may be is refused.

extension CaseAssigned: JSONRecord {
    public init(members: inout JSONMembers) throws {
        unit = try members.read("unit")
        rule = try members.readIfPresent("rule")
        reason = try members.read("reason")
        topic = try members.readIfPresent("topic")
        urgency = try members.read("urgency")
        pack = try members.read("pack")
        previous = try members.readIfPresent("previous")
        handOffs = try members.read("handOffs")
        by = try members.readIfPresent("by")
        place = try members.readIfPresent("place")
        suggested = try members.readIfPresent("suggested")
    }

    public func write(members: inout JSONText) {
        members.write("unit", unit)
        members.writeIfPresent("rule", rule)
        members.write("reason", reason)
        members.writeIfPresent("topic", topic)
        members.write("urgency", urgency)
        members.write("pack", pack)
        members.writeIfPresent("previous", previous)
        members.write("handOffs", handOffs)
        members.writeIfPresent("by", by)
        members.writeIfPresent("place", place)
        members.writeIfPresent("suggested", suggested)
    }
}
