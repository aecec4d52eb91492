/// A clock (时限) runs from now on.
public struct ClockStarted: EventFacts {
    public static var type: String { "clock.started" }

    public var clock: ClockName
    /// Counts the clocks of this name on the case from 1.
    public var serial: Int
    public var pack: RulePackCode
    /// The instant the term is counted from; its local date is the start day, which does not count.
    public var from: Instant
    public var due: Instant
    /// The local date of `due`, `yyyy-mm-dd`.
    public var dueDate: LocalDate
    /// The date rests on a year whose holiday notice is not out.
    public var provisional: Bool
    public var citation: LocalizedText
    /// The co-handling unit, or the unit of an assistance task, that it runs for; nil for the clocks of the case.
    public var unit: UnitCode?
    /// The serial of the assistance task that it runs for.
    public var task: Int?
    /// The term; nil in events of before, which left it to the rule pack.
    public var term: Term?

    public init(
        clock: ClockName, serial: Int, pack: RulePackCode, from: Instant, due: Instant, dueDate: LocalDate, provisional: Bool,
        citation: LocalizedText, unit: UnitCode? = nil, task: Int? = nil, term: Term? = nil
    ) {
        self.clock = clock
        self.serial = serial
        self.pack = pack
        self.from = from
        self.due = due
        self.dueDate = dueDate
        self.provisional = provisional
        self.citation = citation
        self.unit = unit
        self.task = task
        self.term = term
    }
}

/// A rung before the due instant was reached.
public struct ClockWarned: EventFacts {
    public static var type: String { "clock.warned" }

    public var clock: ClockName
    public var serial: Int
    /// Where the rung stands on the clock's ladder, from 0.
    public var rung: Int
    /// The share of the term that is used up, in per cent.
    public var share: Int
    /// The instant the rung was due at; never later than the event's time.
    public var at: Instant
    public var due: Instant
    public var audience: [Audience]
    /// The unit that owes what the clock is for; nil in events of before for the lead unit.
    public var unit: UnitCode?
    /// The lead unit that hears of it besides `unit`; nil when there is no such unit, or none that waits for it.
    public var lead: UnitCode?
    /// The further units that the ladder tells: the dispatch desk, those of supervisors and of leaders; nil in events of before.
    public var told: [UnitCode]?

    public init(
        clock: ClockName, serial: Int, rung: Int, share: Int, at: Instant, due: Instant, audience: [Audience], unit: UnitCode? = nil,
        lead: UnitCode? = nil, told: [UnitCode]? = nil
    ) {
        self.clock = clock
        self.serial = serial
        self.rung = rung
        self.share = share
        self.at = at
        self.due = due
        self.audience = audience
        self.unit = unit
        self.lead = lead
        self.told = told
    }
}

/// A clock's due instant, or a rung after it, was reached and its end has not come.
public struct ClockPassed: EventFacts {
    public static var type: String { "clock.passed" }

    public var clock: ClockName
    public var serial: Int
    public var rung: Int
    /// Working days after the due date; 0 at the due instant itself.
    public var daysLate: Int
    public var at: Instant
    public var due: Instant
    public var audience: [Audience]
    /// The unit that owes what the clock is for; nil in events of before for the lead unit.
    public var unit: UnitCode?
    /// The lead unit that hears of it besides `unit`; nil when there is no such unit, or none that waits for it.
    public var lead: UnitCode?
    /// Whether supervision is to be opened with it; nil for no.
    public var supervise: Bool?
    /// The further units that the ladder tells: the dispatch desk, those of supervisors and of leaders; nil in events of before.
    public var told: [UnitCode]?
    /// When the next rung of the clock may fire, by which the petitioner hears again; nil when there is none.
    public var next: Instant?
    /// How long after the due date the rung stands; nil at the due date, and in events of before.
    public var after: Term?

    public init(
        clock: ClockName, serial: Int, rung: Int, daysLate: Int, at: Instant, due: Instant, audience: [Audience], unit: UnitCode? = nil,
        lead: UnitCode? = nil, supervise: Bool? = nil, told: [UnitCode]? = nil, next: Instant? = nil, after: Term? = nil
    ) {
        self.clock = clock
        self.serial = serial
        self.rung = rung
        self.daysLate = daysLate
        self.at = at
        self.due = due
        self.audience = audience
        self.unit = unit
        self.lead = lead
        self.supervise = supervise
        self.told = told
        self.next = next
        self.after = after
    }
}

/// A clock's end came: nothing more is owed under it.
public struct ClockMet: EventFacts {
    public static var type: String { "clock.met" }

    public var clock: ClockName
    public var serial: Int
    /// The event that ended it.
    public var by: EventID

    public init(clock: ClockName, serial: Int, by: EventID) {
        self.clock = clock
        self.serial = serial
        self.by = by
    }
}

/// Nothing is owed under a clock any more, though its end did not come: another clock stands in its place.
public struct ClockLapsed: EventFacts {
    public static var type: String { "clock.lapsed" }

