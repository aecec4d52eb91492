/// One clock (时限) of a pack.
public struct PackClock: Codable, Sendable, Hashable {
    public var name: ClockName
    public var title: LocalizedText
    /// The event that starts it.
    public var from: EventType
    /// The kinds of case it runs for; empty for all.
    public var kinds: [CaseKind]
    /// How long it runs; nil when whoever starts it sets the term.
    public var term: Term?
    public var roll: DueRoll
    /// The article that sets the term.
    public var citation: LocalizedText
    /// The events that end it in time.
    public var endsWith: [EventType]
    /// Whether reaching its due date only ends a right, so that nobody is urged.
    public var lapses: Bool
    /// The reason for which it may be paused, if there is one.
    public var pause: LocalizedText?
    public var extensionRule: PackExtension?
    /// Replaces the pack's ladder for this clock.
    public var ladder: Ladder?

    enum CodingKeys: String, CodingKey {
        case name, title, from, kinds, term, roll, citation, endsWith, lapses, pause
        case extensionRule = "extension"
        case ladder
    }

    public init(
        name: ClockName, title: LocalizedText, from: EventType, kinds: [CaseKind] = [], term: Term?, roll: DueRoll = .none,
        citation: LocalizedText, endsWith: [EventType], lapses: Bool = false, pause: LocalizedText? = nil,
        extensionRule: PackExtension? = nil, ladder: Ladder? = nil
    ) {
        self.name = name
        self.title = title
        self.from = from
        self.kinds = kinds
        self.term = term
        self.roll = roll
        self.citation = citation
        self.endsWith = endsWith
        self.lapses = lapses
        self.pause = pause
        self.extensionRule = extensionRule
        self.ladder = ladder
    }
}

/// How far a clock may be extended (延期).
public struct PackExtension: Codable, Sendable, Hashable {
    /// How often.
    public var times: Int
    /// The longest that each may be.
    public var longest: Term
    public var citation: LocalizedText

    public init(times: Int, longest: Term, citation: LocalizedText) {
        self.times = times
        self.longest = longest
        self.citation = citation
    }
}
