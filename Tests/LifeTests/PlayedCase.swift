import CaseFlow
import Deadline
import Models
import Notification
import Operator
import Routing
import TestSupport
import Testing

@testable import Intake

/// A case as the four services play it, without servers: each event is applied at once by all who hear it.
struct PlayedCase {
    static let subject = Subject(UniqueID(high: 0x0193_0000_0000_7000, low: 0x8000_0000_0000_0001))

    private let intake: IntakeProcess
    private var counties: CountyBook
    private var positions = SourcePositions()
    /// How far each service has applied each stream.
    private var applied: [Source: SourcePositions] = [:]
    private var serial: UInt64 = 0
    private var version: String
    private(set) var now = Instant(microseconds: 1_764_000_000_000_000)
    private(set) var record = SubjectRecord(subject: subject)
    /// Every notice that was made, as template and recipient.
    private(set) var notices: [String] = []
    /// The circles of feed entries, empty for those that are for everybody.
    private(set) var circles: [[UnitCode]] = []
    /// The feed entries as they are written.
    private(set) var entries: [FeedEntry] = []
    /// What routing counted of units.
    private(set) var moves: [LoadMove] = []
    /// What routing has not heard yet, in the order in which it will; nil while it hears everything at once.
    private var unheard: [CaseEvent]?

