import Models

/// What a service does with the events and commands of one case: a pure function of what it is given.
///
/// No input or output, no clock, no randomness of its own: the same state, event and context always give the same
/// outcome. State changes only in `apply`, also for the events that `decide` brings about, so the ledger of events
/// rebuilds every state.
public protocol CaseProcess: Sendable {
    /// What this service remembers of one subject.
    associatedtype State: Sendable & Equatable
    /// What may be asked of it.
    associatedtype Command: Sendable
    /// What must be stored besides the state when an event is applied: a ledger line, a notice, a feed entry.
    associatedtype Effect: Sendable

    /// The source of the events that this process emits.
    var source: Source { get }

    /// Takes `event`, its own or another service's, into `state` and says what follows.
    ///
    /// Throws when the event contradicts what is known; it is then dead-lettered, and nothing of it takes effect.
    func apply(_ event: CaseEvent, to state: inout State?, in context: FlowContext) throws(EventError) -> Consequences<Effect>

    /// Answers `command` by the facts it brings about; the engine then applies them.
    func decide(_ command: Command, on state: State?, in context: FlowContext) throws(Refusal) -> Decision
}

/// What follows from an applied event.
public struct Consequences<Effect: Sendable>: Sendable {
    /// Facts that this service now states itself, in order.
    public var facts: [any EventFacts]
    /// What is stored in the same transaction.
    public var effects: [Effect]
    /// Events for exchanges other than the internal one, sent through the same outbox.
    public var messages: [OutboundEvent]

    public init(facts: [any EventFacts] = [], effects: [Effect] = [], messages: [OutboundEvent] = []) {
        self.facts = facts
        self.effects = effects
        self.messages = messages
    }
}

/// The answer to a command.
public struct Decision: Sendable {
    /// The facts it brings about, in order; none when nothing changes.
    public var facts: [any EventFacts]
    /// What the asker gets, as JSON bytes.
    public var answer: [UInt8]
    /// Names taken for good by this decision; a later command that looks one up finds this answer.
    public var claims: [ClaimKey]

    public init(facts: [any EventFacts], answer: [UInt8] = [], claims: [ClaimKey] = []) {
        self.facts = facts
        self.answer = answer
        self.claims = claims
    }
}

/// What a pure decision may know of the world around it.
public struct FlowContext: Sendable {
    /// The instant of the unit of work, by the database's clock.
    public let now: Instant
    /// The county definitions known here, and which is in force.
    public let counties: CountyBook
    /// What is recorded under the names that the command looks up.
    public let claims: [ClaimKey: Claim]

    public init(now: Instant, counties: CountyBook, claims: [ClaimKey: Claim] = [:]) {
        self.now = now
        self.counties = counties
        self.claims = claims
    }
}

/// Says no to a command in a sentence that names the rule.
public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of no it is, for the status of an answer over HTTP.
    public enum Kind: String, Sendable {
        /// The command does not fit the state of the case.
        case conflict
        /// There is no such case.
        case unknown
        /// The one who asks may not do it.
        case forbidden
        /// The case is no longer as the one who asks believed it to be.
        case changed
        /// The command itself is wrong.
        case invalid
        /// It may be right later.
        case unavailable
    }

    public let kind: Kind
    /// A stable short name of the rule: `idempotency-key-reused`.
    public let rule: String
    /// The sentence for the person who asked.
    public let sentence: String

    public init(_ kind: Kind, rule: String, sentence: String) {
        self.kind = kind
        self.rule = rule
        self.sentence = sentence
    }

    public var description: String { sentence }

    /// What the table of a case's life says no to.
    public init(_ refusal: StepRefusal) {
        switch refusal.rule {
        case .wrongActor: self.init(.forbidden, rule: refusal.rule.rawValue, sentence: refusal.description)
        case .wrongStage: self.init(.conflict, rule: refusal.rule.rawValue, sentence: refusal.description)
        }
    }

    /// Somebody gave a command on a state of the case that is no longer its own.
    public static let caseChanged = Refusal(
        .changed, rule: "case-changed", sentence: "the case has changed since you read it; read it again and decide anew")

    /// One sentence for a case that does not exist and for one that the asker may not know of.
    public static let unknownCase = Refusal(.unknown, rule: "unknown-case", sentence: "there is no such case here")
}
