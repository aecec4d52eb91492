/// Gives an endpoint that has failed several times in a row a rest, and lets one notice probe it after that.
///
/// A value without a clock of its own. Whoever asks it does as it says: all while it is closed, none while it rests, one when the rest is
/// over. Each probe that fails makes the next rest longer, and an endpoint that asks for a rest gets it.
struct CircuitBreaker: Sendable {
    enum Permission: Sendable, Hashable {
        case all
        /// Just one, whose answer decides.
        case one
        case none(until: ContinuousClock.Instant)
    }

    /// What an answer changed, for those who watch.
    enum Turn: Sendable, Hashable {
        case opened(rest: Duration)
        case closed
    }

    /// So many faults in a row, with nothing else between them, open it.
    static let patience = 5
    private static let firstRest = Duration.seconds(10)
    private static let longestRest = Duration.seconds(300)
    /// What an endpoint may ask for at most.
    private static let longestWish = Duration.seconds(3600)

    private var faults = 0
    private var rest = Self.firstRest
    private var until: ContinuousClock.Instant?

    var isOpen: Bool { until != nil }

    func permission(at now: ContinuousClock.Instant) -> Permission {
        guard let until else { return .all }
        return now < until ? .none(until: until) : .one
    }

    /// Takes what became of tries, in their order.
    mutating func heard(_ outcomes: [NoticeOutcome], at now: ContinuousClock.Instant) -> Turn? {
        var turn: Turn?
        for outcome in outcomes {
            switch outcome.isAnswer {
            case true?:
                faults = 0
                if until != nil { turn = .closed }
                (until, rest) = (nil, Self.firstRest)
            case false?:
                faults += 1
                // A probe's fault is enough.
                guard until.map({ $0 <= now }) ?? (faults >= Self.patience) else { continue }
                if until != nil { rest = min(rest * 2, Self.longestRest) } else { turn = .opened(rest: rest) }
                until = now + rest
            case nil: continue
            }
        }
        // What it asks for counts, whatever else it answered meanwhile.
        if let wish = outcomes.compactMap(\.wish).max().map({ min($0, Self.longestWish) }), wish > .zero {
            if until == nil { turn = .opened(rest: max(wish, rest)) }
            until = max(until ?? now, now + max(wish, rest))
        }
        return turn
    }
}
