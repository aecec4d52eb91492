/// Why a unit does not accept a case (不予受理), with the article that says so.
public enum NotAcceptedReason: String, CaseIterable, Codable, Sendable, Hashable, Named {
    /// It is in hand already, or was handled (Article 19).
    case alreadyInHand = "already-in-hand"
    /// It lies outside what the county may decide (Article 22).
    case outsidePowers = "outside-powers"
    /// It belongs before a court, an arbitrator or another authority by law (Article 31).
    case otherProcedure = "other-procedure"
    /// Final review has ended it, and the facts and reasons are the same (Article 36).
    case terminated

    public var name: LocalizedText {
        switch self {
        case .alreadyInHand: LocalizedText(zh: "已在办理或已办理", en: "in hand already, or handled before")
        case .outsidePowers: LocalizedText(zh: "不属于本县职权范围", en: "outside the county's powers")
        case .otherProcedure: LocalizedText(zh: "依法应当通过其他程序处理", en: "another procedure is provided by law")
        case .terminated: LocalizedText(zh: "已终结且无新的事实和理由", en: "terminated, and nothing new is put forward")
        }
    }

    public var article: Int {
        switch self {
        case .alreadyInHand: 19
        case .outsidePowers: 22
        case .otherProcedure: 31
        case .terminated: 36
        }
    }
}
