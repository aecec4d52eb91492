/// The door that a case came through (来源).
public enum Channel: String, CaseIterable, Codable, JSONReadable, JSONWritable, Sendable, Hashable, Named {
    case letter, visit, reception
    case onSite = "on-site"
    case householdVisit = "household-visit"
    case forum, survey
    case suggestionBox = "suggestion-box"
    case hotline, web
    case higherLevel = "higher-level"
    case grid

    public var name: LocalizedText {
        switch self {
        case .letter: LocalizedText(zh: "来信", en: "letter")
        case .visit: LocalizedText(zh: "来访", en: "visit to the office")
        case .reception: LocalizedText(zh: "领导接访", en: "leader's reception day")
        case .onSite: LocalizedText(zh: "现场办公", en: "on-site office")
        case .householdVisit: LocalizedText(zh: "走访入户", en: "household visit")
        case .forum: LocalizedText(zh: "座谈会", en: "forum")
        case .survey: LocalizedText(zh: "问卷调查", en: "survey")
        case .suggestionBox: LocalizedText(zh: "意见箱", en: "suggestion box")
        case .hotline: LocalizedText(zh: "热线电话", en: "hotline")
        case .web: LocalizedText(zh: "网上信访", en: "web")
        case .higherLevel: LocalizedText(zh: "上级交办", en: "handed down by a higher level")
        case .grid: LocalizedText(zh: "网格上报", en: "grid worker")
        }
    }
}
