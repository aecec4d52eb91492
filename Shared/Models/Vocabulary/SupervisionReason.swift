/// Why a case is supervised (督办; Articles 38 to 40).
public enum SupervisionReason: String, CaseIterable, Codable, Sendable, Hashable, Named {
    /// Units push it from one to the other, or do nothing.
    case pushedAway = "pushed-away"
    /// The answer does not deal with what was asked.
    case perfunctory
    /// The opinion of the answer is not carried out.
    case notCarriedOut = "not-carried-out"
    case overdue
    case other

    public var name: LocalizedText {
        switch self {
        case .pushedAway: LocalizedText(zh: "推诿、敷衍、拖延", en: "pushed away or left lying")
        case .perfunctory: LocalizedText(zh: "办理敷衍", en: "answered perfunctorily")
        case .notCarriedOut: LocalizedText(zh: "处理意见未执行", en: "the opinion is not carried out")
        case .overdue: LocalizedText(zh: "超期未办结", en: "overdue")
        case .other: LocalizedText(zh: "其他", en: "another reason")
        }
    }
}
