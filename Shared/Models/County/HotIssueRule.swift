/// When many similar cases become a hot issue (热点问题), and what makes one hotter than another.
public struct HotIssueRule: Codable, Sendable, Hashable {
    /// How many days back cases count, from 7 to 400.
    public var days: Int
    /// How many cases an issue has at least, from 2.
    public var least: Int
    /// What a case, a person, a case of growth and a like count, in hundredths, from 0 to 100,000.
    public var cases: Int
    public var people: Int
    public var growth: Int
    public var likes: Int
    /// The index, in hundredths, from which leaders and the units concerned are told.
    public var alarm: Int

    public init(days: Int, least: Int, cases: Int, people: Int, growth: Int, likes: Int, alarm: Int) {
        self.days = days
        self.least = least
        self.cases = cases
        self.people = people
        self.growth = growth
        self.likes = likes
        self.alarm = alarm
    }

    /// What holds in a county that says nothing of it.
    public static let standard = HotIssueRule(days: 90, least: 3, cases: 100, people: 200, growth: 100, likes: 2, alarm: 2_000)

    /// How hot an index is in steps of a quarter: 0 below the alarm, 1 from it on, 2 from a quarter above it.
    public func level(of index: Int) -> Int {
        guard alarm > 0, index >= alarm else { return 0 }
        var (level, next) = (1, alarm + max(1, alarm / 4))
        while index >= next, level < 100 { (level, next) = (level + 1, next + max(1, next / 4)) }
        return level
    }
}

extension HotIssueRule {
    /// Whether every number lies within its bounds.
    var isWithinLimits: Bool {
        (7...400).contains(days) && (2...1_000).contains(least) && (0...100_000_000).contains(alarm)
            && [cases, people, growth, likes].allSatisfy { (0...100_000).contains($0) }
    }
}
