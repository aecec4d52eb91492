/// Names a clock (时限) of a rule pack; the constants are the clocks of the national pack.
public struct ClockName: Code {
    public static var noun: String { "clock name" }
    public let text: String

    public init(validated text: String) { self.text = text }

    /// From registration until a unit accepts, declines or redirects (Article 22).
    public static let dispose = ClockName(validated: "dispose")
    /// From each assignment until the petitioner is informed (Article 23).
    public static let inform = ClockName(validated: "inform")
    /// While it runs, a unit may say that a matter is not its own (Article 23).
    public static let objection = ClockName(validated: "objection")
    /// From acceptance of a claim until its answer (Article 34).
    public static let handle = ClockName(validated: "handle")
    /// While it runs, a petitioner may ask for review (Article 35).
    public static let reviewWindow = ClockName(validated: "review-window")
    public static let review = ClockName(validated: "review")
    /// While it runs, a petitioner may ask for final review (Article 36).
    public static let finalWindow = ClockName(validated: "final-window")
    public static let finalReview = ClockName(validated: "final-review")
    /// A co-handling unit's own clock; its term is set by the lead unit.
    public static let coHandle = ClockName(validated: "co-handle")
    /// An assistance task's own clock (帮扶), which goes on after the case has ended; its term is set with the task (Article 37).
    public static let assist = ClockName(validated: "assist")

    /// Whether what is owed under it is owed to the lead unit, not to the petitioner.
    public var isHelp: Bool { self == .coHandle || self == .assist }
}
