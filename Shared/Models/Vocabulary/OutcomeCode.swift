/// How a case ended (办理结果); none closes without one.
public enum OutcomeCode: String, CaseIterable, Codable, JSONReadable, JSONWritable, Sendable, Hashable, Named {
    case settledOnTheSpot = "settled-on-the-spot"
    case solved
    case partlySolved = "partly-solved"
    case planned
    case explained, redirected
    case notSupported = "not-supported"
    case withdrawn

    public var name: LocalizedText {
        switch self {
        case .settledOnTheSpot: LocalizedText(zh: "当场解决", en: "settled on the spot")
        case .solved: LocalizedText(zh: "已解决", en: "solved")
        case .partlySolved: LocalizedText(zh: "部分解决", en: "partly solved")
        case .planned: LocalizedText(zh: "列入计划", en: "planned, with a date")
        case .explained: LocalizedText(zh: "解释疏导", en: "explained")
        case .redirected: LocalizedText(zh: "引导依法办理", en: "redirected to the lawful way")
        case .notSupported: LocalizedText(zh: "不予支持", en: "not supported")
        case .withdrawn: LocalizedText(zh: "信访人撤回", en: "withdrawn by the petitioner")
        }
    }
}

/// What an answer says to the petitioner's claim (Article 32).
public enum Opinion: String, CaseIterable, Codable, JSONReadable, JSONWritable, Sendable, Hashable, Named {
    case support, explain
    case notSupport = "not-support"

    public var name: LocalizedText {
        switch self {
        case .support: LocalizedText(zh: "予以支持", en: "supported")
        case .explain: LocalizedText(zh: "解释说明", en: "explained")
        case .notSupport: LocalizedText(zh: "不予支持", en: "not supported")
        }
    }
}
