import Models

/// What deadline remembers of one case: its pack and its clocks.
public struct DeadlineState: Equatable, Sendable, Codable {
    public var channel: Channel
    public var registered: Instant
    public var topic: TopicCode?
    /// The rule pack (办理规则) that is pinned on the case.
    public var pack: RulePackCode
    /// The county version the case began under; its calendar counts.
    public var county: String
    /// Where the case stands and who takes part.
    public var life: CaseLife
    /// Every clock the case ever had, in the order in which they started.
    public var clocks: [LegalClock] = []

    /// Lets the running clocks of a unit that has ended run for the one that has its duties now (Article 24).
    mutating func hand(from old: UnitCode, to new: UnitCode) {
        for index in clocks.indices where clocks[index].phase == .running && clocks[index].unit == old { clocks[index].unit = new }
    }

    /// When the next rung of any running clock may fire; nil when none is left.
    public var nextRung: Instant? {
        clocks.lazy.filter { $0.phase == .running }.compactMap { $0.pending.first?.at }.min()
    }

    /// The rungs of running clocks that may fire at `now`, in the order of their moments.
    public func dueRungs(at now: Instant) -> [(clock: LegalClock, rung: Rung)] {
        clocks.filter { $0.phase == .running }
            .flatMap { clock in clock.pending.prefix { $0.at <= now }.map { (clock, $0) } }
            .sorted { ($0.rung.at, $0.clock.serial, $0.rung.index) < ($1.rung.at, $1.clock.serial, $1.rung.index) }
    }
}

/// A clock (时限) of one case.
public struct LegalClock: Equatable, Sendable, Codable {
    /// What became of it; whether its due instant has passed is told by the time, not by a flag.
    public enum Phase: String, Codable, Sendable {
        case running, met, lapsed
    }

    public var name: ClockName
    /// Counts the clocks of this name on the case from 1.
    public var serial: Int
    public var pack: RulePackCode
    public var from: Instant
    public var due: Instant
    public var dueDate: LocalDate
    public var provisional: Bool
    public var phase: Phase
    /// The rungs that have not fired, in the order in which they will.
    public var pending: [Rung]
    /// The co-handling unit, or the unit of an assistance task, that it runs for; nil for the clocks of the case.
    public var unit: UnitCode?
    /// The assistance task (帮扶) that it runs for, by its serial.
    public var task: Int?
    /// How often it was given more time.
    public var extensions: Int?
}

/// Deadline stores nothing besides its state.
public enum DeadlineEffect: Sendable, Hashable {}
