import Models

/// What intake remembers of one subject: the head of its ledger, and for a case where it stands.
public struct IntakeState: Equatable, Sendable, Encodable {
    /// How many lines the subject's ledger has.
    public var position: Int64 = 0
    /// The hash of the last line; 32 zero bytes before the first.
    public var head = [UInt8](repeating: 0, count: 32)
    /// Nil for a subject that is no case.
    public var file: CaseFile?
    /// Nil for a subject that is no session.
    public var session: SessionRecord?

    public init() {}
}

/// What intake stores besides the state.
public enum IntakeEffect: Sendable, Hashable {
    case line(LedgerLine)
    case registration(Subject, CaseRegistered)
    /// A petitioner's data was corrected; `index` counts from 0 in the order of registration.
    case correction(Subject, index: Int, CaseRegistered.Petitioner)
}
