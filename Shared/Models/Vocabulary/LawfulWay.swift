/// The lawful way that a petitioner is shown (引导依法办理; Article 31 (1) to (5)).
public enum LawfulWay: String, CaseIterable, Codable, Sendable, Hashable, Named {
    case litigation, arbitration
    case partyProcedure = "party-procedure"
    case administrativeProcedure = "administrative-procedure"
    case otherProcedure = "other-procedure"

    public var name: LocalizedText {
        switch self {
        case .litigation: LocalizedText(zh: "诉讼", en: "litigation")
        case .arbitration: LocalizedText(zh: "仲裁", en: "arbitration")
        case .partyProcedure: LocalizedText(zh: "党内法规规定的程序", en: "a procedure of the Party's rules")
        case .administrativeProcedure: LocalizedText(zh: "行政程序", en: "an administrative procedure")
        case .otherProcedure: LocalizedText(zh: "其他法定程序", en: "another procedure provided by law")
        }
    }
}
