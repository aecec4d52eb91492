/// What sort of body a unit is; any of them can lead or co-handle a case.
public enum UnitKind: String, CaseIterable, Codable, Sendable, Hashable, Named {
    case county, bureau, township, village
    case socialOrganisation = "social-organisation"
    case volunteerTeam = "volunteer-team"
    case desk
    /// An authority above the county, which reviews what the county has reviewed (Article 36).
    case higherLevel = "higher-level"

    public var name: LocalizedText {
        switch self {
        case .county: LocalizedText(zh: "县", en: "county")
        case .bureau: LocalizedText(zh: "县直部门", en: "bureau")
        case .township: LocalizedText(zh: "乡镇（街道）", en: "township")
        case .village: LocalizedText(zh: "村（社区）", en: "village")
        case .socialOrganisation: LocalizedText(zh: "社会组织", en: "social organisation")
        case .volunteerTeam: LocalizedText(zh: "志愿服务队", en: "volunteer team")
        case .desk: LocalizedText(zh: "调度岗", en: "dispatch desk")
        case .higherLevel: LocalizedText(zh: "上级机关", en: "higher authority")
        }
    }
}
