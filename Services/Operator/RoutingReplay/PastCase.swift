import Models

/// A case of the past, as another county's rules are tried on it: what was known when it was registered, and what became of it.
struct PastCase {
    var subject: Subject
    /// What its registration says.
    var facts: CaseRegistered
    /// Whom the rules of then gave it to, and under which topic; nil when it was never assigned.
    var lead: UnitCode?
    var topic: TopicCode?
    /// The unit that answered it in the end; nil while nobody has.
    var handler: UnitCode?
}

extension CaseLife {
    /// The unit that a case which was answered or closed has in the end; nil for others.
    var handler: UnitCode? {
        switch stage {
        case .answered, .underReview, .underFinalReview, .closed, .terminated: lead
        case .registered, .assigned, .accepted, .notAccepted, .redirected, .merged, .withdrawn: nil
        }
    }
}
