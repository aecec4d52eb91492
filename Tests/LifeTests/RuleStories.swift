import CaseFlow
import Deadline
import Intake
import Models
import Notification
import Operator
import Routing
import TestSupport
import Testing

/// Rules that ask other units to help, and rules that keep cases confidential.
extension StoryTests {
    /// The whole test county, where a rule for roads says more.
    private func county(_ change: (inout Rule) -> Void) -> CountyDefinition {
        var definition = TestCounty.whole()
        for index in definition.rules.indices where definition.rules[index].id.text == "roads" { change(&definition.rules[index]) }
        return definition
    }

    private func help(_ unit: UnitCode, _ workdays: Int = 3) -> RuleCoHandling {
        RuleCoHandling(unit: unit, task: "look", workdays: workdays)
    }

    @Test("A rule asks other units to help from the first day, each with its own clock and notice")
    func ruledHelp() throws {
        let definition = county { $0.then.co = [help(TestCounty.education), help(TestCounty.works, 5)] }
        var play = try PlayedCase("the road", in: definition)

        #expect(try play.life.lead == TestCounty.roads && play.life.awaited == [TestCounty.education, TestCounty.works])
        let clocks = try #require(play.record.deadline?.clocks.filter { $0.name == .coHandle })
        #expect(clocks.map(\.unit) == [TestCounty.education, TestCounty.works])
        #expect(play.notices.contains { $0.hasPrefix("co-handling") && $0.contains("edu") })
        let asked = try play.record.lines.map { try CaseEvent(wire: $0.event) }.first { $0.type == CoHandlingAssigned.type }
        #expect(try asked?.facts(CoHandlingAssigned.self).by == ActingPerson(role: .dispatcher))
        try play.desk(.accept(officer: nil), by: roads)
        refusal("co-handling-open") { try play.desk(.answer(PlayedCase.answer), by: roads) }
        try play.desk(.answerAsCoHandler(text: "done"), by: PlayedCase.officer(TestCounty.education))
        try play.desk(.excuseCoHandler(TestCounty.works, reason: "r"), by: PlayedCase.head(TestCounty.roads))
        try play.desk(.answer(PlayedCase.answer), by: roads)
        #expect(play.violations == [])
    }

    @Test("A rule asks nobody to help who must stay out of the case, whether named, below, or by a merger")
    func ruledHelpDenied() throws {
        let all = [
            TestCounty.education, TestCounty.school, TestCounty.works, TestCounty.discipline, TestCounty.roads, TestCounty.county,
        ]
        var definition = TestCounty.whole()
        definition.rules[0].then.co = all.filter { $0 != TestCounty.discipline }.map { help($0) }
        for (accused, merged) in [
            (TestCounty.education, false), (TestCounty.school, false), (TestCounty.roads, true), (TestCounty.works, true),
        ] {
            definition.units = TestCounty.whole(merged: merged).units
            let play = try PlayedCase("the road", kind: .accusation, accused: .init(units: [accused]), in: definition)
            let index = try CountyIndex(definition)
            let denied = index.denied(CaseRegistered.Accused(units: [accused]))
            let asked = try play.life.coHandlers.map(\.unit)
            #expect(Set(asked).isDisjoint(with: denied), "\(accused)")
            #expect(!asked.isEmpty && Set(asked).count == asked.count && !asked.contains(TestCounty.discipline))
            #expect(play.violations == [])
        }
    }

    @Test("Whoever has ended is stood for by its successor, once, and the lead unit never helps itself")
    func ruledHelpSuccession() throws {
        var definition = county { $0.then.co = [help(TestCounty.roads), help(TestCounty.works), help(TestCounty.education)] }
        definition.units = TestCounty.whole(merged: true).units
        let led = try PlayedCase("the road", in: definition)
        definition.rules[1].then.co = [help(TestCounty.roads), help(TestCounty.works)]
        let helped = try PlayedCase("the school", in: definition)

        #expect(try led.life.lead == TestCounty.works && led.life.coHandlers.map(\.unit) == [TestCounty.education])
        #expect(try helped.life.lead == TestCounty.education && helped.life.coHandlers.map(\.unit) == [TestCounty.works])
        #expect(led.violations == [] && helped.violations == [])
    }

    @Test("Where the desk decides in place of a unit that must stay out, no rule asks for help")
    func ruledHelpWithheld() throws {
        var definition = TestCounty.whole()
        definition.rules[0].then.co = [help(TestCounty.education)]
        let play = try PlayedCase("x", kind: .accusation, accused: .init(units: [TestCounty.discipline]), in: definition)

        #expect(try play.life.lead == TestCounty.desk && play.life.coHandlers.isEmpty)
        #expect(play.violations == [])
    }

    @Test("A case that a rule keeps confidential is so from its first event to its last, in every service and in the feed")
    func confidentialByRule() throws {
        let definition = county {
            $0.then.confidential = true
            $0.then.co = [help(TestCounty.education)]
        }
        var play = try PlayedCase("the road", in: definition)
        try play.desk(.accept(officer: nil), by: roads)
        try play.pass(days: 20)

        for source in Source.allCases { #expect(play.life(knownTo: source)?.isConfidential == true, "\(source)") }
        let circle = Set([TestCounty.roads, TestCounty.education, TestCounty.desk])
        #expect(play.circles.count > 4 && play.circles.allSatisfy { !$0.isEmpty && circle.isSuperset(of: $0) }, "\(play.circles)")
        #expect(play.circles.first == [TestCounty.desk])
        #expect(play.violations == [])
    }

    @Test("Nobody outside the circle of such a case may know of it, and it is merged with none")
    func confidentialAccess() throws {
        let definition = county { $0.then.confidential = true }
        var play = try PlayedCase("the road", in: definition)
        let index = try CountyIndex(definition)
        for role in Role.allCases {
            for unit in definition.units.map(\.code) {
                let person = ActingPerson(role: role, unit: unit, person: PersonCode(validated: "p-1"))
                let access = try play.life.access(of: person, in: index, current: index)
                let isInside = unit == TestCounty.roads || unit == TestCounty.desk && role == .dispatcher
                let sees = isInside && ![.petitioner, .subscriber, .administrator].contains(role)
                #expect((access > .none) == sees, "\(role) of \(unit)")
            }
        }
        let first = MergeTarget(
            id: CaseID(UniqueID(high: 1, low: 1)), number: "20251124-000009", registered: Instant(microseconds: 0), stage: .accepted,
            hasSamePerson: true)
        let clerk = ActingPerson(role: .clerk, unit: TestCounty.roads, person: PersonCode(validated: "clerk-2"))
        refusal("confidential") { try play.order(.merge(first), by: clerk) }
        refusal("unknown-case") { try play.order(.merge(first), by: PlayedCase.clerk) }
    }

    @Test("A rule by tags keeps those cases confidential that have one, and no other; the feed says nothing of tags")
    func confidentialByTags() throws {
        let definition = county {
            $0.when.tags = [.leftBehind]
            $0.then.confidential = true
        }
        let tagged = try PlayedCase("the road", in: definition, tags: [.leftBehind, .needy])
        let other = try PlayedCase("the road", in: definition, tags: [.needy])

        #expect(try tagged.life.isConfidential && tagged.life.lead == TestCounty.roads)
        #expect(try !other.life.isConfidential && other.life.lead == TestCounty.desk)
        for play in [tagged, other] {
            #expect(!play.entries.contains { String(decoding: $0.body, as: UTF8.self).contains("needy") })
            #expect(play.record.intake?.file?.tags?.contains(.needy) == true)
            #expect(play.violations == [])
        }
    }
}
