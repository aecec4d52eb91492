/// What a term is counted in.
public enum TermUnit: String, CaseIterable, Codable, JSONReadable, JSONWritable, Sendable, Hashable, Named {
    /// Calendar days; due at the local end of the last one.
    case day
    /// Working days by the county's calendar; due at the local end of the last one.
    case workday
    /// Hours of any day and night; due to the microsecond.
    case hour
    /// Hours within the county's working hours; due to the microsecond.
    case workhour

    /// The longest term in this unit that a county may set: ten years.
    public var longest: Int {
        switch self {
        case .day, .workday: 3650
        case .hour, .workhour: 87_600
        }
    }

    public var name: LocalizedText {
        switch self {
        case .day: LocalizedText(zh: "日", en: "days")
        case .workday: LocalizedText(zh: "个工作日", en: "working days")
        case .hour: LocalizedText(zh: "小时", en: "hours")
        case .workhour: LocalizedText(zh: "个工作小时", en: "working hours")
        }
    }
}

/// How long something may take: 60 days, 5 working days, 2 hours.
public struct Term: Codable, Sendable, Hashable {
    public var count: Int
    public var unit: TermUnit

    public init(_ count: Int, _ unit: TermUnit) {
        self.count = count
        self.unit = unit
    }

    public var name: LocalizedText {
        LocalizedText(
            zh: "\(count)\(unit.name.zh)", en: "\(count) \(count == 1 ? String(unit.name.en.dropLast()) : unit.name.en)")
    }
}

/// What happens when the last day of a term is no working day.
public enum DueRoll: String, CaseIterable, Codable, JSONReadable, JSONWritable, Sendable, Hashable {
    /// It stays: the strict reading.
    case none
    /// The next working day takes its place.
    case nextWorkday = "next-workday"
}

// As the members are declared; what is missing where nothing may be is refused.

extension Term: JSONRecord {
    public init(members: inout JSONMembers) throws {
        count = try members.read("count")
        unit = try members.read("unit")
    }

    public func write(members: inout JSONText) {
        members.write("count", count)
        members.write("unit", unit)
    }
}
