/// A set of clocks with their law and their ladder (办理规则); pinned on a case together with the county version.
public struct RulePack: Codable, Sendable, Hashable {
    public var code: RulePackCode
    public var name: LocalizedText
    /// The law or document the pack follows.
    public var citation: LocalizedText
    /// The cases it is meant for; the pack without any condition is the county's default.
    public var applies: PackConditions
    public var clocks: [PackClock]
    /// The ladder of every clock that names none of its own.
    public var ladder: Ladder
    /// What follows when the petitioner is not satisfied with the unit's answer; nil when nothing does by itself.
    public var unsatisfied: UnsatisfiedWay?
    /// The days of registration that it is meant for; nil for all.
    public var effective: PackDays?

    public init(
        code: RulePackCode, name: LocalizedText, citation: LocalizedText, applies: PackConditions, clocks: [PackClock], ladder: Ladder,
        unsatisfied: UnsatisfiedWay? = nil, effective: PackDays? = nil
    ) {
        self.code = code
        self.name = name
        self.citation = citation
        self.applies = applies
        self.clocks = clocks
        self.ladder = ladder
        self.unsatisfied = unsatisfied
        self.effective = effective
    }

    public func clock(_ name: ClockName) -> PackClock? { clocks.first { $0.name == name } }

    /// The clocks that an event starts for a case of a kind.
    public func clocks(startedBy type: EventType, for kind: CaseKind) -> [PackClock] {
        clocks.filter { $0.from == type && ($0.kinds.isEmpty || $0.kinds.contains(kind)) }
    }

    /// Whether a case of a kind has a clock that is owed from its registration on, and still one when it is assigned.
    ///
    /// The clocks of its registration start anew when it is reopened or its merger is undone.
    public func keepsClock(for kind: CaseKind) -> Bool {
        let fromRegistration = owed(from: CaseRegistered.type, for: kind)
        let lasting = fromRegistration.filter { !$0.endsWith.contains { $0.description == CaseAssigned.type } }
        return !lasting.isEmpty || !fromRegistration.isEmpty && !owed(from: CaseAssigned.type, for: kind).isEmpty
    }

    /// The events after which a unit owes a case of a kind its next step, and no clock of this pack would run.
    public func eventsWithoutClock(for kind: CaseKind) -> [String] {
        /// Whether a clock that an event of before has started still runs after all of `events`.
        func goesOn(from earlier: String, past events: [String]) -> Bool {
            owed(from: earlier, for: kind).contains { clock in !clock.endsWith.contains { events.contains($0.description) } }
        }
        let (registered, assigned, accepted) = (CaseRegistered.type, CaseAssigned.type, CaseAccepted.type)
        return [accepted, assigned, ReviewRequested.type, FinalReviewRequested.type].filter { name in
            if !owed(from: name, for: kind).isEmpty { return false }
            return switch name {
            case accepted: ![registered, assigned].contains { goesOn(from: $0, past: [accepted]) }
            // Handed over after it was accepted.
            case assigned: !goesOn(from: registered, past: [accepted, assigned]) && !goesOn(from: accepted, past: [assigned])
            default: true
            }
        }
    }

    /// The clocks that an event starts for a case of a kind and under which somebody is urged.
    private func owed(from event: String, for kind: CaseKind) -> [PackClock] {
        EventType(event).map { clocks(startedBy: $0, for: kind).filter { $0.term != nil && !$0.lapses } } ?? []
    }

    /// The kinds of case that can get this pack: by its own conditions, or by a rule that names it.
    public func kinds(under rules: [Rule]) -> [CaseKind] {
        let named = [applies.kinds] + rules.filter { $0.then.pack == code }.map(\.when.kinds)
        return named.contains(where: \.isEmpty)
            ? CaseKind.allCases : CaseKind.allCases.filter { kind in named.contains { $0.contains(kind) } }
    }

    /// The rungs that apply to a clock of this pack.
    public func ladder(of clock: PackClock) -> Ladder { clock.ladder ?? ladder }
}

/// From when until when a pack is chosen for new cases; a case keeps the pack that it got.
public struct PackDays: Codable, Sendable, Hashable {
    /// The first day; nil for ever since.
    public var from: LocalDate?
    /// The last day; nil for no end.
    public var until: LocalDate?

    public init(from: LocalDate?, until: LocalDate?) {
        self.from = from
        self.until = until
    }

    public func contains(_ day: LocalDate) -> Bool { from.map { $0 <= day } ?? true && until.map { day <= $0 } ?? true }

    /// Whether some day lies in both.
    public func overlaps(_ other: PackDays) -> Bool {
        func ends(_ first: LocalDate?, before second: LocalDate?) -> Bool { first.map { end in second.map { end < $0 } ?? false } ?? false }
        return !ends(until, before: other.from) && !ends(other.until, before: from)
    }
}

/// Where a case goes when its petitioner is not satisfied with the unit's answer (反馈机制).
public enum UnsatisfiedWay: String, CaseIterable, Codable, Sendable, Hashable {
    /// Back to the lead unit, once.
    case reopen
    /// To the unit that reviews, as if the petitioner had asked for it (Article 35).
    case review
}

/// Which cases a pack is meant for; an empty list says nothing, the others must all hold.
public struct PackConditions: Codable, Sendable, Hashable {
    public var kinds: [CaseKind]
    public var channels: [Channel]
    public var urgencies: [Urgency]
    public var topics: [TopicCode]

    public init(kinds: [CaseKind] = [], channels: [Channel] = [], urgencies: [Urgency] = [], topics: [TopicCode] = []) {
        self.kinds = kinds
        self.channels = channels
        self.urgencies = urgencies
        self.topics = topics
    }

    /// How many of the four conditions are given; of two packs that fit a case, the one with more is chosen.
    public var weight: Int { [kinds.isEmpty, channels.isEmpty, urgencies.isEmpty, topics.isEmpty].count { !$0 } }
}
