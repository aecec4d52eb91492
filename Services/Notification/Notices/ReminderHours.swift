import Models

extension TemplateID {
    /// When a notice of something that happened at `instant` may go out; nil for at once.
    ///
    /// Whoever is urged is urged in the working hours of the county in force, and what clocks say to petitioners does not wake them in its quiet hours.
    /// Emergencies wait for nothing, and what answers somebody's own step comes at once.
    func release(of instant: Instant, urgency: Urgency, in county: CountyIndex) -> Instant? {
        if urgency == .emergency { return nil }
        let release =
            switch self {
            case .warned, .passed, .supervised: county.calendar.opening(notBefore: instant)
            case .delayed, .rescheduled:
                county.definition.quietHours?.release(of: instant, offsets: county.calendar.offsets) ?? instant
            default: instant
            }
        return release > instant ? release : nil
    }
}
