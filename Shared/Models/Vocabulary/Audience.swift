/// Who must hear of a clock that runs out, relative to the case.
public enum Audience: String, CaseIterable, Codable, JSONReadable, JSONWritable, Sendable, Hashable, Named {
    case officer
    case unitHead = "unit-head"
    case dispatcher, supervisor, leader, petitioner

    public var name: LocalizedText {
        switch self {
        case .officer: LocalizedText(zh: "承办人", en: "officer")
        case .unitHead: LocalizedText(zh: "单位负责人", en: "unit's head")
        case .dispatcher: LocalizedText(zh: "交办员", en: "dispatcher")
        case .supervisor: LocalizedText(zh: "督办员", en: "supervisor")
        case .leader: LocalizedText(zh: "县领导", en: "county leader")
        case .petitioner: LocalizedText(zh: "信访人", en: "petitioner")
        }
    }
}
