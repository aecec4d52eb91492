// What units do at their desks: routing states it.

/// The lead unit accepts the case (受理; Article 22) and names its officer.
public struct CaseAccepted: EventFacts {
    public static var type: String { "case.accepted" }

    public var by: ActingPerson
    /// The officer (承办人) who handles it.
    public var officer: PersonCode?

    public init(by: ActingPerson, officer: PersonCode?) {
        self.by = by
        self.officer = officer
    }
}

/// The lead unit does not accept the case, says why and shows the lawful way (Articles 19, 22, 31 and 36).
public struct CaseNotAccepted: EventFacts {
    public static var type: String { "case.not-accepted" }

    public var by: ActingPerson
    public var reason: NotAcceptedReason
    public var explanation: String
    public var lawfulWay: String

    public init(by: ActingPerson, reason: NotAcceptedReason, explanation: String, lawfulWay: String) {
        self.by = by
        self.reason = reason
        self.explanation = explanation
        self.lawfulWay = lawfulWay
    }
}

/// The petitioner is shown the lawful way for a matter that petitions cannot decide (Article 31 (1) to (5)).
public struct CaseRedirected: EventFacts {
    public static var type: String { "case.redirected" }

    public var by: ActingPerson
    public var way: LawfulWay
    public var explanation: String

    public init(by: ActingPerson, way: LawfulWay, explanation: String) {
        self.by = by
        self.way = way
        self.explanation = explanation
    }
}

/// A successor takes over what an abolished, merged or split unit had (Article 24); stage and clocks go on.
public struct CaseSucceeded: EventFacts {
    public static var type: String { "case.succeeded" }

    public var by: ActingPerson
    public var from: UnitCode
    public var to: UnitCode

    public init(by: ActingPerson, from: UnitCode, to: UnitCode) {
        self.by = by
        self.from = from
        self.to = to
    }
}

/// The case is done, with its outcome (办结).
public struct CaseClosed: EventFacts {
    public static var type: String { "case.closed" }

    public var by: ActingPerson
    public var outcome: OutcomeCode
    public var note: String?

    public init(by: ActingPerson, outcome: OutcomeCode, note: String?) {
        self.by = by
        self.outcome = outcome
        self.note = note
    }
}

/// The case is taken up again; the assignment follows.
public struct CaseReopened: EventFacts {
    public static var type: String { "case.reopened" }

    public var by: ActingPerson
    public var reason: String

    public init(by: ActingPerson, reason: String) {
        self.by = by
        self.reason = reason
    }
}

/// The case is supervised (督办; Articles 38 to 40).
public struct CaseSupervised: EventFacts {
    public static var type: String { "case.supervised" }

    public var by: ActingPerson
    public var reason: SupervisionReason
    public var note: String

    public init(by: ActingPerson, reason: SupervisionReason, note: String) {
        self.by = by
        self.reason = reason
        self.note = note
    }
}

/// A leader takes personal charge (包案).
public struct ChargeTaken: EventFacts {
    public static var type: String { "case.charge-taken" }

    public var by: ActingPerson

    public init(by: ActingPerson) { self.by = by }
}

/// An officer with an interest withdraws (回避; Article 28) and may see and do nothing of the case any more.
public struct OfficerRecused: EventFacts {
    public static var type: String { "officer.recused" }

    public var by: ActingPerson
    public var person: PersonCode
    public var reason: String

    public init(by: ActingPerson, person: PersonCode, reason: String) {
        self.by = by
        self.person = person
        self.reason = reason
    }
}
