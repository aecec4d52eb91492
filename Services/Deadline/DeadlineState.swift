import Models

/// What deadline remembers of one case: its pack and its clocks.
public struct DeadlineState: Equatable, Sendable, Codable {
    /// The case number (信访件编号); nil in states of before.
    public var number: String?
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

    /// Lets the clocks of a unit that has ended be those of the one that has its duties now (Article 24).
    ///
    /// Those that have ended, too: whether one ended before or after is not the same to all who hear of both.
    mutating func hand(from old: UnitCode, to new: UnitCode) {
        for index in clocks.indices where clocks[index].unit == old { clocks[index].unit = new }
    }

    /// When the next rung of any running clock may fire; nil when none is left.
    public var nextRung: Instant? {
        clocks.lazy.filter { $0.phase == .running }.compactMap { $0.pending.first?.at }.min()
    }

    /// When the last of the running clocks is due; nil when none runs.
    public var lastDue: Instant? { clocks.lazy.filter { $0.phase == .running }.map(\.due).max() }

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
    public enum Phase: String, CaseIterable, Codable, JSONReadable, JSONWritable, Sendable {
        case running, paused, met, lapsed
    }

    /// What changed its date or stopped it, as it stands in the ledger.
    public struct Turn: Equatable, Sendable, Codable {
        public enum Kind: String, CaseIterable, Codable, JSONReadable, JSONWritable, Sendable {
            case extended, paused, resumed, rebased
        }

        public var kind: Kind
        public var at: Instant
        /// Nil for what nobody decided for this case.
        public var by: ActingPerson?
        public var reason: LocalizedText
        /// What an extension added.
        public var term: Term?
        public var old: Instant
        public var due: Instant
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
    /// The term; nil where the rule pack's counts.
    public var term: Term?
    /// Nil where the rule pack's counts.
    public var roll: DueRoll?
    /// What happened to it in the order of the ledger; nil for nothing.
    public var turns: [Turn]?

    /// Whether something is still owed under it, now or once it runs again.
    public var isOpen: Bool { phase == .running || phase == .paused }

    /// Since when it stands still; nil when it does not.
    public var pausedSince: Instant? { phase == .paused ? turns?.last { $0.kind == .paused }?.at : nil }

    /// The term with all that happened to it up to now, an open pause left out; nil when no term is known.
    func span(by rule: PackClock?) -> ClockSpan? {
        guard let term = term ?? rule?.term else { return nil }
        var span = ClockSpan(from: from, term: term, roll: roll ?? rule?.roll ?? .none)
        var stopped: Instant?
        for turn in turns ?? [] {
            switch turn.kind {
            case .extended: if let more = turn.term { span.extensions.append(more) }
            case .paused: stopped = turn.at
            case .resumed:
                if let from = stopped { span.pauses.append(.init(from: from, until: turn.at)) }
                stopped = nil
            case .rebased: break
            }
        }
        return span
    }
}

/// Deadline stores nothing besides its state.
public enum DeadlineEffect: Sendable, Hashable {}

// As the members are declared; what is missing where nothing may be is refused.

extension DeadlineState: JSONRecord {
    public init(members: inout JSONMembers) throws {
        number = try members.readIfPresent("number")
        channel = try members.read("channel")
        registered = try members.read("registered")
        topic = try members.readIfPresent("topic")
        pack = try members.read("pack")
        county = try members.read("county")
        life = try members.read("life")
        clocks = try members.read("clocks")
    }

    public func write(members: inout JSONText) {
        members.writeIfPresent("number", number)
        members.write("channel", channel)
        members.write("registered", registered)
        members.writeIfPresent("topic", topic)
        members.write("pack", pack)
        members.write("county", county)
        members.write("life", life)
        members.write("clocks", clocks)
    }
}

extension LegalClock: JSONRecord {
    public init(members: inout JSONMembers) throws {
        name = try members.read("name")
        serial = try members.read("serial")
        pack = try members.read("pack")
        from = try members.read("from")
        due = try members.read("due")
        dueDate = try members.read("dueDate")
        provisional = try members.read("provisional")
        phase = try members.read("phase")
        pending = try members.read("pending")
        unit = try members.readIfPresent("unit")
        task = try members.readIfPresent("task")
        extensions = try members.readIfPresent("extensions")
        term = try members.readIfPresent("term")
        roll = try members.readIfPresent("roll")
        turns = try members.readIfPresent("turns")
    }

    public func write(members: inout JSONText) {
        members.write("name", name)
        members.write("serial", serial)
        members.write("pack", pack)
        members.write("from", from)
        members.write("due", due)
        members.write("dueDate", dueDate)
        members.write("provisional", provisional)
        members.write("phase", phase)
        members.write("pending", pending)
        members.writeIfPresent("unit", unit)
        members.writeIfPresent("task", task)
        members.writeIfPresent("extensions", extensions)
        members.writeIfPresent("term", term)
        members.writeIfPresent("roll", roll)
        members.writeIfPresent("turns", turns)
    }
}

extension LegalClock.Turn: JSONRecord {
    public init(members: inout JSONMembers) throws {
        kind = try members.read("kind")
        at = try members.read("at")
        by = try members.readIfPresent("by")
        reason = try members.read("reason")
        term = try members.readIfPresent("term")
        old = try members.read("old")
        due = try members.read("due")
    }

    public func write(members: inout JSONText) {
        members.write("kind", kind)
        members.write("at", at)
        members.writeIfPresent("by", by)
        members.write("reason", reason)
        members.writeIfPresent("term", term)
        members.write("old", old)
        members.write("due", due)
    }
}
