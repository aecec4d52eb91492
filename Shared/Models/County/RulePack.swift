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

    public init(
        code: RulePackCode, name: LocalizedText, citation: LocalizedText, applies: PackConditions, clocks: [PackClock], ladder: Ladder
    ) {
        self.code = code
        self.name = name
        self.citation = citation
        self.applies = applies
        self.clocks = clocks
        self.ladder = ladder
    }

    public func clock(_ name: ClockName) -> PackClock? { clocks.first { $0.name == name } }

    /// The clocks that an event starts for a case of a kind.
    public func clocks(startedBy type: EventType, for kind: CaseKind) -> [PackClock] {
        clocks.filter { $0.from == type && ($0.kinds.isEmpty || $0.kinds.contains(kind)) }
    }

    /// Whether a case of a kind has a clock from its registration on, and still one when it is assigned.
    public func keepsClock(for kind: CaseKind) -> Bool {
        func started(by event: String) -> [PackClock] {
            EventType(event).map { clocks(startedBy: $0, for: kind).filter { $0.term != nil } } ?? []
        }
        let fromRegistration = started(by: CaseRegistered.type)
        let lasting = fromRegistration.filter { !$0.endsWith.contains { $0.description == CaseAssigned.type } }
        return !lasting.isEmpty || !fromRegistration.isEmpty && !started(by: CaseAssigned.type).isEmpty
    }

    /// The events after which a unit owes a case of a kind its next step, and no clock of this pack would run.
    public func eventsWithoutClock(for kind: CaseKind) -> [String] {
        let earlier = [CaseRegistered.type, CaseAssigned.type]
        return [CaseAccepted.type, ReviewRequested.type, FinalReviewRequested.type].filter { name in
            guard let event = EventType(name) else { return false }
            let starts = clocks(startedBy: event, for: kind).contains { $0.term != nil && !$0.lapses }
            let goesOn = clocks.contains { clock in
                earlier.contains(clock.from.description) && (clock.kinds.isEmpty || clock.kinds.contains(kind)) && clock.term != nil
                    && !clock.lapses && !clock.endsWith.contains(event) && name == CaseAccepted.type
            }
            return !starts && !goesOn
        }
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
