/// Spreads requests so that no more than so many begin in a second.
actor Pace {
    private let gap: Duration
    private var next = ContinuousClock.now

    init(perSecond: Int) { gap = .seconds(1) / perSecond }

    /// When the caller's request may begin, each caller at a moment of its own; nil when that would not be before `end`.
    func turn(before end: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let turn = max(next, .now)
        guard turn < end else { return nil }
        next = turn + gap
        return turn
    }
}
