/// Where a case stands in its life; a petitioner sees its name.
public enum Stage: String, CaseIterable, Codable, JSONReadable, JSONWritable, Sendable, Hashable, Named {
    case registered, assigned, accepted
    case notAccepted = "not-accepted"
    case redirected, answered
    case underReview = "under-review"
    case underFinalReview = "under-final-review"
    case closed, terminated, merged, withdrawn

    public var name: LocalizedText {
        switch self {
        case .registered: LocalizedText(zh: "已登记", en: "registered")
        case .assigned: LocalizedText(zh: "已交办", en: "assigned")
        case .accepted: LocalizedText(zh: "已受理", en: "accepted")
        case .notAccepted: LocalizedText(zh: "不予受理", en: "not accepted")
        case .redirected: LocalizedText(zh: "已引导依法办理", en: "redirected to the lawful way")
        case .answered: LocalizedText(zh: "已答复", en: "answered")
        case .underReview: LocalizedText(zh: "复查中", en: "under review")
        case .underFinalReview: LocalizedText(zh: "复核中", en: "under final review")
        case .closed: LocalizedText(zh: "已办结", en: "closed")
        case .terminated: LocalizedText(zh: "信访终结", en: "terminated")
        case .merged: LocalizedText(zh: "已并案", en: "merged")
        case .withdrawn: LocalizedText(zh: "已撤回", en: "withdrawn")
        }
    }

    /// Whether nobody owes the petitioner a step any more, unless the case is reopened.
    public var isFinal: Bool {
        switch self {
        case .closed, .terminated, .merged, .withdrawn: true
        case .registered, .assigned, .accepted, .notAccepted, .redirected, .answered, .underReview, .underFinalReview: false
        }
    }

    /// Whether a unit owes the petitioner its next step, so that a clock must run; in the others the next word is the petitioner's, or the
    /// lawful way has been shown, or the case has come to its end.
    public var owesStep: Bool {
        switch self {
        case .registered, .assigned, .accepted, .underReview, .underFinalReview: true
        case .notAccepted, .redirected, .answered, .closed, .terminated, .merged, .withdrawn: false
        }
    }
}
