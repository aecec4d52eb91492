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

/// What a petitioner thinks of an answer (满意度评价).
public enum Satisfaction: String, CaseIterable, Codable, Sendable, Hashable, Named {
    case satisfied
    case mostlySatisfied = "mostly-satisfied"
    case unsatisfied

    public var name: LocalizedText {
        switch self {
        case .satisfied: LocalizedText(zh: "满意", en: "satisfied")
        case .mostlySatisfied: LocalizedText(zh: "基本满意", en: "mostly satisfied")
        case .unsatisfied: LocalizedText(zh: "不满意", en: "unsatisfied")
        }
    }
}

/// Why a case is supervised (督办; Articles 38 to 40).
public enum SupervisionReason: String, CaseIterable, Codable, Sendable, Hashable, Named {
    /// Units push it from one to the other, or do nothing.
    case pushedAway = "pushed-away"
    /// The answer does not deal with what was asked.
    case perfunctory
    /// The opinion of the answer is not carried out.
    case notCarriedOut = "not-carried-out"
    case overdue
    case other

    public var name: LocalizedText {
        switch self {
        case .pushedAway: LocalizedText(zh: "推诿、敷衍、拖延", en: "pushed away or left lying")
        case .perfunctory: LocalizedText(zh: "办理敷衍", en: "answered perfunctorily")
        case .notCarriedOut: LocalizedText(zh: "处理意见未执行", en: "the opinion is not carried out")
        case .overdue: LocalizedText(zh: "超期未办结", en: "overdue")
        case .other: LocalizedText(zh: "其他", en: "another reason")
        }
    }
}
