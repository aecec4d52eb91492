import CaseFlow
import Models
import TestSupport
import Testing

@testable import Routing

@Suite("The time in which a unit may object")
struct ObjectionEndTests {
    private let process = RoutingProcess()
    private let subject = Subject(UniqueID(high: 0x0193_0000_0000_7000, low: 0x8000_0000_0000_0001))
    private let instant = Instant(microseconds: 1_764_000_000_000_000)

    private func event(_ facts: any EventFacts, _ source: Source, _ sequence: Int64, knowing routing: Int64 = 0) throws -> CaseEvent {
        let edition = try CountyBook.Edition(TestCounty.whole())
        var after = SourcePositions()
        after[.routing] = routing
        return try CaseEvent(
            id: EventID(UniqueID(high: 0x0193_0000_0000_7000, low: 0x9000_0000_0000_0000 + UInt64(sequence))), source: source,
            subject: subject, type: type(of: facts).type, version: 1, time: instant, sequence: sequence, after: after,
            county: edition.index.version, traceparent: nil, stating: facts)
    }

    private func assigned(_ unit: UnitCode, from previous: UnitCode?) -> CaseAssigned {
        CaseAssigned(
            unit: unit, rule: nil, reason: LocalizedText(zh: "r", en: "r"), topic: nil, urgency: .ordinary,
            pack: RulePackCode(validated: "national"), previous: previous, handOffs: previous == nil ? 0 : 1)
    }

    private func play(_ events: [CaseEvent]) throws -> RoutingState? {
        var counties = CountyBook()
        counties.add(try CountyBook.Edition(TestCounty.whole()))
        var state: RoutingState?
        for event in events { _ = try process.apply(event, to: &state, in: FlowContext(now: instant, counties: counties)) }
        return state
    }

    @Test("is not that of the unit before, whichever of the two is heard of first")
    func staleEnd() throws {
        let registered = try event(
            CaseRegistered(
                number: "1", kind: .claim, channel: .web, urgency: .ordinary, title: "t", narrative: "t", topic: nil, region: nil,
                occurred: nil, anonymous: true, petitioners: [], registered: instant, receipt: "digest"), .intake, 1)
        let first = try event(assigned(TestCounty.roads, from: nil), .routing, 1)
        let second = try event(assigned(TestCounty.works, from: TestCounty.roads), .routing, 2)
        let clock = ClockStarted(
            clock: .objection, serial: 1, pack: RulePackCode(validated: "national"), from: instant, due: instant + .seconds(3600),
            dueDate: LocalDate(dayNumber: 20_000), provisional: false, citation: LocalizedText(zh: "条例", en: "Regulation"))
        let start = try event(clock, .deadline, 1, knowing: 1)

        let early = try play([registered, first, start, second])
        let late = try play([registered, first, second, start])

        #expect(try play([registered, first, start])?.objectionEnd == instant + .seconds(3600))
        #expect(early == late)
        #expect(late?.objectionEnd == nil)
    }
}
