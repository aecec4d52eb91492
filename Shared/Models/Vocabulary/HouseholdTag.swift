/// Why a household is on the list of those that are visited (走访对象).
public enum HouseholdTag: String, CaseIterable, Codable, JSONReadable, JSONWritable, Sendable, Hashable, Named {
    case needy
    case oldPartyMember = "old-party-member"
    case returnedEntrepreneur = "returned-entrepreneur"
    case livingAlone = "living-alone"
    case leftBehind = "left-behind"
    case disabled, veteran
    /// Agreed on as a place to come back to (联系点).
    case contactPoint = "contact-point"

    public var name: LocalizedText {
        switch self {
        case .needy: LocalizedText(zh: "困难群众", en: "in need")
        case .oldPartyMember: LocalizedText(zh: "老党员", en: "old Party member")
        case .returnedEntrepreneur: LocalizedText(zh: "返乡创业人员", en: "returned entrepreneur")
        case .livingAlone: LocalizedText(zh: "独居老人", en: "elderly and living alone")
        case .leftBehind: LocalizedText(zh: "留守家庭", en: "left behind by migrant workers")
        case .disabled: LocalizedText(zh: "残疾人家庭", en: "with a disabled member")
        case .veteran: LocalizedText(zh: "退役军人家庭", en: "veteran")
        case .contactPoint: LocalizedText(zh: "联系户", en: "contact household")
        }
    }
}
