/// Spreads requests so that no more than so many begin in a second.
actor Pace {
    private let gap: Duration
    private var next = ContinuousClock.now

    init(perSecond: Int) { gap = .seconds(1) / perSecond }

    /// When the caller's request may begin: each caller gets a moment of its own.
    func turn() -> ContinuousClock.Instant {
        let turn = max(next, .now)
        next = turn + gap
        return turn
    }
}
