/// What a petitioner thinks of an answer (满意度评价).
public enum Satisfaction: String, CaseIterable, Codable, JSONReadable, JSONWritable, Sendable, Hashable, Named {
    case satisfied
    case mostlySatisfied = "mostly-satisfied"
    case unsatisfied

    public var name: LocalizedText {
        switch self {
        case .satisfied: LocalizedText(zh: "满意", en: "satisfied")
        case .mostlySatisfied: LocalizedText(zh: "基本满意", en: "mostly satisfied")
        case .unsatisfied: LocalizedText(zh: "不满意", en: "unsatisfied")
        }
    }
}
