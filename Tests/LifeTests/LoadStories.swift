import CaseFlow
import Models
import Operator
import TestSupport
import Testing

@testable import Routing

/// What is counted of units as cases come and go.
extension StoryTests {
    @Test("An acceptance counts with its time from the last assignment, a hand-off at both units, and a return to the same unit not at all")
    func moves() throws {
        var play = try PlayedCase()
        try play.pass(days: 2)
        try play.desk(.reassign(to: TestCounty.works, reason: "r"), by: PlayedCase.dispatcher)
        try play.pass(days: 3)
        try play.desk(.accept(officer: nil), by: PlayedCase.officer(TestCounty.works))
        try play.desk(.answer(PlayedCase.answer), by: PlayedCase.officer(TestCounty.works))
        try play.desk(.reopen(reason: "r"), by: PlayedCase.dispatcher)
        try play.pass(days: 1)
        try play.desk(.accept(officer: nil), by: PlayedCase.officer(TestCounty.works))

        #expect(play.moves.map(\.kind) == [.given, .received, .accepted, .accepted])
        #expect(play.moves.map(\.unit) == [TestCounty.roads] + Array(repeating: TestCounty.works, count: 3))
        #expect(play.moves.map(\.seconds) == [nil, nil, 3 * 86_400, 86_400])
        #expect(play.violations == [])
    }

    @Test("Nothing of a confidential case is counted, whether it accuses somebody or a rule keeps it so")
    func secretMoves() throws {
        var definition = TestCounty.whole()
        for index in definition.rules.indices { definition.rules[index].then.confidential = true }
        let accusing = try PlayedCase("the road", kind: .accusation, accused: .init(units: [TestCounty.education]))
        let ruled = try PlayedCase("the road", in: definition)
        for start in [accusing, ruled] {
            var play = start
            try play.desk(.reassign(to: TestCounty.works, reason: "r"), by: PlayedCase.dispatcher)
            try play.desk(.accept(officer: nil), by: PlayedCase.officer(TestCounty.works))
            #expect(play.moves == [] && play.violations == [])
        }
    }

    @Test("Loads are shown to those above for every unit, to units for themselves and what is below them, and to nobody else")
    func whoSeesLoads() throws {
        let county = try CountyIndex(TestCounty.whole(merged: true))
        let count = LoadBook.Count(
            units: [TestCounty.school: UnitLoad(), UnitCode(validated: "gone"): UnitLoad()], at: Instant(microseconds: 0))
        func units(_ role: Role, _ unit: UnitCode?) -> Set<String> {
            let view = LoadAPI.view(of: count, for: ActingPerson(role: role, unit: unit), in: county)
            guard case .object(let members) = view, case .array(let units)? = members["units"] else { return [] }
            return Set(
                units.compactMap { unit in
                    if case .object(let members) = unit, case .string(let code)? = members["unit"] { code } else { nil }
                })
        }
        let all = Set(county.definition.units.filter { $0.successor == nil }.map(\.code.text)).union(["gone"])

        #expect(!all.contains("roads"))
        for role in [Role.dispatcher, .supervisor, .leader, .auditor, .administrator] { #expect(units(role, nil) == all, "\(role)") }
        for role in [Role.officer, .unitHead] {
            #expect(units(role, TestCounty.education) == ["edu", "school"] && units(role, TestCounty.school) == ["school"], "\(role)")
            #expect(units(role, nil).isEmpty)
        }
        for role in [Role.petitioner, .subscriber] { #expect(units(role, TestCounty.county).isEmpty, "\(role)") }
        // Who may ask at all.
        #expect(Set(Role.allCases).subtracting(LoadAPI.roles) == [.petitioner, .subscriber, .clerk])
    }

    @Test("A rule that spreads work compares what was counted last, and says so on the assignment")
    func spread() throws {
        var definition = TestCounty.whole()
        definition.rules[2].then.lead = .leastLoaded([TestCounty.works, TestCounty.education])
        let edition = try CountyBook.Edition(definition)
        var counties = CountyBook()
        counties.add(edition)
        counties.putInForce(edition.index.version)
        let play = try PlayedCase("the road", in: definition)
        let line = try #require(play.record.lines.first)
        let registered = try CaseEvent(wire: line.event)
        func assigned(_ loads: UnitLoads?) throws -> CaseAssigned {
            let shelf = LoadShelf()
            shelf.put(loads)
            var state: RoutingState?
            let made = try RoutingProcess(loads: shelf).apply(
                registered, to: &state, in: FlowContext(now: play.now, counties: counties))
            return try #require(made.facts.first as? CaseAssigned)
        }

        let blind = try assigned(nil)
        let works = try assigned(UnitLoads(open: [TestCounty.works: 12, TestCounty.education: 30]))
        let education = try assigned(UnitLoads(open: [TestCounty.works: 30, TestCounty.education: 12]))
        #expect(try blind.unit == play.life.lead && blind.reason.en == "roads")
        #expect(works.unit == TestCounty.works && education.unit == TestCounty.education)
        for facts in [works, education] {
            #expect(facts.reason.en == "roads (12 open here, 30 there)" && facts.reason.zh.contains("在办12件") && facts.rule?.text == "roads")
        }
        #expect(play.violations == [])
        #expect(definition.asksForLoads && !TestCounty.whole().asksForLoads)
    }
}
