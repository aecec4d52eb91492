import Models

/// What a unit of work asks of a store before it begins.
public struct WorkScope: Sendable {
    /// The subjects that nobody else may change meanwhile, in ascending order.
    public var subjects: [Subject]
    /// Those of them of which most likely nothing is stored: a store need not look for them, as long as it notices when they are there
    /// all the same.
    public var named: Set<Subject>
    /// Names to look up.
    public var claims: [ClaimKey]
    /// County versions that the deliveries name.
    public var counties: Set<String>
    /// The time of the youngest delivery: the work is not done before that, as far as clocks agree within a second.
    public var heard: Instant?
    /// Leaves out the subjects that another unit of work holds, and those never heard of, instead of waiting.
    public var skipsLocked: Bool

    public init(
        subjects: [Subject], named: Set<Subject> = [], claims: [ClaimKey] = [], counties: Set<String> = [], heard: Instant? = nil,
        skipsLocked: Bool = false
    ) {
        self.subjects = Array(Set(subjects)).sorted()
        self.named = named
        self.claims = claims
        self.counties = counties
        self.heard = heard
        self.skipsLocked = skipsLocked
    }
}

/// What a store has found for a unit of work.
public struct Loaded<State: Sendable>: Sendable {
    public var now: Instant
    public var counties: CountyBook
    /// The clocks of all subjects; one that is missing here was skipped.
    public var clocks: [Subject: CaseClock]
    public var states: [Subject: State]
    public var held: [Subject: [CaseEvent]]
    /// The identifiers of dead letters, for the subjects that have some.
    public var dead: [Subject: Set<EventID>]
    public var claims: [ClaimKey: Claim]

    public init(
        now: Instant, counties: CountyBook, clocks: [Subject: CaseClock], states: [Subject: State],
        held: [Subject: [CaseEvent]] = [:], dead: [Subject: Set<EventID>] = [:], claims: [ClaimKey: Claim] = [:]
    ) {
        self.now = now
        self.counties = counties
        self.clocks = clocks
        self.states = states
        self.held = held
        self.dead = dead
        self.claims = claims
    }
}

/// What a unit of work stores, all of it in one commit.
public struct Changes<State: Sendable, Effect: Sendable>: Sendable {
    public var clocks: [(subject: Subject, clock: CaseClock)] = []
    public var states: [(subject: Subject, state: State)] = []
    /// In the order in which they came about.
    public var effects: [Effect] = []
    /// With each, whether its county version is what it waits for.
    public var held: [(event: CaseEvent, awaitsCounty: Bool)] = []
    public var released: [EventID] = []
    public var deadLetters: [DeadLetter] = []
    public var revived: [EventID] = []
    public var claims: [Claim] = []
    public var counties: [(edition: CountyBook.Edition, sequence: Int64)] = []
    public var outbox: [OutboundMessage] = []

    public init() {}

    /// Whether there is nothing to store.
    public var isEmpty: Bool {
        clocks.isEmpty && states.isEmpty && effects.isEmpty && held.isEmpty && released.isEmpty && deadLetters.isEmpty
            && revived.isEmpty && claims.isEmpty && counties.isEmpty && outbox.isEmpty
    }
}

/// An event that could not be applied, with the reason; later events of its subject are held until it is replayed.
public struct DeadLetter: Hashable, Sendable {
    public let event: CaseEvent
    public let reason: String
    public let at: Instant

    public init(event: CaseEvent, reason: String, at: Instant) {
        self.event = event
        self.reason = reason
        self.at = at
    }
}
