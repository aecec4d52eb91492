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

// As the members are declared; what is missing where nothing may be is refused.

extension Rung: JSONRecord {
    public init(members: inout JSONMembers) throws {
        index = try members.read("index")
        kind = try members.read("kind")
        at = try members.read("at")
        audience = try members.read("audience")
        supervise = try members.readIfPresent("supervise")
    }

    public func write(members: inout JSONText) {
        members.write("index", index)
        members.write("kind", kind)
        members.write("at", at)
        members.write("audience", audience)
        members.writeIfPresent("supervise", supervise)
    }
}

/// One member named like the case, whose members are what the case carries: `{"warning":{"share":50}}`.
extension RungKind: JSONReadable, JSONWritable {
    private static let names: [StaticString] = ["warning", "due", "after", "lapse"]

    public init(json place: JSONPlace) throws {
        guard let (index, value) = try JSONMembers(place).only(of: Self.names) else {
            throw place.mismatch(Self.self, "one of the kinds of rungs is expected")
        }
        var members = try JSONMembers(value)
        switch index {
        case 0: self = .warning(share: try members.read("share"))
        case 1: self = .due
        case 2: self = .after(try members.read("_0"))
        default: self = .lapse
        }
    }

    public func write(json text: inout JSONText) {
        text.openObject()
        switch self {
        case .warning(let share):
            text.key("warning")
            text.openObject()
            text.write("share", share)
        case .due:
            text.key("due")
            text.openObject()
        case .after(let term):
            text.key("after")
            text.openObject()
            text.write("_0", term)
        case .lapse:
            text.key("lapse")
            text.openObject()
        }
        text.closeObject()
        text.closeObject()
    }
}
