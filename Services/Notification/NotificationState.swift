import Models

/// What notification remembers of one case: enough to write its notices and its feed entries.
public struct NotificationState: Equatable, Sendable, Codable {
    public var number: String
    public var kind: CaseKind
    public var channel: Channel
    public var urgency: Urgency
    public var title: String
    public var topic: TopicCode?
    public var region: RegionCode?
    public var registered: Instant
    /// The accountable unit; the dispatch desk before the first assignment.
    public var unit: UnitCode
    /// How to reach the petitioner; nil for anonymous ones.
    public var contact: SealedText?
    /// The county version the case began under.
    public var county: String
    /// How many feed entries were made of the case.
    public var feedEntries: Int64
    /// Notices whose end is on record.
    public var settled: [NoticeID]

    /// Whether departments may hear of it: an accusation (检举控告) never reaches the feed (Articles 30 and 46).
    var isPublic: Bool { kind != .accusation }
}

/// What notification stores besides the state.
public enum NotificationEffect: Sendable, Hashable {
    case notice(Notice)
    case settled(NoticeID, delivered: Bool, answer: String)
    case feed(FeedEntry)
}
