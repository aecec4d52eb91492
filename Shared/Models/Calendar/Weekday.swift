/// A day of the week, from Monday, as ISO 8601 numbers them.
public enum Weekday: Int, CaseIterable, Codable, Sendable, Hashable, Named {
    case monday = 1, tuesday, wednesday, thursday, friday, saturday, sunday

    /// The weekday of a day counted from 1970-01-01, which was a Thursday.
    init(dayNumber: Int) {
        self =
            switch Int(Instant.floorDivide(Int64(dayNumber) + 3, 7).1) {
            case 0: .monday
            case 1: .tuesday
            case 2: .wednesday
            case 3: .thursday
            case 4: .friday
            case 5: .saturday
            default: .sunday
            }
    }

    public var isWeekend: Bool { self == .saturday || self == .sunday }

    public var name: LocalizedText {
        switch self {
        case .monday: LocalizedText(zh: "星期一", en: "Monday")
        case .tuesday: LocalizedText(zh: "星期二", en: "Tuesday")
        case .wednesday: LocalizedText(zh: "星期三", en: "Wednesday")
        case .thursday: LocalizedText(zh: "星期四", en: "Thursday")
        case .friday: LocalizedText(zh: "星期五", en: "Friday")
        case .saturday: LocalizedText(zh: "星期六", en: "Saturday")
        case .sunday: LocalizedText(zh: "星期日", en: "Sunday")
        }
    }
}
