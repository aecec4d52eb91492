import Models

/// What intake remembers of one subject: the head of its ledger, and for a case where it stands.
public struct IntakeState: Equatable, Sendable {
    /// How many lines the subject's ledger has.
    public var position: Int64 = 0
    /// The hash of the last line; 32 zero bytes before the first.
    public var head = [UInt8](repeating: 0, count: 32)
    /// Nil for a subject that is no case.
    public var file: CaseFile?

    public init() {}
}

/// Where a case stands, as the ledger tells it: what a petitioner and the staff see.
public struct CaseFile: Equatable, Sendable, Codable {
    public var number: String
    public var registered: Instant
    public var stage: Stage
    /// The accountable unit (责任单位): the dispatch desk until the first assignment.
    public var unit: UnitCode
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

    /// Whether assignment, clock and receipt are all in the ledger.
    var isComplete: Bool { stage != .registered && !clocks.isEmpty && (!receiptOwed || receiptSettled != nil && !receiptFailed) }
}

/// A clock (时限) as the case file shows it.
public struct CaseFileClock: Equatable, Sendable, Codable {
    /// What became of it.
    public enum Phase: String, Codable, Sendable {
        case running, passed, met, lapsed
    }

    public var name: ClockName
    public var serial: Int
    public var due: Instant
    public var dueDate: LocalDate
    public var provisional: Bool
    public var phase: Phase
}

/// What intake stores besides the state.
public enum IntakeEffect: Sendable, Hashable {
    case line(LedgerLine)
    case registration(Subject, CaseRegistered)
}
