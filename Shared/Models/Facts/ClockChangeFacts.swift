// What changes a running clock besides an extension. Deadline states it.

/// A clock stands still for a lawful reason, so that the time until it runs again does not count (中止计时).
public struct ClockPaused: EventFacts {
    public static var type: String { "clock.paused" }

    public var by: ActingPerson
    public var clock: ClockName
    public var serial: Int
    /// The reason for which the rule pack lets it stand still (Article 36 for hearings).
    public var reason: LocalizedText
    /// What the one who paused it wrote.
    public var note: String
    public var due: Instant

    public init(by: ActingPerson, clock: ClockName, serial: Int, reason: LocalizedText, note: String, due: Instant) {
        self.by = by
        self.clock = clock
        self.serial = serial
        self.reason = reason
        self.note = note
        self.due = due
    }
}

/// A paused clock runs again, with as much time owed as when it was stopped.
public struct ClockResumed: EventFacts {
    public static var type: String { "clock.resumed" }

    public var by: ActingPerson
    public var clock: ClockName
    public var serial: Int
    public var old: Instant
    public var due: Instant
    public var dueDate: LocalDate
    public var provisional: Bool

    public init(by: ActingPerson, clock: ClockName, serial: Int, old: Instant, due: Instant, dueDate: LocalDate, provisional: Bool) {
        self.by = by
        self.clock = clock
        self.serial = serial
        self.old = old
        self.due = due
        self.dueDate = dueDate
        self.provisional = provisional
    }
}

/// Why the date of a running clock was counted anew.
public enum RebaseCause: String, CaseIterable, Codable, Sendable, Hashable {
    /// Other days are worked than were believed to be: a year's notice is out, or something came in between.
    case calendar
    /// Somebody moved the clock to the terms of the county definition in force.
    case policy
}

/// The date of a running clock was counted anew.
public struct ClockRebased: EventFacts {
    public static var type: String { "clock.rebased" }

    /// Nil for a change of the calendar, which nobody decides for one case.
    public var by: ActingPerson?
    public var clock: ClockName
    public var serial: Int
    public var cause: RebaseCause
    public var reason: LocalizedText
    /// The term that counts from now on; nil where it is the one of before.
    public var term: Term?
    public var roll: DueRoll?
    public var old: Instant
    public var due: Instant
    public var dueDate: LocalDate
    public var provisional: Bool

    public init(
        by: ActingPerson?, clock: ClockName, serial: Int, cause: RebaseCause, reason: LocalizedText, term: Term? = nil,
        roll: DueRoll? = nil,
        old: Instant, due: Instant, dueDate: LocalDate, provisional: Bool
    ) {
        self.by = by
        self.clock = clock
        self.serial = serial
        self.cause = cause
        self.reason = reason
        self.term = term
        self.roll = roll
        self.old = old
        self.due = due
        self.dueDate = dueDate
        self.provisional = provisional
    }
}
