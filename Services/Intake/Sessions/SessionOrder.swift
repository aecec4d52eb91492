import Models

/// A step of a session that is planned, as its address names it.
public enum SessionStep: String, CaseIterable, Sendable {
    case publish, change, cancel, open, attend, queue, call, serve, explain, visit, hear, close

    /// The phases in which it may be taken.
    var phases: Set<SessionPhase> {
        switch self {
        case .publish: [.planned]
        case .change, .cancel, .open: [.planned, .published]
        // People may put themselves down for a published session before it begins.
        case .queue: [.published, .open]
        case .attend, .call, .serve, .explain, .visit, .close: [.open]
        // What was said at a session is often written down after it.
        case .hear: [.open, .closed]
        }
    }
}

/// What may be asked of a session; where a fact says all of it, the order is that fact.
public enum SessionOrder: Sendable, Hashable {
    case plan(SessionPlanned)
    case publish
    case change(SessionChanged)
    case cancel(reason: String)
    /// Nil for now.
    case open(at: Instant?)
    case attend(unit: UnitCode?, person: PersonCode?, present: Bool)
    case queue(contact: SealedText?)
    /// Nil for who is next.
    case call(number: Int?, reason: String?)
    case serve(number: Int, case: CaseID?, left: Bool)
    case explain(title: String, reached: Int)
    case visit(HouseholdVisited)
    case hear(CaseID)
    case close(summary: String, reached: Int)

    /// The step that it is; nil for the plan, which makes the session.
    public var step: SessionStep? {
        switch self {
        case .plan: nil
        case .publish: .publish
        case .change: .change
        case .cancel: .cancel
        case .open: .open
        case .attend: .attend
        case .queue: .queue
        case .call: .call
        case .serve: .serve
        case .explain: .explain
        case .visit: .visit
        case .hear: .hear
        case .close: .close
        }
    }

    /// The case that it names.
    var namedCase: CaseID? {
        switch self {
        case .serve(_, let id, _): id
        case .hear(let id): id
        default: nil
        }
    }
}

/// An order with who gives it, under which name, and on which state of the session they saw.
public struct SessionCommand: Sendable {
    public var subject: Subject
    public var order: SessionOrder
    public var by: ActingPerson
    /// The name under which it is recorded once; nil for what is entered directly.
    public var entry: EntryID?
    /// The session must still be at this revision; nil gives the order on whatever it has become.
    public var expected: CaseLife.Revision?

    public init(
        _ order: SessionOrder, on subject: Subject, by: ActingPerson, entry: EntryID? = nil, expected: CaseLife.Revision? = nil
    ) {
        self.subject = subject
        self.order = order
        self.by = by
        self.entry = entry
        self.expected = expected
    }
}
