/// What a petitioner wants (Articles 29 to 31 of the Regulation), and two kinds that hotlines know.
public enum CaseKind: String, CaseIterable, Codable, JSONReadable, JSONWritable, Sendable, Hashable, Named {
    case suggestion, accusation, claim, inquiry, help

    public var name: LocalizedText {
        switch self {
        case .suggestion: LocalizedText(zh: "建议意见", en: "suggestion")
        case .accusation: LocalizedText(zh: "检举控告", en: "accusation")
        case .claim: LocalizedText(zh: "申诉求决", en: "claim")
        case .inquiry: LocalizedText(zh: "咨询", en: "inquiry")
        case .help: LocalizedText(zh: "求助", en: "request for help")
        }
    }
}
