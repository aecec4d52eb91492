/// One line of the county's rules: when all its conditions hold, it says who is responsible.
public struct Rule: Codable, Sendable, Hashable {
    public var id: RuleCode
    /// Why the rule sends a case where it does; people read it.
    public var reason: LocalizedText
    public var when: RuleConditions
    public var then: RuleAction

    public init(id: RuleCode, reason: LocalizedText, when: RuleConditions, then: RuleAction) {
        self.id = id
        self.reason = reason
        self.when = when
        self.then = then
    }
}

/// The conditions of a rule; each list that is empty says nothing, the others must all hold.
public struct RuleConditions: Codable, Sendable, Hashable {
    public var kinds: [CaseKind]
    public var channels: [Channel]
    public var urgencies: [Urgency]
    /// The case's topic is one of these or lies below one of them.
    public var topics: [TopicCode]
    /// The case's region is one of these or lies below one of them.
    public var regions: [RegionCode]
    /// At least one of these words stands in the title.
    public var titleWords: [String]
    /// At least one of these words stands in the title or the narrative.
    public var anyWords: [String]
    /// Each of these words stands in the title or the narrative.
    public var allWords: [String]
    /// None of these words stands in the title or the narrative.
    public var noWords: [String]
    /// Whether it was raised at a session (下基层活动), or was not; nil says nothing.
    public var session: Bool?
    /// At least one of these is said of a petitioner; nil says nothing, and so does an empty list.
    public var tags: [HouseholdTag]?

    public init(
        kinds: [CaseKind] = [], channels: [Channel] = [], urgencies: [Urgency] = [], topics: [TopicCode] = [], regions: [RegionCode] = [],
        titleWords: [String] = [], anyWords: [String] = [], allWords: [String] = [], noWords: [String] = [], session: Bool? = nil,
        tags: [HouseholdTag]? = nil
    ) {
        self.kinds = kinds
        self.channels = channels
        self.urgencies = urgencies
        self.topics = topics
        self.regions = regions
        self.titleWords = titleWords
        self.anyWords = anyWords
        self.allWords = allWords
        self.noWords = noWords
        self.session = session
        self.tags = tags
    }

    /// Whether every case fulfils them.
    public var isCatchAll: Bool { self == RuleConditions() }
}

/// What a rule decides.
public struct RuleAction: Codable, Sendable, Hashable {
    public var lead: RuleLead
    /// Replaces the urgency that the case was registered with.
    public var urgency: Urgency?
    /// The rule pack, in place of the one that kind, channel, urgency and topic would choose.
    public var pack: RulePackCode?
    /// The topic of a case that was registered without one.
    public var topic: TopicCode?
    /// The units that help the lead unit; nil for none.
    public var co: [RuleCoHandling]?
    /// Whether only those who work on such a case may know of it, from its registration on (Articles 30 and 46); nil for no.
    ///
    /// It holds of every case that fulfils the conditions as it is registered, also when an earlier rule names the lead unit.
    public var confidential: Bool?

    public init(
        lead: RuleLead, urgency: Urgency? = nil, pack: RulePackCode? = nil, topic: TopicCode? = nil, co: [RuleCoHandling]? = nil,
        confidential: Bool? = nil
    ) {
        self.lead = lead
        self.urgency = urgency
        self.pack = pack
        self.topic = topic
        self.co = co
        self.confidential = confidential
    }
}
