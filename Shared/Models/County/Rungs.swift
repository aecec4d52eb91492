/// One moment of a clock's ladder.
public struct Rung: Sendable, Hashable, Codable {
    /// Its place on the ladder, from 0; the same however often the plan is made again.
    public let index: Int
    public let kind: RungKind
    /// The first instant at which it may fire.
    public let at: Instant
    public let audience: [Audience]
    /// Whether supervision is opened with it; nil for no.
    public let supervise: Bool?

    init(index: Int, kind: RungKind, at: Instant, audience: [Audience], supervise: Bool? = nil) {
        self.index = index
        self.kind = kind
        self.at = at
        self.audience = audience
        self.supervise = supervise
    }
}

public enum RungKind: Sendable, Hashable, Codable {
    /// A share of the time between start and due date is gone, in percent.
    case warning(share: Int)
    /// The due date has passed.
    case due
    /// It passed that long ago.
    case after(Term)
    /// The due date has passed, and with it a right: nobody is urged, and the clock ends.
    case lapse
}

/// Computes when the rungs of a clock may fire.
public enum Rungs {
    /// The rungs in the order in which they fire; none lies before its moment by even a microsecond.
    ///
    /// A warning waits until its share of the time from `start` to `due` is over. The rung at due comes in the microsecond
    /// after `due`. A later rung counts its term from the local date of `due`, as any term is counted, and comes in the
    /// microsecond after its end; its index follows the ladder even if the calendar lets two fall together.
    public static func plan(start: Instant, due: Instant, ladder: Ladder, calendar: CountyCalendar) -> [Rung] {
        let length = max(0, due.microseconds - start.microseconds)
        var rungs: [Rung] = []
        for share in ladder.warnings {
            // Rounded up: dividing first keeps terms of centuries from overflowing.
            let (hundredths, rest) = length.quotientAndRemainder(dividingBy: 100)
            let gone = hundredths * Int64(share) + (rest * Int64(share) + 99) / 100
            rungs.append(
                Rung(
                    index: rungs.count, kind: .warning(share: share), at: Instant(microseconds: start.microseconds + gone),
                    audience: ladder.warned))
        }
        if !ladder.atDue.isEmpty {
            rungs.append(Rung(index: rungs.count, kind: .due, at: due + .microseconds(1), audience: ladder.atDue))
        }
        for late in ladder.afterDue {
            let end = calendar.due(from: due, term: late.after).at
            rungs.append(
                Rung(
                    index: rungs.count, kind: .after(late.after), at: end + .microseconds(1), audience: late.audience,
                    supervise: late.supervise))
        }
        return rungs.sorted { ($0.at, $0.index) < ($1.at, $1.index) }
    }

    /// The rungs of a clock of a pack: its ladder, or its end where that only ends a right.
    public static func plan(start: Instant, due: Instant, clock: PackClock, of pack: RulePack, calendar: CountyCalendar) -> [Rung] {
        if clock.lapses { return [Rung(index: 0, kind: .lapse, at: due + .microseconds(1), audience: [])] }
        return plan(start: start, due: due, ladder: pack.ladder(of: clock), calendar: calendar)
    }
}
