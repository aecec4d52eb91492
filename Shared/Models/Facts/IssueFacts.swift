/// Many have written of one thing, and it grows (热点问题).
///
/// Routing states it; its subject is the issue.
///
/// Confidential cases are in no issue (Articles 30 and 46), so nothing of it tells of one.
public struct IssueHeating: EventFacts {
    public static var type: String { "issue.heating" }

    /// The title of the case that is most like the others.
    public var title: String
    /// The topic and the place that most of its cases have; nil when they have none.
    public var topic: TopicCode?
    public var region: RegionCode?
    /// The kind that most of its cases have.
    public var kind: CaseKind
    /// The unit that most of its open cases have.
    public var unit: UnitCode
    /// All units that have open cases of it, the one with the most first.
    public var units: [UnitCode]
    public var heat: IssueHeat
    /// How hot it is in steps of a quarter, from 1 at the county's alarm on; each step is told once.
    public var level: Int
    /// When the first of its cases was registered.
    public var since: Instant
    /// Some of its cases, the latest first.
    public var cases: [CaseID]

    public init(
        title: String, topic: TopicCode?, region: RegionCode?, kind: CaseKind, unit: UnitCode, units: [UnitCode], heat: IssueHeat,
        level: Int, since: Instant, cases: [CaseID]
    ) {
        self.title = title
        self.topic = topic
        self.region = region
        self.kind = kind
        self.unit = unit
        self.units = units
        self.heat = heat
        self.level = level
        self.since = since
        self.cases = cases
    }
}

/// How hot an issue is (热度指数), and what makes it so.
public struct IssueHeat: Codable, Sendable, Hashable {
    /// How many cases of it were registered within the county's window.
    public var cases: Int
    /// How many people wrote them; each nameless case counts as one.
    public var people: Int
    /// How many more cases came in the last seven days than in a week of the window on average; never below 0.
    public var growth: Int
    /// How many have joined its cases with a like.
    public var likes: Int
    /// These four by the county's weights, in hundredths.
    public var index: Int

    /// As it was reckoned before.
    public init(cases: Int, people: Int, growth: Int, likes: Int, index: Int) {
        (self.cases, self.people, self.growth, self.likes, self.index) = (cases, people, growth, likes, index)
    }

    public init(cases: Int, people: Int, growth: Int, likes: Int, weights: HotIssueRule) {
        (self.cases, self.people, self.growth, self.likes) = (cases, people, growth, likes)
        index = cases * weights.cases + people * weights.people + growth * weights.growth + likes * weights.likes
    }
}
