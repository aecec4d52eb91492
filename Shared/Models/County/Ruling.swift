/// What the rules know of a case when they place it.
public struct RuleFacts: Sendable, Hashable {
    public var kind: CaseKind
    public var channel: Channel
    public var urgency: Urgency
    public var topic: TopicCode?
    public var region: RegionCode?
    public var title: String
    public var narrative: String
    /// The local date of the registration; nil when it does not matter.
    public var registered: LocalDate?

    public init(
        kind: CaseKind, channel: Channel, urgency: Urgency = .ordinary, topic: TopicCode? = nil, region: RegionCode? = nil,
        title: String = "", narrative: String = "", registered: LocalDate? = nil
    ) {
        self.kind = kind
        self.channel = channel
        self.urgency = urgency
        self.topic = topic
        self.region = region
        self.title = title
        self.narrative = narrative
        self.registered = registered
    }
}

/// Who is responsible for a case, and why.
public struct Ruling: Sendable, Hashable {
    public let unit: UnitCode
    /// The rule that decided; nil when none matched and the dispatch desk has to.
    public let rule: RuleCode?
    public let reason: LocalizedText
    /// The words of the rule that stand in the case.
    public let words: [String]
    /// The urgency that the case has from now on.
    public let urgency: Urgency
    /// The topic that the case has from now on.
    public let topic: TopicCode?
    public let pack: RulePackCode
    /// The rule that matched, but whose unit may not learn of the case.
    public let withheld: RuleCode?
    /// False when every unit that could take the case is accused in it, so that a higher level must.
    public let isImpartial: Bool
}
