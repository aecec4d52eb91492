import CaseFlow
import Models
import TestSupport
import Testing

@testable import Intake

/// A session as intake keeps it, played without servers: what is decided is applied at once and lengthens the ledger.
struct PlayedSession {
    static let subject = Subject(UniqueID(high: 0x0193_0000_0000_7000, low: 0x8000_0000_0000_0077))
    /// 2026-11-24, 09:00 in China.
    static let starts = Instant(microseconds: 1_795_482_000_000_000)
    static let clerk = ActingPerson(role: .clerk, unit: TestCounty.desk, person: PersonCode(validated: "c-1"))

    private let process: IntakeProcess
    private let counties: CountyBook
    private let version: String
    private(set) var state: IntakeState?
    private(set) var events: [CaseEvent] = []
    var now = starts

    init() throws {
        process = IntakeProcess(signer: try #require(ReceiptSigner(seed: [UInt8](repeating: 7, count: 32))))
        counties = try Self.counties()
        version = try #require(counties.current?.index.version)
    }

    static func counties() throws -> CountyBook {
        let edition = try CountyBook.Edition(TestCounty.definition())
        var counties = CountyBook()
        counties.add(edition)
        counties.putInForce(edition.index.version)
        return counties
    }

    /// A session that was brought to a phase.
    init(at phase: SessionPhase) throws {
        try self.init()
        try give(.plan(Self.plan()))
        if phase == .published { try give(.publish) }
        if phase == .open || phase == .closed { try give(.open(at: nil)) }
        if phase == .closed { try give(.close(summary: "s", reached: 1)) }
        if phase == .cancelled { try give(.cancel(reason: "snow")) }
    }

    static func plan(starts: Instant = starts, ends: Instant? = nil, units: [UnitCode] = [TestCounty.roads]) -> SessionPlanned {
        SessionPlanned(
            by: clerk, kind: .reception, leader: PersonCode(validated: "l-1"), unit: UnitCode(validated: "county"), level: .county,
            office: "县长", place: "桥头村", starts: starts, ends: ends ?? starts + .seconds(3 * 3600), units: units)
    }

    /// The record; fails the test when there is none.
    var record: SessionRecord { get throws { try #require(state?.session) } }

    /// The rule by which an order is refused; nil when it would be taken.
    func refusal(_ order: SessionOrder, by person: ActingPerson = clerk, expected: CaseLife.Revision? = nil) -> String? {
        do throws(Refusal) {
            _ = try decide(order, person, nil, expected)
            return nil
        } catch { return error.rule }
    }

    /// Gives an order and applies what it brings about; returns the answer.
    @discardableResult
    mutating func give(_ order: SessionOrder, by person: ActingPerson = clerk, entry: EntryID? = nil) throws -> JSONValue {
        let decision = try decide(order, person, entry, nil)
        for facts in decision.facts {
            let event = CaseEvent(
                id: EventID(UniqueID(high: 0x0193_0000_0000_7000, low: 0x9000_0000_0000_0000 + UInt64(events.count))), source: .intake,
                subject: Self.subject, type: type(of: facts).type, version: 1, time: now, sequence: Int64(events.count + 1),
                after: SourcePositions(), county: version, traceparent: nil, data: try facts.bytes())
            events.append(event)
            _ = try process.apply(event, to: &state, in: FlowContext(now: now, counties: counties))
        }
        return try JSONValue(parsing: decision.answer)
    }

    private func decide(
        _ order: SessionOrder, _ person: ActingPerson, _ entry: EntryID?, _ expected: CaseLife.Revision?
    ) throws(Refusal) -> Decision {
        let command = SessionCommand(order, on: Self.subject, by: person, entry: entry, expected: expected)
        return try process.decide(.session(command), on: state, in: FlowContext(now: now, counties: counties))
    }
}
