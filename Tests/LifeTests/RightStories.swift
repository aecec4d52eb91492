import CaseFlow
import Deadline
import Intake
import Models
import Operator
import Routing
import TestSupport
import Testing

/// What a petitioner may demand of an answer: service, review, final review (Articles 35 and 36).
extension StoryTests {
    @Test("Closing a case ends neither the right to review nor the one to final review, while their time runs")
    func closedAndReviewed() throws {
        var play = try PlayedCase()
        try play.desk(.accept(officer: nil), by: roads)
        try play.desk(.answer(PlayedCase.answer), by: roads)
        try play.order(.recordService(.post, on: play.now), by: PlayedCase.clerk)
        try play.order(.rate(.unsatisfied, note: nil))
        try play.desk(.close(.solved, note: nil), by: roads)
        try play.pass(days: 29)
        var late = play
        try late.pass(days: 3)
        refusal("window-closed") { try late.order(.requestReview(reason: "it is dark still")) }

        try play.order(.requestReview(reason: "it is dark still"))
        let reviewer = try #require(try play.life.reviewer)
        #expect(try play.stage == .underReview && play.running == ["review"])
        try play.desk(.answerReview(PlayedCase.answer), by: PlayedCase.officer(reviewer))
        try play.order(.rate(.unsatisfied, note: nil))
        try play.desk(.close(.explained, note: nil), by: roads)
        try play.order(.requestFinalReview(reason: "it is dark still"))

        #expect(try play.stage == .underFinalReview)
        #expect(play.violations == [])
    }

    @Test("A review that is asked for while a unit closes the case has its clock")
    func closedMeanwhile() throws {
        var play = try PlayedCase()
        try play.desk(.accept(officer: nil), by: PlayedCase.officer(TestCounty.roads))
        try play.desk(.answer(PlayedCase.answer), by: PlayedCase.officer(TestCounty.roads))
        try play.order(.rate(.unsatisfied, note: nil))
        play.leaveRoutingBehind()

        try play.order(.requestReview(reason: "it is dark still"))
        try play.desk(.close(.explained, note: nil), by: PlayedCase.head(TestCounty.roads))
        try play.catchUp()

        #expect(try play.stage == .underReview)
        #expect(play.running == ["review"])
        #expect(play.violations == [])
    }

    @Test("Who settles a matter later is rated for it, and there is nothing to review")
    func settledLater() throws {
        var play = try PlayedCase()
        try play.order(.settle(unit: TestCounty.works, PlayedCase.answer), by: PlayedCase.clerk)
        try play.order(.rate(.satisfied, note: nil))
        refusal("not-answered") { try play.order(.requestReview(reason: "x")) }

        #expect(try play.stage == .closed)
        #expect(play.violations == [])
    }

    @Test("A unit does not date the service of its own answer back, so that the time for review would be over")
    func service() throws {
        var play = try PlayedCase()
        try play.desk(.accept(officer: nil), by: roads)
        try play.desk(.answer(PlayedCase.answer), by: roads)
        let answered = play.now
        try play.pass(days: 20)
        refusal("service-long-ago") { try play.order(.recordService(.post, on: answered), by: roads) }
        try play.order(.recordService(.post, on: answered), by: PlayedCase.clerk)

        #expect(play.violations == [])
    }

