import CaseFlow
import Deadline
import Intake
import Models
import Operator
import Routing
import TestSupport
import Testing

/// Units that end while they have cases (Article 24).
extension StoryTests {
    @Test("A case whose merger is undone goes to the unit that has the duties of the one that had it")
    func unmergedAfterSuccession() throws {
        var play = try PlayedCase()
        let first = MergeTarget(
            id: CaseID(UniqueID(high: 1, low: 1)), number: "20251124-000009", registered: Instant(microseconds: 0), stage: .accepted,
            hasSamePerson: true)
        try play.order(.merge(first), by: PlayedCase.clerk)
        try play.publish(TestCounty.whole(merged: true))
        try play.order(.unmerge(reason: "another matter"), by: PlayedCase.clerk)

        #expect(try play.stage == .assigned && play.life.lead == TestCounty.works)
        try play.desk(.accept(officer: nil), by: PlayedCase.officer(TestCounty.works))
        #expect(play.violations == [])
    }

    @Test("The successor of a unit takes over the case where it stands, with its clocks")
    func succession() throws {
        var play = try PlayedCase()
        try play.desk(.accept(officer: nil), by: roads)
        try play.publish(TestCounty.whole(merged: true))
        let administrator = ActingPerson(role: .administrator)
        try play.desk(.succeed(from: TestCounty.roads, to: TestCounty.works), by: administrator)

        #expect(try play.stage == .accepted && play.life.lead == TestCounty.works && play.running == ["handle"])
        refusal("unknown-case") { try play.desk(.answer(PlayedCase.answer), by: roads) }
        try play.desk(.answer(PlayedCase.answer), by: PlayedCase.officer(TestCounty.works))
        #expect(play.violations == [])
    }

    @Test("The clock of a co-handling unit that has ended runs for its successor, and once where two have become one")
    func coHandlingSuccession() throws {
        var play = try PlayedCase()
        try play.publish(TestCounty.whole())
        try play.desk(.reassign(to: TestCounty.education, reason: "x"), by: PlayedCase.dispatcher)
        try play.desk(.accept(officer: nil), by: PlayedCase.officer(TestCounty.education))
        let head = PlayedCase.head(TestCounty.education)
        try play.desk(.addCoHandler(TestCounty.roads, task: "look", workdays: 3), by: head)
        var both = play
        try both.desk(.addCoHandler(TestCounty.works, task: "look", workdays: 5), by: head)
        let order = DeskOrder.succeed(from: TestCounty.roads, to: TestCounty.works)
        for (isBoth, start) in [(false, play), (true, both)] {
            var play = start
            try play.publish(TestCounty.whole(merged: true))
            try play.desk(order, by: ActingPerson(role: .administrator))
            let running = try #require(play.record.deadline?.clocks.filter { $0.phase == .running && $0.name == .coHandle })
            #expect(running.map(\.unit) == [TestCounty.works] && running.map(\.serial) == [1], "\(isBoth)")
            #expect(try play.state.clocks.filter { $0.name == .coHandle }.map(\.unit) == [TestCounty.works])
            #expect(try play.life.coHandlers.map(\.unit) == [TestCounty.works] && play.life.awaited == [TestCounty.works])
            try play.desk(.answerAsCoHandler(text: "done"), by: PlayedCase.officer(TestCounty.works))
            #expect(try !play.running.contains("co-handle") && !play.state.clocks.contains { $0.name == .coHandle })
            try play.desk(.answer(PlayedCase.answer), by: PlayedCase.officer(TestCounty.education))
            #expect(play.violations == [])
        }
    }

    @Test("A co-handling unit that becomes part of the lead unit owes it nothing any more")
    func coHandlerMergedIntoLead() throws {
        var play = try PlayedCase()
        try play.desk(.reassign(to: TestCounty.works, reason: "x"), by: PlayedCase.dispatcher)
        try play.desk(.accept(officer: nil), by: PlayedCase.officer(TestCounty.works))
        try play.desk(.addCoHandler(TestCounty.roads, task: "look", workdays: 3), by: PlayedCase.head(TestCounty.works))
        try play.publish(TestCounty.whole(merged: true))
        try play.desk(.succeed(from: TestCounty.roads, to: TestCounty.works), by: ActingPerson(role: .administrator))

        #expect(try play.life.awaited.isEmpty && play.running == ["handle"])
        try play.desk(.answer(PlayedCase.answer), by: PlayedCase.officer(TestCounty.works))
        #expect(play.violations == [])
    }

    @Test("The cases of a unit go only to the units that the county in force names as its heirs, and only by an administrator")
    func strangers() throws {
        let administrator = ActingPerson(role: .administrator)
        var play = try PlayedCase()
        let order = DeskOrder.succeed(from: TestCounty.roads, to: TestCounty.works)
        refusal("not-the-successor") { try play.desk(order, by: administrator) }

        var split = TestCounty.whole(merged: true)
        for index in split.units.indices where split.units[index].code == TestCounty.roads {
            split.units[index].heirs = [TestCounty.education]
        }
        try play.publish(split)
        refusal("not-the-successor") {
            try play.desk(.succeed(from: TestCounty.roads, to: TestCounty.desk), by: administrator)
        }
        refusal("wrong-actor") { try play.desk(order, by: PlayedCase.dispatcher) }
        var other = play
        try other.desk(.succeed(from: TestCounty.roads, to: TestCounty.education), by: administrator)
        try play.desk(order, by: administrator)

        #expect(try play.life.lead == TestCounty.works && other.life.lead == TestCounty.education)
        #expect(play.violations == [] && other.violations == [])
    }
}
