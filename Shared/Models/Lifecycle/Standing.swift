/// What binds the one who acts to the case.
public enum Standing: String, CaseIterable, Codable, Sendable, Hashable {
    /// Acts for the lead unit (主办单位).
    case leadUnit = "lead-unit"
    /// Acts for a co-handling unit (协办单位).
    case coHandlingUnit = "co-handling-unit"
    /// Acts for a unit with an open assistance task (帮扶单位; Article 37).
    case assistingUnit = "assisting-unit"
    /// Acts for the unit that reviews the answer, which is above the lead unit (Articles 35 and 36).
    case reviewingUnit = "reviewing-unit"
    /// Acts for the nearest unit above both parties of a dispute (Article 24).
    case commonSuperior = "common-superior"
    /// Wrote the case.
    case petitioner
    /// Acts for the county, whoever has the case.
    case county
}