    @Test("Who registers a matter as settled must be one of those who may settle it, and stay out of nothing")
    func registeredSettled() throws {
        for person in [roads, ActingPerson(role: .auditor), ActingPerson(role: .subscriber, unit: TestCounty.roads)] {
            refusal("wrong-actor") { _ = try PlayedCase(settledBy: TestCounty.works, person) }
        }
        let accused = CaseRegistered.Accused(persons: [try #require(PlayedCase.clerk.person)])
        refusal("person-must-stay-out") { _ = try PlayedCase(accused: accused, settledBy: TestCounty.works) }
        _ = try PlayedCase(settledBy: TestCounty.works, PlayedCase.leader)
    }

    @Test("The petitioner's window stays open when a step is not owed any more")
    func windowStays() throws {
        var play = try PlayedCase()
        try play.desk(.accept(officer: nil), by: roads)
        try play.desk(.answer(PlayedCase.answer), by: roads)
        try play.order(.recordService(.post, on: play.now), by: PlayedCase.clerk)
        try play.desk(.reopen(reason: "x"), by: PlayedCase.dispatcher)
        try play.desk(.notAccept(.otherProcedure, explanation: "a court", lawfulWay: "sue"), by: roads)

        #expect(play.running == ["review-window"])
        #expect(play.violations == [])
    }

    @Test("Not accepted, then reviewed; and review, final review, terminated")
    func reviews() throws {
        var play = try PlayedCase()
        try play.desk(.notAccept(.otherProcedure, explanation: "a court", lawfulWay: "sue"), by: roads)
        try play.order(.requestReview(reason: "I disagree"))
        #expect(try play.life.reviewer == TestCounty.county && play.running == ["review"])
        try play.desk(.answerReview(PlayedCase.answer), by: PlayedCase.officer(TestCounty.county))
        refusal("reviewed-already") { try play.order(.requestReview(reason: "again")) }
        try play.order(.recordService(.inPerson, on: play.now), by: PlayedCase.clerk)
        #expect(play.running == ["final-window"])
        try play.order(.requestFinalReview(reason: "still wrong"))
        #expect(try play.life.reviewer == TestCounty.city)
        try play.desk(.answerFinalReview(PlayedCase.answer), by: PlayedCase.officer(TestCounty.city))

        #expect(try play.stage == .terminated && play.running.isEmpty)
        refusal("wrong-stage") { try play.desk(.reopen(reason: "x"), by: PlayedCase.dispatcher) }
        try play.desk(.openAssistance(TestCounty.works, task: "a job", workdays: 5), by: PlayedCase.leader)
        #expect(play.violations == [])
    }

    @Test("Help for the petitioner goes on after the case has ended, each task by a clock of its own (Article 37)")
    func assistance() throws {
        let (works, education) = (PlayedCase.officer(TestCounty.works), PlayedCase.officer(TestCounty.education))
        var play = try PlayedCase()
        try play.desk(.openAssistance(TestCounty.works, task: "a loan", workdays: 3), by: roads)
        try play.desk(.openAssistance(TestCounty.works, task: "a job", workdays: 5), by: roads)
        #expect(play.running.filter { $0 == "assist" }.count == 2)
        try play.order(.withdraw(reason: nil))
        #expect(play.running == ["assist", "assist"])
        try play.desk(.openAssistance(TestCounty.education, task: "a school", workdays: 30), by: PlayedCase.leader)
        try play.desk(.openAssistance(TestCounty.roads, task: "a way", workdays: 30), by: PlayedCase.leader)

        try play.pass(days: 20)
        #expect(play.notices.contains("passed unit:works") && !play.notices.contains("passed unit:roads"))
        refusal("not-its-task") { try play.desk(.endAssistance(serial: 1, outcome: "done"), by: education) }
        try play.desk(.endAssistance(serial: 2, outcome: "done"), by: works)
        #expect(play.record.deadline?.clocks.filter { $0.phase == .running }.compactMap(\.task) == [1, 3, 4])
        refusal("no-such-task") { try play.desk(.endAssistance(serial: 2, outcome: "again"), by: roads) }

        try play.publish(TestCounty.whole(merged: true))
        let administrator = ActingPerson(role: .administrator)
        try play.desk(.succeed(from: TestCounty.roads, to: TestCounty.works), by: administrator)
        for serial in [1, 4] { try play.desk(.endAssistance(serial: serial, outcome: "done"), by: works) }
        try play.desk(.endAssistance(serial: 3, outcome: "done"), by: education)
        #expect(play.running.isEmpty && play.violations == [])
    }

    @Test("Who is not satisfied sends the case back once, or to review, where the rule pack says so")
    func unsatisfied() throws {
        func answered(_ way: UnsatisfiedWay?) throws -> PlayedCase {
            var definition = TestCounty.whole()
            for index in definition.packs.indices { definition.packs[index].unsatisfied = way }
            var play = try PlayedCase(in: definition)
            try play.desk(.accept(officer: nil), by: roads)
            try play.desk(.answer(PlayedCase.answer), by: roads)
            return play
        }
        func answerAgain(_ play: inout PlayedCase) throws {
            try play.desk(.accept(officer: nil), by: roads)
            try play.desk(.answer(PlayedCase.answer), by: roads)
            try play.order(.rate(.unsatisfied, note: nil))
            #expect(try play.stage == .answered)
        }
        var (left, back, reviewed) = (try answered(nil), try answered(.reopen), try answered(.review))
        try left.order(.rate(.unsatisfied, note: nil))
        try back.order(.rate(.mostlySatisfied, note: nil))
        #expect(try left.stage == .answered && back.stage == .answered)

        try back.order(.rate(.unsatisfied, note: nil))
        #expect(try back.stage == .assigned && back.life.lead == TestCounty.roads && back.running.contains("dispose"))
        try answerAgain(&back)
        try reviewed.order(.rate(.unsatisfied, note: "too slow"))
        #expect(try reviewed.stage == .underReview && reviewed.life.reviewer == TestCounty.county && reviewed.running == ["review"])
        try reviewed.desk(.answerReview(PlayedCase.answer), by: PlayedCase.officer(TestCounty.county))
        try reviewed.order(.rate(.unsatisfied, note: nil))
        #expect(try reviewed.stage == .answered)
        for play in [left, back, reviewed] { #expect(play.violations == []) }
    }

    @Test("All of a joint petition are told where it stands, and those who speak for it what is answered (Article 20)")
    func jointStatus() throws {
        var play = try PlayedCase(petitioners: 40)
        try play.desk(.accept(officer: nil), by: roads)
        try play.desk(.answer(PlayedCase.answer), by: roads)
        try play.order(.rate(.satisfied, note: nil))
        try play.desk(.close(.solved, note: nil), by: roads)

        func told(_ template: String) -> Int {
            play.notices.count { $0.hasPrefix("\(template) petitioner") || $0.hasPrefix("\(template) member") }
        }
        #expect(told("accepted") == 40 && told("closed") == 40 && told("answered") == 5 && told("receipt") == 1 && told("status") == 35)
        #expect(play.notices.contains("closed member-40") && !play.notices.contains("closed member-5"))
        #expect(play.violations == [])
    }

    @Test("The window for review closes thirty days after service")
    func closedWindow() throws {
        var play = try PlayedCase()
        try play.desk(.accept(officer: nil), by: roads)
        try play.desk(.answer(PlayedCase.answer), by: roads)
        try play.pass(days: 40)
        try play.order(.recordService(.post, on: play.now), by: PlayedCase.clerk)
        try play.pass(days: 31)

        refusal("window-closed") { try play.order(.requestReview(reason: "late")) }
        try play.desk(.close(.solved, note: nil), by: roads)

        #expect(play.violations == [])
    }
}