    public var clock: ClockName
    public var serial: Int
    public var reason: LocalizedText
    /// The instant behind its due instant, where that alone ended it; never later than the event's time.
    public var at: Instant?

    public init(clock: ClockName, serial: Int, reason: LocalizedText, at: Instant? = nil) {
        self.clock = clock
        self.serial = serial
        self.reason = reason
        self.at = at
    }
}

/// A clock was given more time before it ran out, once and for a reason that the petitioner is told (Article 34).
public struct ClockExtended: EventFacts {
    public static var type: String { "clock.extended" }

    public var by: ActingPerson
    public var clock: ClockName
    public var serial: Int
    public var reason: String
    /// By how much, from the old due date on.
    public var term: Term
    public var old: Instant
    public var due: Instant
    public var dueDate: LocalDate
    public var provisional: Bool
    public var citation: LocalizedText

    public init(
        by: ActingPerson, clock: ClockName, serial: Int, reason: String, term: Term, old: Instant, due: Instant, dueDate: LocalDate,
        provisional: Bool, citation: LocalizedText
    ) {
        self.by = by
        self.clock = clock
        self.serial = serial
        self.reason = reason
        self.term = term
        self.old = old
        self.due = due
        self.dueDate = dueDate
        self.provisional = provisional
        self.citation = citation
    }
}

// As the members are declared; what is missing where nothing may be is refused.

extension ClockStarted: JSONRecord {
    public init(members: inout JSONMembers) throws {
        clock = try members.read("clock")
        serial = try members.read("serial")
        pack = try members.read("pack")
        from = try members.read("from")
        due = try members.read("due")
        dueDate = try members.read("dueDate")
        provisional = try members.read("provisional")
        citation = try members.read("citation")
        unit = try members.readIfPresent("unit")
        task = try members.readIfPresent("task")
        term = try members.readIfPresent("term")
    }

    public func write(members: inout JSONText) {
        members.write("clock", clock)
        members.write("serial", serial)
        members.write("pack", pack)
        members.write("from", from)
        members.write("due", due)
        members.write("dueDate", dueDate)
        members.write("provisional", provisional)
        members.write("citation", citation)
        members.writeIfPresent("unit", unit)
        members.writeIfPresent("task", task)
        members.writeIfPresent("term", term)
    }
}

extension ClockWarned: JSONRecord {
    public init(members: inout JSONMembers) throws {
        clock = try members.read("clock")
        serial = try members.read("serial")
        rung = try members.read("rung")
        share = try members.read("share")
        at = try members.read("at")
        due = try members.read("due")
        audience = try members.read("audience")
        unit = try members.readIfPresent("unit")
        lead = try members.readIfPresent("lead")
        told = try members.readIfPresent("told")
    }

    public func write(members: inout JSONText) {
        members.write("clock", clock)
        members.write("serial", serial)
        members.write("rung", rung)
        members.write("share", share)
        members.write("at", at)
        members.write("due", due)
        members.write("audience", audience)
        members.writeIfPresent("unit", unit)
        members.writeIfPresent("lead", lead)
        members.writeIfPresent("told", told)
    }
}

extension ClockPassed: JSONRecord {
    public init(members: inout JSONMembers) throws {
        clock = try members.read("clock")
        serial = try members.read("serial")
        rung = try members.read("rung")
        daysLate = try members.read("daysLate")
        at = try members.read("at")
        due = try members.read("due")
        audience = try members.read("audience")
        unit = try members.readIfPresent("unit")
        lead = try members.readIfPresent("lead")
        supervise = try members.readIfPresent("supervise")
        told = try members.readIfPresent("told")
        next = try members.readIfPresent("next")
        after = try members.readIfPresent("after")
    }

    public func write(members: inout JSONText) {
        members.write("clock", clock)
        members.write("serial", serial)
        members.write("rung", rung)
        members.write("daysLate", daysLate)
        members.write("at", at)
        members.write("due", due)
        members.write("audience", audience)
        members.writeIfPresent("unit", unit)
        members.writeIfPresent("lead", lead)
        members.writeIfPresent("supervise", supervise)
        members.writeIfPresent("told", told)
        members.writeIfPresent("next", next)
        members.writeIfPresent("after", after)
    }
}

extension ClockMet: JSONRecord {
    public init(members: inout JSONMembers) throws {
        clock = try members.read("clock")
        serial = try members.read("serial")
        by = try members.read("by")
    }

    public func write(members: inout JSONText) {
        members.write("clock", clock)
        members.write("serial", serial)
        members.write("by", by)
    }
}

extension ClockLapsed: JSONRecord {
    public init(members: inout JSONMembers) throws {
        clock = try members.read("clock")
        serial = try members.read("serial")
        reason = try members.read("reason")
        at = try members.readIfPresent("at")
    }

    public func write(members: inout JSONText) {
        members.write("clock", clock)
        members.write("serial", serial)
        members.write("reason", reason)
        members.writeIfPresent("at", at)
    }
}
