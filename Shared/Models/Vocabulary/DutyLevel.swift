/// Whose leader somebody is: it decides how often they owe a day at the grassroots.
public enum DutyLevel: String, CaseIterable, Codable, Sendable, Hashable, Named {
    case county, township

    public var name: LocalizedText {
        switch self {
        case .county: LocalizedText(zh: "县级领导", en: "county leader")
        case .township: LocalizedText(zh: "乡镇领导", en: "township leader")
        }
    }
}
