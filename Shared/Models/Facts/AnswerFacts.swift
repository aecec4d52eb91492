// Answers of units and of those that review them (Articles 32 to 36): routing states them.

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

// As the members are declared; what is missing where nothing may be is refused.

extension AnswerText: JSONRecord {
    public init(members: inout JSONMembers) throws {
        claim = try members.read("claim")
        facts = try members.read("facts")
        opinion = try members.read("opinion")
        conclusion = try members.read("conclusion")
        basis = try members.read("basis")
    }

    public func write(members: inout JSONText) {
        members.write("claim", claim)
        members.write("facts", facts)
        members.write("opinion", opinion)
        members.write("conclusion", conclusion)
        members.write("basis", basis)
    }
}
