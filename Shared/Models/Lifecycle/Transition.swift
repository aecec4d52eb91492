/// One row of the table of a case's life: a step, when it may be taken, by whom, and what it leads to.
public struct Transition: Sendable, Hashable {
    /// A role together with what binds its holder to the case.
    public struct Actor: Sendable, Hashable {
        public var role: Role
        public var standing: Standing

        public init(_ role: Role, _ standing: Standing) {
            self.role = role
            self.standing = standing
        }
    }

    public var step: CaseStep
    /// The stages in which it may be taken.
    public var from: Set<Stage>
    /// The stage that it leads to; nil when the case stays where it is.
    public var to: Stage?
    public var actors: Set<Actor>
    /// The type of the event that tells of it.
    public var event: String
    /// The service that decides it.
    public var decidedBy: Source
    /// The articles of the Regulation that it follows; empty where the county's own practice does.
    public var articles: [Int]
}

/// Why a step cannot be taken, in a sentence that names the rule.
public struct StepRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Rule: String, Sendable, CaseIterable {
        /// The one who asks has not the role, or is not bound to the case as it takes.
        case wrongActor = "wrong-actor"
        /// The case does not stand where the step begins.
        case wrongStage = "wrong-stage"
    }

    public let rule: Rule
    public let description: String
}
