/// How fast a case must be moved: `emergency` notices go out at any hour and cannot be muted (Article 25).
public enum Urgency: String, CaseIterable, Codable, JSONReadable, JSONWritable, Sendable, Hashable, Comparable, Named {
    case ordinary, urgent, emergency

    public var name: LocalizedText {
        switch self {
        case .ordinary: LocalizedText(zh: "普通", en: "ordinary")
        case .urgent: LocalizedText(zh: "紧急", en: "urgent")
        case .emergency: LocalizedText(zh: "特急", en: "emergency")
        }
    }

    public static func < (left: Urgency, right: Urgency) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .ordinary: 0
        case .urgent: 1
        case .emergency: 2
        }
    }
}
