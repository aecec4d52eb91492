import Models

/// What routing remembers of one case: who has it, and why.
public struct RoutingState: Equatable, Sendable, Codable {
    public var number: String
    /// The lead unit (主办单位).
    public var unit: UnitCode
    public var rule: RuleCode?
    public var reason: LocalizedText
    public var topic: TopicCode?
    public var region: RegionCode?
    public var urgency: Urgency
    public var pack: RulePackCode
    public var assigned: Instant
    public var handOffs: Int
    /// The county version the case began under.
    public var county: String
}

/// Routing stores nothing besides its state yet.
public enum RoutingEffect: Sendable, Hashable {}
