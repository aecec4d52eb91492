import CaseFlow
import Deadline
import Intake
import Models
import Operator
import Routing
import TestSupport
import Testing

/// What changes the clocks of a case besides an extension.
@Suite("Clocks that stand still and are counted anew")
struct ClockStories {
    private let roads = PlayedCase.officer(TestCounty.roads)

    private func refusal(_ rule: String, _ work: () throws -> Void) {
        do {
            try work()
            Issue.record("it was not refused as \(rule)")
        } catch let refusal as Refusal { #expect(refusal.rule == rule, "\(refusal)") } catch { Issue.record("\(error)") }
    }

    private func clock(_ name: ClockName, _ play: PlayedCase) throws -> LegalClock {
        try #require(play.record.deadline?.clocks.last { $0.name == name })
    }

    private func underFinalReview() throws -> PlayedCase {
        var play = try PlayedCase()
        try play.desk(.accept(officer: nil), by: roads)
        try play.desk(.answer(PlayedCase.answer), by: roads)
        try play.order(.requestReview(reason: "x"))
        try play.desk(.answerReview(PlayedCase.answer), by: PlayedCase.officer(TestCounty.county))
        try play.order(.requestFinalReview(reason: "x"))
        return play
    }

    @Test("A hearing stops the clock of the final review, and its time is not counted (Article 36)")
    func hearing() throws {
        let (city, county) = (PlayedCase.officer(TestCounty.city), PlayedCase.officer(TestCounty.county))
        var play = try underFinalReview()
        let due = try clock(.finalReview, play).dueDate
        refusal("no-such-clock") { try play.change(.resume(.finalReview), by: city) }
        refusal("wrong-actor") { try play.change(.pause(.finalReview, note: "x"), by: county) }
        try play.pass(days: 20)
        let warned = play.notices.count { $0.hasPrefix("warned") }

        try play.change(.pause(.finalReview, note: "a hearing on the 3rd"), by: city)
        #expect(play.running.isEmpty && play.violations == [])
        try play.pass(days: 40)
        #expect(play.notices.count { $0.hasPrefix("warned") || $0.hasPrefix("passed") } == warned, "what stands still warns nobody")
        try play.change(.resume(.finalReview), by: city)

        let resumed = try clock(.finalReview, play)
        #expect(resumed.phase == .running && resumed.dueDate == due + 40)
        #expect(resumed.turns?.map(\.kind) == [.paused, .resumed])
        #expect(play.notices.contains("rescheduled petitioner"))
        try play.pass(days: 11)
        #expect(play.notices.contains("passed unit:city"))
        try play.desk(.answerFinalReview(PlayedCase.answer), by: city)
        #expect(play.violations == [])
    }

    @Test("A paused clock ends with the step that it runs for")
    func endsWhilePaused() throws {
        var play = try underFinalReview()
        try play.change(.pause(.finalReview, note: "x"), by: PlayedCase.officer(TestCounty.city))
        try play.desk(.answerFinalReview(PlayedCase.answer), by: PlayedCase.officer(TestCounty.city))

        #expect(try clock(.finalReview, play).phase == .met && play.violations == [])
    }

    @Test("A case that is long overdue is supervised by rule, once for each such rung")
    func supervised() throws {
        var definition = TestCounty.whole()
        definition.packs[0].ladder.afterDue = [
            LateRung(after: Term(1, .workday), audience: [.supervisor]),
            LateRung(after: Term(5, .workday), audience: [.leader], supervise: true),
        ]
        var play = try PlayedCase(in: definition)
        try play.desk(.accept(officer: nil), by: roads)
        try play.pass(days: 62)
        #expect(!play.notices.contains { $0.hasPrefix("supervised") })
        try play.pass(days: 20)

        #expect(play.notices.count { $0.hasPrefix("supervised unit:roads") } == 1 && play.violations == [])
    }

    @Test("A rung reaches those whom the ladder names, and who waits hears that the case is not forgotten")
    func told() throws {
        var definition = TestCounty.whole()
        definition.packs[0].ladder.afterDue = [
            LateRung(after: Term(1, .workday), audience: [.supervisor]), LateRung(after: Term(5, .workday), audience: [.leader]),
        ]
        // Supervisors sit in the works office, and nobody says where leaders do.
        for index in definition.units.indices where definition.units[index].code == TestCounty.works {
            definition.units[index].members = [.init(person: PersonCode(validated: "s-1"), role: .supervisor)]
        }
        var play = try PlayedCase(in: definition)
        try play.desk(.accept(officer: nil), by: roads)
        try play.pass(days: 61)
        #expect(play.notices.filter { $0.hasPrefix("passed") } == ["passed unit:roads"])
        #expect(play.notices.count { $0 == "delayed petitioner" } == 1)
        try play.pass(days: 4)
        #expect(play.notices.filter { $0.hasPrefix("passed") }.suffix(2) == ["passed unit:roads", "passed unit:works"])
        try play.pass(days: 7)

        #expect(play.notices.filter { $0.hasPrefix("passed") }.suffix(2) == ["passed unit:roads", "passed unit:county"])
        #expect(play.notices.count { $0 == "delayed petitioner" } == 3 && play.violations == [])
    }

    @Test("What is confidential stays with those who work on it, however late it is")
    func confidential() throws {
        var definition = TestCounty.whole()
        definition.packs[0].ladder.warned = [.officer, .dispatcher]
        definition.packs[0].ladder.afterDue = [LateRung(after: Term(1, .workday), audience: [.supervisor, .leader])]
        var play = try PlayedCase("the road", kind: .accusation, accused: .init(units: [TestCounty.roads]), in: definition)
        try play.desk(.accept(officer: nil), by: PlayedCase.officer(TestCounty.discipline))
        try play.pass(days: 80)

        let urged = Set(play.notices.filter { $0.hasPrefix("warned") || $0.hasPrefix("passed") })
        #expect(urged == ["warned unit:discipline", "passed unit:discipline"] && play.violations == [])
    }

    @Test("Only clocks that the law lets stand still are paused")
    func notPausable() throws {
        var play = try PlayedCase()
        try play.desk(.accept(officer: nil), by: roads)

        refusal("not-pausable") { try play.change(.pause(.handle, note: "busy"), by: PlayedCase.head(TestCounty.roads)) }
    }

    @Test("Another calendar moves what runs by it, once, and terms in force move only whom they are meant to move")
    func countedAnew() throws {
        var play = try PlayedCase()
        let before = try clock(.objection, play)
        var definition = TestCounty.whole()
        for offset in 1...3 {
            definition.overlays.append(
                CalendarOverlay(date: before.dueDate + (1 - offset), isWorking: false, reason: LocalizedText(zh: "防汛", en: "flood")))
        }
        definition.packs[0].clocks[0].term = Term(10, .day)
        try play.publish(definition)

        #expect(try play.recount() >= 1)
        let after = try clock(.objection, play)
        #expect(after.dueDate > before.dueDate && after.turns?.map(\.kind) == [.rebased])
        #expect(try play.recount() == 0)
        let disposed = try clock(.dispose, play).dueDate
        refusal("wrong-actor") { try play.change(.rebase(reason: "x"), by: PlayedCase.dispatcher) }
        try play.change(.rebase(reason: "the county promises ten days"), by: ActingPerson(role: .administrator))
        #expect(try clock(.dispose, play).dueDate == disposed - 5)
        refusal("nothing-to-rebase") { try play.change(.rebase(reason: "again"), by: ActingPerson(role: .administrator)) }
        #expect(try play.state.clocks.first { $0.name == .dispose }?.due == clock(.dispose, play).due)
        #expect(play.violations == [])
    }
}
