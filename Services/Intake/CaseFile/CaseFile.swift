import Models

/// Where a case stands, as the ledger tells it: what a petitioner and the staff see.
public struct CaseFile: Equatable, Sendable, Codable {
    public var number: String
    public var registered: Instant
    public var title: String
    public var life: CaseLife
    public var topic: TopicCode?
    public var urgency: Urgency
    /// The county version the case began under.
    public var county: String
    /// Clocks that run or ran, in the order in which they started.
    public var clocks: [CaseFileClock]
    /// Whether a written receipt notice is owed: not to anonymous petitioners.
    public var receiptOwed: Bool
    /// When the receipt notice reached its channel, or was given up.
    public var receiptSettled: Instant?
    public var receiptFailed: Bool
    /// When assignment, clock and receipt were all in the ledger.
    public var completed: Instant?
    /// How many petitioners there are.
    public var petitioners: Int
    /// What the petitioner was answered last.
    public var answer: AnswerText?
    /// Why the case was not accepted, or the lawful way that was shown.
    public var explanation: String?
    /// When that was.
    public var answered: Instant?
    public var outcome: OutcomeCode?
    /// How often the petitioner or the desk has added to it; nil for never.
    public var additions: Int?
    /// The rule pack that is pinned on the case; nil before the first assignment.
    public var pack: RulePackCode?
    public var satisfaction: Satisfaction?
    /// The earlier case that this one follows.
    public var mergedInto: CaseID?

    public var stage: Stage { life.stage }
    /// The accountable unit (责任单位): the dispatch desk until the first assignment.
    public var unit: UnitCode { life.lead }

    /// Whether assignment, clock and receipt are all in the ledger.
    var isComplete: Bool {
        stage != .registered && !clocks.isEmpty && (!receiptOwed || receiptSettled != nil && !receiptFailed)
    }
}

/// A clock (时限) as the case file shows it.
public struct CaseFileClock: Equatable, Sendable, Codable {
    /// What became of it.
    public enum Phase: String, CaseIterable, Codable, Sendable {
        case running, paused, passed, met, lapsed
    }

    public var name: ClockName
    public var serial: Int
    public var due: Instant
    public var dueDate: LocalDate
    public var provisional: Bool
    public var phase: Phase
    /// Its end ends a right of the petitioner or of a unit, and nothing is owed; nil in files of before, which knew the national clocks.
    public var isRight: Bool?
    /// The co-handling unit, or the unit of an assistance task, that owes what it is for; nil for the clocks of the case.
    public var unit: UnitCode?

    /// Whether somebody still owes what it is for.
    var isOwed: Bool {
        guard phase == .running || phase == .passed else { return false }
        return !(isRight ?? [.objection, .reviewWindow, .finalWindow].contains(name))
    }
}
