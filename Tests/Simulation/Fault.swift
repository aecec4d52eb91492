/// A place in a run where a fault may strike: the step that is being played, and how many such places came before it in that step.
///
/// Whether one strikes, and how, follows from the seed and the place alone. So a run plays again exactly, and one from which steps were
/// taken away meets the same faults in those that are left.
package struct FaultPlace: Hashable, Sendable {
    package var step: Int
    package var ordinal: Int
}

/// What may go wrong.
package enum FaultKind: String, Sendable, CaseIterable {
    /// A process dies before what it asked for took effect.
    case crashBefore = "crash before"
    /// It dies with its transaction under way.
    case crashWithin = "crash within"
    /// It dies when it took effect, before it hears so.
    case crashAfter = "crash after"
    /// A connection breaks while messages are published: some arrive, and nobody knows which.
    case lostPublish = "lost publish"
    case duplicate
    case delay
    case reorder
    /// A process that died is not replaced at once.
    case absence
}

/// A fault that struck.
package struct StruckFault: Hashable, Sendable {
    package var place: FaultPlace
    package var kind: FaultKind
}
