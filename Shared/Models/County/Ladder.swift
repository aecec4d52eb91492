/// Who is warned and urged as a clock runs out, and when.
public struct Ladder: Codable, Sendable, Hashable {
    /// Shares of the time between start and due date, in percent, ascending, each from 1 to 99.
    public var warnings: [Int]
    public var warned: [Audience]
    /// Who is urged (催办) as soon as the due date has passed.
    public var atDue: [Audience]
    /// Who hears of it later, in order.
    public var afterDue: [LateRung]

    public init(warnings: [Int], warned: [Audience], atDue: [Audience], afterDue: [LateRung]) {
        self.warnings = warnings
        self.warned = warned
        self.atDue = atDue
        self.afterDue = afterDue
    }

    /// The ladder of a clock whose end hurts nobody.
    public static let silent = Ladder(warnings: [], warned: [], atDue: [], afterDue: [])
}

/// A rung above the due date.
public struct LateRung: Codable, Sendable, Hashable {
    /// How long after the due date.
    public var after: Term
    public var audience: [Audience]
    /// Whether supervision (督办) is opened with it (Articles 38 to 40); nil for no.
    public var supervise: Bool?

    public init(after: Term, audience: [Audience], supervise: Bool? = nil) {
        self.after = after
        self.audience = audience
        self.supervise = supervise
    }
}
