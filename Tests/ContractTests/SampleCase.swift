import CaseFlow
import Models
import TestSupport
import Testing

@testable import Intake
@testable import Routing

/// A case as intake and routing know it, played without servers as far as a sample of an answer needs it.
struct SampleCase {
    static let subject = Subject(UniqueID(high: 0x0193_0000_0000_7000, low: 0x8000_0000_0000_0001))
    static let clerk = ActingPerson(role: .clerk, unit: TestCounty.desk, person: PersonCode(validated: "clerk-1"))
    static let officer = ActingPerson(role: .officer, unit: TestCounty.roads, person: PersonCode(validated: "roads-1"))
    static let head = ActingPerson(role: .unitHead, unit: TestCounty.roads, person: PersonCode(validated: "roads-0"))
    static let answer = AnswerText(claim: "claim", facts: "facts", opinion: .support, conclusion: "done", basis: "law")

    let seal: SealKey
    let county: CountyIndex
    private let process: IntakeProcess
    private let context: FlowContext
    private var positions = SourcePositions()
    private(set) var intake: IntakeState?
    private(set) var routing: RoutingState?
    private(set) var events: [CaseEvent] = []
    private(set) var answers: [JSONValue] = []
    let registration: Registration

    /// Registers a case that the roads office gets.
    init() throws {
        seal = try #require(SealKey(secret: [UInt8](repeating: 7, count: 32)))
        process = IntakeProcess(signer: try #require(ReceiptSigner(seed: [UInt8](repeating: 7, count: 32))))
        let edition = try CountyBook.Edition(TestCounty.whole())
        county = edition.index
        var counties = CountyBook()
        counties.add(edition)
        counties.putInForce(edition.index.version)
        context = FlowContext(now: Instant(microseconds: 1_764_000_000_000_000), counties: counties)
        let contact = PetitionerContact(name: "Li Dashan", phone: "000 1111 2222", code: "CODE")
        registration = Registration(
            id: CaseID(Self.subject), serial: 1, code: "K7QWM3VTXA", kind: .claim, channel: .web, urgency: .ordinary, title: "the road",
            narrative: "It is broken.", topic: nil, region: nil, occurred: context.now, anonymous: false,
            petitioners: [.init(person: "p", contact: try seal.seal(contact))], fingerprint: nil, accused: nil, settlement: nil)
        try state(decide(.register(registration)), by: .intake)
    }

    var file: CaseFile { get throws { try #require(intake?.file) } }
    var desk: RoutingState { get throws { try #require(routing) } }

    mutating func order(_ order: CaseOrder, by person: ActingPerson) throws {
        try state(decide(.order(CaseCommand(order, on: Self.subject, by: person))), by: .intake)
    }

    mutating func desk(_ order: DeskOrder, by person: ActingPerson) throws {
        let decision = try RoutingProcess().decide(DeskCommand(order, by: person), on: routing, in: context)
        answers.append(try JSONValue(parsing: decision.answer))
        try state(decision.facts, by: .routing)
    }

    /// What publishing a county definition answers.
    mutating func publish() throws -> JSONValue {
        try JSONValue(parsing: process.decide(.publish(TestCounty.whole(merged: true)), on: nil, in: context).answer)
    }

    /// The receipt and whether it was known, as kept.
    var registered: RegistrationAnswer { get throws { try #require(RegistrationAnswer(bytes: answers[0].canonical)) } }

    private mutating func decide(_ command: IntakeProcess.Command) throws -> [any EventFacts] {
        let decision = try process.decide(command, on: intake, in: context)
        answers.append(try JSONValue(parsing: decision.answer))
        return decision.facts
    }

    private mutating func state(_ facts: [any EventFacts], by source: Source) throws {
        for fact in facts {
            var after = SourcePositions()
            for other in [Source.intake, .routing] where other != source { after[other] = positions[other] }
            positions[source] += 1
            let event = try CaseEvent(
                id: EventID(UniqueID(high: 0x0193_0000_0000_7000, low: 0x9000_0000_0000_0000 + UInt64(events.count))), source: source,
                subject: Self.subject, type: type(of: fact).type, version: 1, time: context.now, sequence: positions[source], after: after,
                county: county.version, traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", stating: fact)
            events.append(event)
            _ = try process.apply(event, to: &intake, in: context)
            try state(try RoutingProcess().apply(event, to: &routing, in: context).facts, by: .routing)
        }
    }
}
