/// What a rule asks of a unit that helps the lead unit from the first day (协办).
public struct RuleCoHandling: Codable, Sendable, Hashable {
    /// The longest term that a co-handling unit is given, in working days.
    public static let mostWorkdays = 60
    /// The most characters of a task.
    public static let longestTask = 2000
    /// The most units that one rule asks.
    public static let mostUnits = 16

    public var unit: UnitCode
    /// What the unit is to do, as it reads it.
    public var task: String
    /// Its term, which the county sets; it is not compared with the lead unit's own.
    public var workdays: Int

    public init(unit: UnitCode, task: String, workdays: Int) {
        self.unit = unit
        self.task = task
        self.workdays = workdays
    }
}
