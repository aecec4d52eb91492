// What petitioners do, and what the people who receive them record: intake states it.

/// The matter was settled where it was raised (当场解决), with the answer on record.
public struct CaseSettled: EventFacts {
    public static var type: String { "case.settled" }

    public var by: ActingPerson
    /// The unit that settled it.
    public var unit: UnitCode
    public var answer: AnswerText

    public init(by: ActingPerson, unit: UnitCode, answer: AnswerText) {
        self.by = by
        self.unit = unit
        self.answer = answer
    }
}

/// Something was added to the case.
public struct MaterialAdded: EventFacts {
    public static var type: String { "material.added" }

    public var by: ActingPerson
    public var text: String

    public init(by: ActingPerson, text: String) {
        self.by = by
        self.text = text
    }
}

/// The petitioner takes the case back.
public struct CaseWithdrawn: EventFacts {
    public static var type: String { "case.withdrawn" }

    public var by: ActingPerson
    public var reason: String?

    public init(by: ActingPerson, reason: String?) {
        self.by = by
        self.reason = reason
    }
}

/// The petitioner rates the answer (满意度评价).
public struct CaseRated: EventFacts {
    public static var type: String { "case.rated" }

    public var by: ActingPerson
    public var satisfaction: Satisfaction
    public var note: String?

    public init(by: ActingPerson, satisfaction: Satisfaction, note: String?) {
        self.by = by
        self.satisfaction = satisfaction
        self.note = note
    }
}

/// The petitioner asks for a review (复查; Article 35).
public struct ReviewRequested: EventFacts {
    public static var type: String { "review.requested" }

    public var by: ActingPerson
    /// The unit that reviews.
    public var reviewer: UnitCode
    public var reason: String

    public init(by: ActingPerson, reviewer: UnitCode, reason: String) {
        self.by = by
        self.reviewer = reviewer
        self.reason = reason
    }
}

/// The petitioner asks for a final review (复核; Article 36).
public struct FinalReviewRequested: EventFacts {
    public static var type: String { "final-review.requested" }

    public var by: ActingPerson
    public var reviewer: UnitCode
    public var reason: String

    public init(by: ActingPerson, reviewer: UnitCode, reason: String) {
        self.by = by
        self.reviewer = reviewer
        self.reason = reason
    }
}

/// The case is the same matter by the same person as an earlier one and follows it from now on (并案; Article 19).
public struct CaseMerged: EventFacts {
    public static var type: String { "case.merged" }

    public var by: ActingPerson
    public var into: CaseID
    /// The case number of the earlier one.
    public var number: String

    public init(by: ActingPerson, into: CaseID, number: String) {
        self.by = by
        self.into = into
        self.number = number
    }
}

/// The merger was a mistake: the case goes its own way again, and a new assignment follows.
public struct CaseUnmerged: EventFacts {
    public static var type: String { "case.unmerged" }

    public var by: ActingPerson
    public var reason: String

    public init(by: ActingPerson, reason: String) {
        self.by = by
        self.reason = reason
    }
}

/// What is known of a petitioner was corrected.
public struct PersonCorrected: EventFacts {
    public static var type: String { "person.corrected" }

    public var by: ActingPerson
    /// Which petitioner, from 0 in the order of registration.
    public var index: Int
    public var petitioner: CaseRegistered.Petitioner

    public init(by: ActingPerson, index: Int, petitioner: CaseRegistered.Petitioner) {
        self.by = by
        self.index = index
        self.petitioner = petitioner
    }
}

/// Somebody who handles the case looked at who the petitioners are.
public struct PersonUnmasked: EventFacts {
    public static var type: String { "person.unmasked" }

    public var by: ActingPerson
    public var reason: String

    public init(by: ActingPerson, reason: String) {
        self.by = by
        self.reason = reason
    }
}

/// The answer, or the decision not to accept, reached the petitioner; the window for review runs from this day (Article 35).
public struct AnswerServed: EventFacts {
    public static var type: String { "answer.served" }

    public var by: ActingPerson
    /// How it was handed over.
    public var how: ServiceWay
    public var on: Instant

    public init(by: ActingPerson, how: ServiceWay, on: Instant) {
        self.by = by
        self.how = how
        self.on = on
    }
}

/// The answer of a review reached the petitioner; the window for final review runs from this day (Article 36).
public struct ReviewServed: EventFacts {
    public static var type: String { "review.served" }

    public var by: ActingPerson
    public var how: ServiceWay
    public var on: Instant

    public init(by: ActingPerson, how: ServiceWay, on: Instant) {
        self.by = by
        self.how = how
        self.on = on
    }
}

/// Somebody called the petitioner back about the answer (回访).
public struct ReturnCallMade: EventFacts {
    public static var type: String { "return-call.made" }

    public var by: ActingPerson
    public var reached: Bool
    public var satisfaction: Satisfaction?
    public var note: String?

    public init(by: ActingPerson, reached: Bool, satisfaction: Satisfaction?, note: String?) {
        self.by = by
        self.reached = reached
        self.satisfaction = satisfaction
        self.note = note
    }
}
