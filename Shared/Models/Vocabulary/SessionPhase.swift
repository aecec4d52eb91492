/// Where a session stands: from the plan to its end.
public enum SessionPhase: String, CaseIterable, Codable, Sendable, Hashable, Named {
    case planned, published, open, closed, cancelled

    public var name: LocalizedText {
        switch self {
        case .planned: LocalizedText(zh: "已计划", en: "planned")
        case .published: LocalizedText(zh: "已公示", en: "published")
        case .open: LocalizedText(zh: "进行中", en: "open")
        case .closed: LocalizedText(zh: "已结束", en: "closed")
        case .cancelled: LocalizedText(zh: "已取消", en: "cancelled")
        }
    }
}
