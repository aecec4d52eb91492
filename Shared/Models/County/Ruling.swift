/// What the rules know of a case when they place it.
public struct RuleFacts: Sendable, Hashable {
    public var kind: CaseKind
    public var channel: Channel
    public var urgency: Urgency
    public var topic: TopicCode?
    /// Whether a model gave the topic: then the one that a rule names counts more.
    public var isTopicSuggested: Bool
    public var region: RegionCode?
    public var title: String
    public var narrative: String
    /// The local date of the registration; nil when it does not matter.
    public var registered: LocalDate?
    /// Whether it was raised at a session (下基层活动).
    public var isFromSession: Bool
    /// What is said of its petitioners.
    public var tags: [HouseholdTag]
    /// The case, by whose hash one of several units is picked; nil for none, which gets the first.
    public var subject: Subject?

    public init(
        kind: CaseKind, channel: Channel, urgency: Urgency = .ordinary, topic: TopicCode? = nil, region: RegionCode? = nil,
        title: String = "", narrative: String = "", registered: LocalDate? = nil, isTopicSuggested: Bool = false,
        isFromSession: Bool = false, tags: [HouseholdTag] = [], subject: Subject? = nil
    ) {
        self.kind = kind
        self.channel = channel
        self.urgency = urgency
        self.topic = topic
        self.isTopicSuggested = isTopicSuggested
        self.region = region
        self.title = title
        self.narrative = narrative
        self.registered = registered
        self.isFromSession = isFromSession
        self.tags = tags
        self.subject = subject
    }

    /// What is known of a case as it is registered, before anything is suggested.
    ///
    /// - Parameter day: The local date of the registration.
    public init(_ facts: CaseRegistered, of subject: Subject? = nil, on day: LocalDate? = nil) {
        self.init(
            kind: facts.kind, channel: facts.channel, urgency: facts.urgency, topic: facts.topic, region: facts.region, title: facts.title,
            narrative: facts.narrative, registered: day, isFromSession: facts.session != nil, tags: facts.tags ?? [], subject: subject)
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
    /// What the rule asks of other units; none where the rule did not decide.
    public let co: [RuleCoHandling]
    /// The rule that matched, but whose unit may not learn of the case.
    public let withheld: RuleCode?
    /// False when every unit that could take the case is accused in it, so that a higher level must.
    public let isImpartial: Bool
}
