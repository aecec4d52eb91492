import Models

/// What may be asked of a registered case at intake: by its petitioner, and by those who receive petitioners.
public enum CaseOrder: Sendable, Hashable {
    case settle(unit: UnitCode, AnswerText)
    case addMaterial(String)
    case withdraw(reason: String?)
    case rate(Satisfaction, note: String?)
    case requestReview(reason: String)
    case requestFinalReview(reason: String)
    case merge(MergeTarget)
    case unmerge(reason: String)
    case correct(index: Int, CaseRegistered.Petitioner)
    case recordService(ServiceWay, on: Instant)
    case recordReturnCall(reached: Bool, Satisfaction?, note: String?)
    case unmask(reason: String)

    /// The row of the table of a case's life that it follows.
    public var step: CaseStep {
        switch self {
        case .settle: .settleOnTheSpot
        case .addMaterial: .addMaterial
        case .withdraw: .withdraw
        case .rate: .rate
        case .requestReview: .requestReview
        case .requestFinalReview: .requestFinalReview
        case .merge: .merge
        case .unmerge: .unmerge
        case .correct: .correct
        case .recordService: .recordService
        case .recordReturnCall: .recordReturnCall
        case .unmask: .unmask
        }
    }
}

/// The earlier case that another is merged into, as it stood when the merger was asked for.
public struct MergeTarget: Sendable, Hashable {
    public var id: CaseID
    public var number: String
    public var registered: Instant
    public var stage: Stage
    /// Whether only its circle may know of it (Articles 30 and 46).
    public var isConfidential: Bool
    /// Whether somebody wrote both cases (同人).
    public var hasSamePerson: Bool

    public init(id: CaseID, number: String, registered: Instant, stage: Stage, isConfidential: Bool = false, hasSamePerson: Bool) {
        self.id = id
        self.number = number
        self.registered = registered
        self.stage = stage
        self.isConfidential = isConfidential
        self.hasSamePerson = hasSamePerson
    }
}

/// An order with who gives it, and on which state of the case they saw.
public struct CaseCommand: Sendable {
    public var subject: Subject
    public var order: CaseOrder
    public var by: ActingPerson
    /// The case must still be at this revision; nil gives the order on whatever it has become.
    public var expected: CaseLife.Revision?

    public init(_ order: CaseOrder, on subject: Subject, by: ActingPerson, expected: CaseLife.Revision? = nil) {
        self.subject = subject
        self.order = order
        self.by = by
        self.expected = expected
    }
}
