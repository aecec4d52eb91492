/// What a date is in the county's calendar.
public enum DayKind: String, CaseIterable, Codable, Sendable, Hashable, Named {
    case working, weekend, holiday
    case makeUp = "make-up"
    case localOff = "local-off"
    case localWorking = "local-working"

    public var isWorking: Bool {
        switch self {
        case .working, .makeUp, .localWorking: true
        case .weekend, .holiday, .localOff: false
        }
    }

    public var name: LocalizedText {
        switch self {
        case .working: LocalizedText(zh: "工作日", en: "working day")
        case .weekend: LocalizedText(zh: "周末", en: "weekend")
        case .holiday: LocalizedText(zh: "节假日", en: "holiday")
        case .makeUp: LocalizedText(zh: "调休上班", en: "make-up working day")
        case .localOff: LocalizedText(zh: "本县放假", en: "local day off")
        case .localWorking: LocalizedText(zh: "本县上班", en: "local working day")
        }
    }
}

/// A date with what the county's calendar knows of it.
public struct CalendarDay: Sendable, Hashable {
    public let date: LocalDate
    public let kind: DayKind
    /// The holiday's name or the overlay's reason; nil for plain working days and weekends.
    public let label: LocalizedText?
    /// Whether the notice for this date's year is not out yet.
    public let isProvisional: Bool

    /// What the day is and why, in a few words.
    public var reason: LocalizedText {
        guard let label else { return kind.name }
        return LocalizedText(zh: "\(kind.name.zh)：\(label.zh)", en: "\(kind.name.en): \(label.en)")
    }
}
