import Models

/// What may be asked of a case at the desks of units, of the dispatch desk and of those above them.
public enum DeskOrder: Sendable, Hashable {
    case accept(officer: PersonCode?)
    case notAccept(NotAcceptedReason, explanation: String, lawfulWay: String)
    case redirect(LawfulWay, explanation: String)
    case raiseObjection(proposed: UnitCode, reason: String)
    case confirmObjection(to: UnitCode?)
    case refuseObjection(reason: String)
    /// To another unit, and if wanted with another topic, which corrects a model.
    case reassign(to: UnitCode, reason: String, topic: TopicCode? = nil)
    case addCoHandler(UnitCode, task: String, workdays: Int)
    case excuseCoHandler(UnitCode, reason: String)
    case answerAsCoHandler(text: String)
    case answer(AnswerText)
    case answerReview(AnswerText)
    case answerFinalReview(AnswerText)
    case close(OutcomeCode, note: String?)
    case reopen(reason: String)
    case supervise(SupervisionReason, note: String)
    case takeCharge
    case recuse(reason: String)
    case openAssistance(UnitCode, task: String, workdays: Int)
    case endAssistance(serial: Int, outcome: String)
    case succeed(from: UnitCode, to: UnitCode)

    /// The row of the table of a case's life that it follows.
    public var step: CaseStep {
        switch self {
        case .accept: .accept
        case .notAccept: .notAccept
        case .redirect: .redirect
        case .raiseObjection: .raiseObjection
        case .confirmObjection: .confirmObjection
        case .refuseObjection: .refuseObjection
        case .reassign: .reassign
        case .addCoHandler: .addCoHandler
        case .excuseCoHandler: .excuseCoHandler
        case .answerAsCoHandler: .answerAsCoHandler
        case .answer: .answer
        case .answerReview: .answerReview
        case .answerFinalReview: .answerFinalReview
        case .close: .close
        case .reopen: .reopen
        case .supervise: .supervise
        case .takeCharge: .takeCharge
        case .recuse: .recuse
        case .openAssistance: .openAssistance
        case .endAssistance: .endAssistance
        case .succeed: .succeed
        }
    }
}

/// An order with who gives it, and on which state of the case they saw.
public struct DeskCommand: Sendable {
    public var order: DeskOrder
    public var by: ActingPerson
    /// The case must still be at this revision; nil gives the order on whatever it has become.
    public var expected: CaseLife.Revision?

    public init(_ order: DeskOrder, by: ActingPerson, expected: CaseLife.Revision? = nil) {
        self.order = order
        self.by = by
        self.expected = expected
    }
}
