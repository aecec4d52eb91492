/// How many days at the grassroots the leaders of one level owe (下基层值班): the county decides it, and has a rule for each level.
public struct DutyRule: Codable, Sendable, Hashable {
    /// What the days are counted by.
    public enum Period: String, CaseIterable, Codable, Sendable, Hashable {
        /// From Monday to Sunday; a week belongs to the month in which its Thursday lies.
        case week
        case month
    }

    public var level: DutyLevel
    /// Days owed in each period.
    public var days: Int
    public var per: Period
    /// The kinds of session that count; nil for all at which the leader is there in person.
    public var kinds: [SessionKind]?

    public init(level: DutyLevel, days: Int, per: Period, kinds: [SessionKind]? = nil) {
        self.level = level
        self.days = days
        self.per = per
        self.kinds = kinds
    }

    /// Whether a session of this kind is a day of duty.
    public func counts(_ kind: SessionKind) -> Bool { kinds?.contains(kind) ?? kind.isInPerson }

    /// The most days that a period has.
    public static func mostDays(per period: Period) -> Int { period == .week ? 7 : 28 }

    /// What holds where a county says nothing: county leaders one day a month, township leaders one a week.
    public static let standard = [DutyRule(level: .county, days: 1, per: .month), DutyRule(level: .township, days: 1, per: .week)]
}
