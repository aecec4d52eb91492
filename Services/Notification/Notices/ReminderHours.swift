import Models

/// The hours of the day in which a notice may go out.
public enum ReminderHours: String, Sendable, Hashable {
    /// The county's working hours: whoever is urged is urged in them.
    case working
    /// All but the county's quiet hours: what clocks say to petitioners does not wake them.
    case quiet

    /// The hours of a notice; nil for at once.
    ///
    /// Emergencies wait for nothing, and what answers somebody's own step comes at once.
    init?(_ template: TemplateID, urgency: Urgency) {
        if urgency == .emergency { return nil }
        switch template {
        case .warned, .passed, .supervised: self = .working
        case .delayed, .rescheduled: self = .quiet
        default: return nil
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
