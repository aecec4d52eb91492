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

/// The lead unit says that the case is not its own and whose it is (Article 23); it owns the case until a ruling.
public struct ObjectionRaised: EventFacts {
    public static var type: String { "objection.raised" }

    public var by: ActingPerson
    public var unit: UnitCode
    public var proposed: UnitCode
    public var reason: String

    public init(by: ActingPerson, unit: UnitCode, proposed: UnitCode, reason: String) {
        self.by = by
        self.unit = unit
        self.proposed = proposed
        self.reason = reason
    }
}

/// The dispatch desk finds that the objection is right; the assignment to another unit follows (Article 23).
public struct ObjectionConfirmed: EventFacts {
    public static var type: String { "objection.confirmed" }

    public var by: ActingPerson
    public var unit: UnitCode
    public var to: UnitCode

    public init(by: ActingPerson, unit: UnitCode, to: UnitCode) {
        self.by = by
        self.unit = unit
        self.to = to
    }
}

/// The dispatch desk, or the common superior of two units in dispute, finds that the case stays where it is (Articles 23 and 24).
public struct ObjectionRefused: EventFacts {
    public static var type: String { "objection.refused" }

    public var by: ActingPerson
    public var unit: UnitCode
    public var reason: String

    public init(by: ActingPerson, unit: UnitCode, reason: String) {
        self.by = by
        self.unit = unit
        self.reason = reason
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

/// A unit is to help the lead unit (协办), by a date that the lead unit sets.
public struct CoHandlingAssigned: EventFacts {
    public static var type: String { "co-handling.assigned" }

    public var by: ActingPerson
    public var unit: UnitCode
    public var task: String
    /// How many working days it has; its clock ends with the last of them.
    public var workdays: Int

    public init(by: ActingPerson, unit: UnitCode, task: String, workdays: Int) {
        self.by = by
        self.unit = unit
        self.task = task
        self.workdays = workdays
    }
}

/// A co-handling unit owes nothing more.
public struct CoHandlingExcused: EventFacts {
    public static var type: String { "co-handling.excused" }

    public var by: ActingPerson
    public var unit: UnitCode
    public var reason: String

    public init(by: ActingPerson, unit: UnitCode, reason: String) {
        self.by = by
        self.unit = unit
        self.reason = reason
    }
}

/// A co-handling unit has given the lead unit what it asked for.
public struct CoHandlingAnswered: EventFacts {
    public static var type: String { "co-handling.answered" }

    public var by: ActingPerson
    public var unit: UnitCode
    public var text: String

    public init(by: ActingPerson, unit: UnitCode, text: String) {
        self.by = by
        self.unit = unit
        self.text = text
    }
}

/// What an answer must contain (Article 32).
public struct AnswerText: Codable, Sendable, Hashable {
    /// What the petitioner asks for, as the unit understood it.
    public var claim: String
    /// What was found.
    public var facts: String
    public var opinion: Opinion
    /// What will be done, or why nothing can be.
    public var conclusion: String
    /// The law and rules that the opinion rests on.
    public var basis: String

    public init(claim: String, facts: String, opinion: Opinion, conclusion: String, basis: String) {
        self.claim = claim
        self.facts = facts
        self.opinion = opinion
        self.conclusion = conclusion
        self.basis = basis
    }
}

/// The lead unit answers (Articles 32 and 34).
public struct CaseAnswered: EventFacts {
    public static var type: String { "case.answered" }

    public var by: ActingPerson
    public var answer: AnswerText
    /// The unit that a review may be asked of (Article 35); nil where none stands above.
    public var reviewer: UnitCode?

    public init(by: ActingPerson, answer: AnswerText, reviewer: UnitCode?) {
        self.by = by
        self.answer = answer
        self.reviewer = reviewer
    }
}

/// The reviewing unit answers (复查; Article 35).
public struct ReviewAnswered: EventFacts {
    public static var type: String { "review.answered" }

    public var by: ActingPerson
    public var answer: AnswerText
    /// The unit that a final review may be asked of (Article 36).
    public var reviewer: UnitCode?

    public init(by: ActingPerson, answer: AnswerText, reviewer: UnitCode?) {
        self.by = by
        self.answer = answer
        self.reviewer = reviewer
    }
}

/// The unit of final review answers (复核; Article 36): the case is terminated, on the same facts and reasons for good.
public struct FinalReviewAnswered: EventFacts {
    public static var type: String { "final-review.answered" }

    public var by: ActingPerson
    public var answer: AnswerText

    public init(by: ActingPerson, answer: AnswerText) {
        self.by = by
        self.answer = answer
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

/// A unit is to help the petitioner in hardship (帮扶; Article 37); the task goes on after the case ends.
public struct AssistanceOpened: EventFacts {
    public static var type: String { "assistance.opened" }

    public var by: ActingPerson
    /// Counts the tasks of the case from 1.
    public var serial: Int
    public var unit: UnitCode
    public var task: String

    public init(by: ActingPerson, serial: Int, unit: UnitCode, task: String) {
        self.by = by
        self.serial = serial
        self.unit = unit
        self.task = task
    }
}

/// An assistance task is done, with what came of it.
public struct AssistanceEnded: EventFacts {
    public static var type: String { "assistance.ended" }

    public var by: ActingPerson
    public var serial: Int
    public var outcome: String

    public init(by: ActingPerson, serial: Int, outcome: String) {
        self.by = by
        self.serial = serial
        self.outcome = outcome
    }
}
