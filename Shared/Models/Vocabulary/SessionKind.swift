/// What leaders and officers go to the grassroots for (四下基层).
public enum SessionKind: String, CaseIterable, Codable, Sendable, Hashable, Named {
    case policyBriefing = "policy-briefing"
    case visit, forum, survey
    case suggestionBox = "suggestion-box"
    case reception
    case onSiteOffice = "on-site-office"

    public var name: LocalizedText {
        switch self {
        case .policyBriefing: LocalizedText(zh: "政策宣讲", en: "policy briefing")
        case .visit: LocalizedText(zh: "走访调研", en: "visit")
        case .forum: LocalizedText(zh: "座谈会", en: "forum")
        case .survey: LocalizedText(zh: "问卷调查", en: "survey")
        case .suggestionBox: LocalizedText(zh: "意见箱", en: "suggestion box")
        case .reception: LocalizedText(zh: "领导接访", en: "leader's reception")
        case .onSiteOffice: LocalizedText(zh: "现场办公", en: "on-site office")
        }
    }

    /// The channel of a case that is heard at such a session, unless somebody says otherwise.
    public var channel: Channel {
        switch self {
        case .policyBriefing, .onSiteOffice: .onSite
        case .visit: .householdVisit
        case .forum: .forum
        case .survey: .survey
        case .suggestionBox: .suggestionBox
        case .reception: .reception
        }
    }

    /// Whether the leader is there in person: a questionnaire and a box stand for themselves and are nobody's day of duty.
    public var isInPerson: Bool {
        switch self {
        case .policyBriefing, .visit, .forum, .reception, .onSiteOffice: true
        case .survey, .suggestionBox: false
        }
    }
}
