import Models

/// The hours of the day in which a notice may go out.
public enum ReminderHours: String, Sendable, Hashable {
    /// The county's working hours: whoever is urged is urged in them.
    case working
    /// All but the county's quiet hours: nobody is woken.
    case quiet

    /// The hours of a notice; nil for at once.
    ///
    /// Emergencies wait for nothing, and a receipt answers what somebody has just done. Nor does an office sleep: what it is given to do
    /// reaches it at once.
    init?(_ template: TemplateID, to recipient: NoticeRecipient, urgency: Urgency) {
        if urgency == .emergency { return nil }
        switch (template, recipient) {
        case (.warned, _), (.passed, _), (.supervised, _): self = .working
        case (.receipt, _), (.digest, _), (_, .unit): return nil
        default: self = .quiet
        }
    }

    /// The first moment from `instant` on at which a notice may go out, by the county in force.
    func release(of instant: Instant, in county: CountyIndex) -> Instant {
        switch self {
        case .working: county.calendar.opening(notBefore: instant)
        case .quiet: county.definition.quietHours?.release(of: instant, offsets: county.calendar.offsets) ?? instant
        }
    }
}