    /// Registers a case; its title decides who gets it.
    ///
    /// - Parameter isRoutingBehind: Routing hears of nothing, the registration included, until `catchUp`.
    init(
        _ title: String = "the road", kind: CaseKind = .claim, petitioners: Int = 1, accused: CaseRegistered.Accused? = nil,
        settledBy unit: UnitCode? = nil, _ settler: ActingPerson = clerk, in definition: CountyDefinition = TestCounty.whole(),
        tags: [HouseholdTag]? = nil, isRoutingBehind: Bool = false
    ) throws {
        unheard = isRoutingBehind ? [] : nil
        intake = IntakeProcess(signer: try #require(ReceiptSigner(seed: [UInt8](repeating: 7, count: 32))))
        counties = CountyBook()
        let edition = try CountyBook.Edition(definition)
        counties.add(edition)
        counties.putInForce(edition.index.version)
        version = edition.index.version
        let people = (0..<petitioners).map {
            CaseRegistered.Petitioner(
                person: "p\($0)", contact: SealedText(text: "sealed \($0)"), represents: petitioners > 1 && $0 < 5 ? true : nil)
        }
        let registration = Registration(
            id: CaseID(Self.subject), serial: 1, code: "CODE", kind: kind, channel: .web, urgency: .ordinary, title: title,
            narrative: title,
            topic: nil, region: nil, occurred: nil, anonymous: petitioners == 0, petitioners: people, fingerprint: nil, accused: accused,
            settlement: unit.map { .init(by: settler, unit: $0, answer: Self.answer) }, tags: tags)
        try decide(.register(registration))
        record.receipts = [try #require(record.intake?.file?.number)]
    }

    static let answer = AnswerText(claim: "claim", facts: "facts", opinion: .support, conclusion: "done", basis: "law")
    static let clerk = ActingPerson(role: .clerk, unit: TestCounty.desk, person: PersonCode(validated: "clerk-1"))
    static let dispatcher = ActingPerson(role: .dispatcher, unit: TestCounty.desk, person: PersonCode(validated: "dispatcher-1"))
    static let leader = ActingPerson(role: .leader, unit: TestCounty.county, person: PersonCode(validated: "leader-1"))
    static func officer(_ unit: UnitCode) -> ActingPerson {
        ActingPerson(role: .officer, unit: unit, person: PersonCode(validated: "\(unit)-officer"))
    }
    static func head(_ unit: UnitCode) -> ActingPerson {
        ActingPerson(role: .unitHead, unit: unit, person: PersonCode(validated: "\(unit)-head"))
    }

    var life: CaseLife { get throws { try #require(record.intake?.file?.life) } }
    /// The case's life as a service knows it; nil while it has not heard of the case.
    func life(knownTo source: Source) -> CaseLife? {
        switch source {
        case .intake: record.intake?.file?.life
        case .routing: record.routing?.life
        case .deadline: record.deadline?.life
        case .notification: record.notification?.life
        }
    }
    var stage: Stage { get throws { try life.stage } }
    var running: [String] { record.deadline?.clocks.filter { $0.phase == .running }.map(\.name.text) ?? [] }
    var state: RoutingState { get throws { try #require(record.routing) } }

    /// The breaches of the promise that the record shows.
    var violations: [String] {
        PromiseCheck(counties: counties, now: now, intake: intake).violations(in: record).map(\.description)
    }

    mutating func publish(_ definition: CountyDefinition) throws {
        let edition = try CountyBook.Edition(definition)
        counties.add(edition)
        counties.putInForce(edition.index.version)
        version = edition.index.version
    }

    /// An order to routing; throws its refusal.
    mutating func desk(_ order: DeskOrder, by person: ActingPerson, seeing revision: CaseLife.Revision? = nil) throws {
        let command = DeskCommand(order, by: person, expected: revision)
        try state(RoutingProcess().decide(command, on: record.routing, in: context).facts, by: .routing)
    }

    /// An order to intake; throws its refusal.
    mutating func order(_ order: CaseOrder, by person: ActingPerson = .petitioner) throws {
        try decide(.order(CaseCommand(order, on: Self.subject, by: person)))
    }

    mutating func extend(_ days: Int, by person: ActingPerson) throws {
        let command = ExtensionCommand(clock: .handle, term: Term(days, .day), reason: "complicated", by: person)
        try state(DeadlineProcess().decide(.extend(command), on: record.deadline, in: context).facts, by: .deadline)
    }

    /// A change of clocks at deadline; throws its refusal.
    mutating func change(_ order: ClockCommand.Order, by person: ActingPerson) throws {
        let command = ClockCommand(order, by: person)
        try state(DeadlineProcess().decide(.change(command), on: record.deadline, in: context).facts, by: .deadline)
    }

    /// Counts the dates of running clocks anew by the calendar in force; says how many changed.
    mutating func recount() throws -> Int {
        let facts = try DeadlineProcess().decide(.recount, on: record.deadline, in: context).facts
        try state(facts, by: .deadline)
        return facts.count
    }

    /// From now on routing hears of nothing that others state.
    mutating func leaveRoutingBehind() { unheard = [] }

    /// Routing hears of everything that it has not heard, and of what comes from now on at once.
    mutating func catchUp() throws {
        while let event = unheard?.first {
            unheard?.removeFirst()
            try state(try apply(event, by: RoutingProcess(), \.routing).facts, by: .routing)
        }
        unheard = nil
        noteClocks()
    }

    /// Lets days pass and fires every rung whose moment has come.
    mutating func pass(days: Int) throws {
        now = now + .seconds(Int64(days) * 86_400)
        try state(DeadlineProcess().decide(.fire, on: record.deadline, in: context).facts, by: .deadline)
    }

    private var context: FlowContext { FlowContext(now: now, counties: counties) }

    private mutating func decide(_ command: IntakeProcess.Command) throws {
        try state(intake.decide(command, on: record.intake, in: context).facts, by: .intake)
    }

    private mutating func state(_ facts: [any EventFacts], by source: Source) throws {
        // What one command states stands together, as in one unit of work: the others hear of it afterwards.
        var events: [CaseEvent] = []
        for fact in facts { events.append(try event(fact, by: source)) }
        for event in events { try deliver(event) }
    }

    private mutating func event(_ facts: any EventFacts, by source: Source) throws -> CaseEvent {
        serial += 1
        var after = SourcePositions()
        for other in source.hears where other != source { after[other] = applied[source]?[other] ?? 0 }
        positions[source] += 1
        return try CaseEvent(
            id: EventID(UniqueID(high: 0x0193_0000_0000_7000, low: 0x9000_0000_0000_0000 + serial)), source: source,
            subject: Self.subject, type: type(of: facts).type, version: 1, time: now, sequence: positions[source], after: after,
            county: version, traceparent: nil, stating: facts)
    }

    private mutating func deliver(_ event: CaseEvent) throws {
        for case .line(let line) in try apply(event, by: intake, \.intake).effects {
            record.lines.append(.init(position: line.position, event: line.event.wire, previous: line.previous, hash: line.hash))
        }
        var routing = Consequences<RoutingEffect>()
        if unheard == nil || event.source == .routing {
            routing = try apply(event, by: RoutingProcess(), \.routing)
        } else if Source.routing.hears.contains(event.source) {
            unheard?.append(event)
        }
        for case .move(let move) in routing.effects { moves.append(move) }
        let deadline = try apply(event, by: DeadlineProcess(), \.deadline)
        for effect in try apply(event, by: NotificationProcess(), \.notification).effects {
            switch effect {
            case .notice(let notice):
                notices.append("\(notice.template.rawValue) \(notice.recipient)")
                record.notices.append(
                    .init(id: notice.id, template: notice.template.rawValue, recipient: notice.recipient, phase: .due))
            case .feed(let entry):
                record.feed.append(entry.event)
                if entry.circle == nil { record.openEntries += 1 }
                circles.append(entry.circle ?? [])
                entries.append(entry)
                #expect(try PublishedLanguage.shared?.misfits(entry.type, entry.body) == [], "\(entry.type)")
            case .settled, .delivered, .withdrawn, .corrected, .digest: break
            }
        }
        try state(routing.facts, by: .routing)
        try state(deadline.facts, by: .deadline)
        noteClocks()
    }

    private mutating func noteClocks() {
        for reader in Source.allCases {
            var known = SourcePositions()
            for source in reader.hears + [reader] { known[source] = positions[source] }
            record.clocks[reader] = CaseClock(positions: known)
        }
    }

    private mutating func apply<P: CaseProcess>(
        _ event: CaseEvent, by process: P, _ state: WritableKeyPath<SubjectRecord, P.State?>
    ) throws -> Consequences<P.Effect> {
        guard event.source == process.source || process.source.hears.contains(event.source) else { return Consequences() }
        applied[process.source, default: SourcePositions()][event.source] = event.sequence
        return try process.apply(event, to: &record[keyPath: state], in: context)
    }
}
