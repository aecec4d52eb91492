/// As what somebody acts on a case.
public enum Role: String, CaseIterable, Codable, JSONReadable, JSONWritable, Sendable, Hashable, Named {
    /// With the number and the query code of a receipt.
    case petitioner
    case clerk, dispatcher, officer
    case unitHead = "unit-head"
    case supervisor, leader, auditor, administrator
    /// A department's own system.
    case subscriber

    public var name: LocalizedText {
        switch self {
        case .petitioner: LocalizedText(zh: "信访人", en: "petitioner")
        case .clerk: LocalizedText(zh: "登记员", en: "clerk")
        case .dispatcher: LocalizedText(zh: "交办员", en: "dispatcher")
        case .officer: LocalizedText(zh: "承办人", en: "officer")
        case .unitHead: LocalizedText(zh: "单位负责人", en: "unit's head")
        case .supervisor: LocalizedText(zh: "督办员", en: "supervisor")
        case .leader: LocalizedText(zh: "领导", en: "leader")
        case .auditor: LocalizedText(zh: "审计员", en: "auditor")
        case .administrator: LocalizedText(zh: "管理员", en: "administrator")
        case .subscriber: LocalizedText(zh: "订阅系统", en: "subscriber")
        }
    }
}
