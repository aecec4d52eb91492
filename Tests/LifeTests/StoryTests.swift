import CaseFlow
import Deadline
import Intake
import Models
import Operator
import Routing
import TestSupport
import Testing

/// The stories of a county's procedure, each to its end, with the promise held against the record after it.
@Suite("A case lives its life")
struct StoryTests {
    let roads = PlayedCase.officer(TestCounty.roads)
    let headOfRoads = PlayedCase.head(TestCounty.roads)

    func refusal(_ rule: String, _ work: () throws -> Void) {
        do {
            try work()
            Issue.record("it was not refused as \(rule)")
        } catch let refusal as Refusal { #expect(refusal.rule == rule, "\(refusal)") } catch { Issue.record("\(error)") }
    }

    @Test("A claim is accepted, extended, answered, served, rated and closed")
    func claim() throws {
        var play = try PlayedCase()
        #expect(try play.stage == .assigned && play.life.lead == TestCounty.roads)

        try play.desk(.accept(officer: nil), by: roads)
        #expect(play.running == ["handle"])
        try play.pass(days: 20)
        try play.extend(30, by: headOfRoads)
        refusal("extended-already") { try play.extend(5, by: headOfRoads) }
        try play.pass(days: 60)
        #expect(play.notices.contains("warned unit:roads") && !play.notices.contains("passed unit:roads"))
        try play.desk(.answer(PlayedCase.answer), by: roads)
        refusal("petitioner-not-heard") { try play.desk(.close(.solved, note: nil), by: roads) }
        try play.order(.recordService(.post, on: play.now), by: PlayedCase.clerk)
        #expect(play.running == ["review-window"])
        try play.order(.rate(.satisfied, note: nil))
        try play.desk(.close(.solved, note: nil), by: roads)

        #expect(try play.stage == .closed && play.running.isEmpty)
        let told = ["receipt", "accepted", "extended", "answered", "closed"].map { "\($0) petitioner" }
        #expect(told.allSatisfy(play.notices.contains))
        #expect(play.violations == [])
    }

    @Test("A matter is settled where it is raised, in one command, and no unit is looked for")
    func onTheSpot() throws {
        let play = try PlayedCase(settledBy: TestCounty.works)

        #expect(try play.stage == .closed && play.life.lead == TestCounty.works && play.running.isEmpty)
        #expect(!play.notices.contains { $0.hasPrefix("assigned") })
        #expect(play.violations == [])
    }

    @Test("An objection that is right moves the case; after two hand-offs none is heard any more")
    func objections() throws {
        var play = try PlayedCase()
        try play.desk(.raiseObjection(proposed: TestCounty.works, reason: "not ours"), by: roads)
        #expect(try play.life.lead == TestCounty.roads, "until the ruling the unit owns the case")
        refusal("objection-pending") { try play.desk(.accept(officer: nil), by: roads) }
        refusal("objection-pending") {
            try play.desk(.notAccept(.outsidePowers, explanation: "x", lawfulWay: "y"), by: roads)
        }
        refusal("objection-pending") { try play.desk(.redirect(.litigation, explanation: "x"), by: PlayedCase.dispatcher) }
        try play.desk(.confirmObjection(to: nil), by: PlayedCase.dispatcher)
        #expect(try play.life.lead == TestCounty.works && play.life.handOffs == 1)

        try play.desk(.raiseObjection(proposed: TestCounty.roads, reason: "theirs"), by: PlayedCase.officer(TestCounty.works))
        refusal("common-superior-decides") { try play.desk(.refuseObjection(reason: "no"), by: PlayedCase.dispatcher) }
        refusal("common-superior-decides") {
            try play.desk(.reassign(to: TestCounty.roads, reason: "theirs"), by: PlayedCase.dispatcher)
        }
        try play.desk(.refuseObjection(reason: "it is yours"), by: PlayedCase.head(TestCounty.county))
        try play.desk(.reassign(to: TestCounty.education, reason: "a school's road"), by: PlayedCase.dispatcher)
        refusal("decision-is-final") {
            try play.desk(.raiseObjection(proposed: TestCounty.works, reason: "no"), by: PlayedCase.officer(TestCounty.education))
        }

        #expect(try play.life.handOffs == 2)
        #expect(play.violations == [])
    }

    @Test("A dispute about a confidential case, which no common superior may see, is ruled on by the dispatcher of its desk")
    func confidentialDispute() throws {
        var play = try PlayedCase(accused: .init(units: [TestCounty.education]))
        try play.desk(.raiseObjection(proposed: TestCounty.works, reason: "not ours"), by: roads)
        try play.desk(.confirmObjection(to: nil), by: PlayedCase.dispatcher)
        try play.desk(.raiseObjection(proposed: TestCounty.roads, reason: "theirs"), by: PlayedCase.officer(TestCounty.works))
        refusal("unknown-case") { try play.desk(.refuseObjection(reason: "no"), by: PlayedCase.head(TestCounty.county)) }
        refusal("dispatcher-decides") {
            let own = ActingPerson(role: .dispatcher, unit: TestCounty.works, person: PersonCode(validated: "d"))
            try play.desk(.confirmObjection(to: nil), by: own)
        }
        try play.desk(.refuseObjection(reason: "it is yours"), by: PlayedCase.dispatcher)

        #expect(try play.life.objection == nil && play.life.lead == TestCounty.works)
        #expect(play.violations == [])
    }

    @Test("An objection is refused when it comes too late or by another than the lead unit")
    func lateObjection() throws {
        var play = try PlayedCase()
        refusal("unknown-case") {
            try play.desk(.raiseObjection(proposed: TestCounty.works, reason: "x"), by: PlayedCase.officer(TestCounty.works))
        }
        try play.desk(.raiseObjection(proposed: TestCounty.works, reason: "not ours"), by: roads)
        try play.desk(.refuseObjection(reason: "it is yours"), by: PlayedCase.dispatcher)
        try play.pass(days: 10)
        refusal("objection-too-late") { try play.desk(.raiseObjection(proposed: TestCounty.works, reason: "again"), by: roads) }

        #expect(play.violations == [])
    }

    @Test("The lead unit answers when every co-handling unit has answered or is excused; each has a clock of its own")
    func coHandling() throws {
        var play = try PlayedCase()
        try play.desk(.accept(officer: nil), by: roads)
        refusal("co-handling-too-long") {
            try play.desk(.addCoHandler(TestCounty.works, task: "look", workdays: 60), by: headOfRoads)
        }
        try play.desk(.addCoHandler(TestCounty.works, task: "look", workdays: 5), by: headOfRoads)
        try play.desk(.addCoHandler(TestCounty.education, task: "say", workdays: 5), by: headOfRoads)
        #expect(play.running == ["handle", "co-handle", "co-handle"])
        try play.desk(.answerAsCoHandler(text: "we looked"), by: PlayedCase.officer(TestCounty.works))
        #expect(play.running == ["handle", "co-handle"])
        try play.pass(days: 12)
        for told in ["warned unit:edu", "passed unit:edu", "warned unit:roads", "passed unit:roads"] {
            #expect(play.notices.contains(told), "the other one is late")
        }
        #expect(!play.notices.contains("passed unit:works"))
        refusal("co-handling-open") { try play.desk(.answer(PlayedCase.answer), by: roads) }
        try play.desk(.excuseCoHandler(TestCounty.education, reason: "not needed"), by: headOfRoads)
        try play.desk(.answer(PlayedCase.answer), by: roads)

        #expect(try play.stage == .answered)
        #expect(play.violations == [])
    }

    @Test("No clock presses for a step that is not owed any more, and nobody is asked for help with it")
    func staleClocks() throws {
        var play = try PlayedCase()
        try play.desk(.accept(officer: nil), by: roads)
        try play.desk(.addCoHandler(TestCounty.education, task: "say", workdays: 5), by: headOfRoads)
        var redirected = play
        try play.desk(.reassign(to: TestCounty.works, reason: "theirs"), by: PlayedCase.dispatcher)
        #expect(play.running.contains("handle") && play.running.contains("co-handle"))
        try play.desk(.notAccept(.otherProcedure, explanation: "a court", lawfulWay: "sue"), by: PlayedCase.officer(TestCounty.works))
        try redirected.desk(.redirect(.litigation, explanation: "a court"), by: roads)

        for var play in [play, redirected] {
            #expect(try play.running.isEmpty && play.life.awaited.isEmpty)
            try play.pass(days: 100)
            #expect(!play.notices.contains { $0.hasPrefix("passed") })
            try play.desk(.reopen(reason: "no court takes it"), by: PlayedCase.dispatcher)
            #expect(try play.life.awaited.isEmpty && !play.running.contains("co-handle"))
            #expect(play.violations == [])
        }
    }

    @Test("A co-handling unit is not awaited after its case was withdrawn and reopened, or merged and taken out again")
    func releasedCoHandlers() throws {
        var play = try PlayedCase()
        try play.desk(.addCoHandler(TestCounty.education, task: "say", workdays: 5), by: headOfRoads)
        var merged = play
        try play.order(.withdraw(reason: nil))
        try play.desk(.reopen(reason: "asked for"), by: PlayedCase.dispatcher)
        let first = MergeTarget(
            id: CaseID(UniqueID(high: 1, low: 1)), number: "1", registered: Instant(microseconds: 0), stage: .accepted, hasSamePerson: true)
        try merged.order(.merge(first), by: PlayedCase.clerk)
        try merged.order(.unmerge(reason: "another matter"), by: PlayedCase.clerk)

        for play in [play, merged] {
            #expect(try play.stage == .assigned && play.life.awaited.isEmpty && !play.running.contains("co-handle"))
            #expect(play.violations == [])
        }
    }

    @Test("Answers of a joint petition go to its representatives, at most five")
    func joint() throws {
        var play = try PlayedCase(petitioners: 40)
        try play.desk(.accept(officer: nil), by: roads)
        try play.desk(.answer(PlayedCase.answer), by: roads)

        let answered = play.notices.filter { $0.hasPrefix("answered") }
        #expect(answered == ["answered petitioner"] + (2...5).map { "answered petitioner-\($0)" })
        #expect(play.violations == [])
    }

    @Test("An accusation goes past the accused unit and everything below it, and neither can tell that it exists")
    func accusation() throws {
        let accused = CaseRegistered.Accused(units: [TestCounty.discipline])
        var play = try PlayedCase("the school", kind: .accusation, petitioners: 0, accused: accused)
        #expect(try play.life.lead == TestCounty.desk, "the rule leads to the accused, so the desk decides")
        refusal("unknown-case") { try play.desk(.accept(officer: nil), by: PlayedCase.officer(TestCounty.discipline)) }
        refusal("unit-must-stay-out") {
            try play.desk(.reassign(to: TestCounty.discipline, reason: "x"), by: PlayedCase.dispatcher)
        }
        try play.desk(.reassign(to: TestCounty.works, reason: "take it"), by: PlayedCase.dispatcher)

        #expect(play.record.openEntries == 0 && !play.notices.contains { $0.contains("discipline") })
        #expect(play.violations == [])
    }

    @Test("A person who is accused stands for their unit, and the desk itself gives way when it is accused")
    func accusedPersons() throws {
        let head = CaseRegistered.Accused(persons: [PersonCode(validated: "edu-head")])
        let play = try PlayedCase("the school", kind: .claim, accused: head)
        #expect(try play.life.lead == TestCounty.desk)
        let desk = try PlayedCase("no rule fits", kind: .accusation, accused: .init(units: [TestCounty.desk]))
        #expect(try desk.life.desk == TestCounty.discipline && desk.life.lead == TestCounty.discipline)

        #expect(play.violations == [] && desk.violations == [])
    }

    @Test("A repeated matter follows the first case, and goes its own way again when that was a mistake")
    func merged() throws {
        var play = try PlayedCase()
        let first = MergeTarget(
            id: CaseID(UniqueID(high: 1, low: 1)), number: "20251124-000009", registered: Instant(microseconds: 0), stage: .accepted,
            hasSamePerson: true)
        var other = first
        other.hasSamePerson = false
        refusal("not-the-same-person") { try play.order(.merge(other), by: PlayedCase.clerk) }
        var later = first
        later.registered = play.now + .seconds(1)
        refusal("not-the-earlier-case") { try play.order(.merge(later), by: PlayedCase.clerk) }
        for stage in [Stage.closed, .withdrawn, .merged] {
            var ended = first
            ended.stage = stage
            refusal("target-not-open") { try play.order(.merge(ended), by: PlayedCase.clerk) }
        }
        try play.order(.merge(first), by: PlayedCase.clerk)
        #expect(try play.stage == .merged && play.running.isEmpty)
        #expect(play.notices.contains("merged petitioner"))
        try play.order(.unmerge(reason: "another matter"), by: PlayedCase.clerk)

        #expect(try play.stage == .assigned && play.life.lead == TestCounty.roads && !play.running.isEmpty)
        #expect(play.violations == [])
    }

    @Test("An officer with an interest withdraws and sees nothing of the case any more")
    func recusal() throws {
        var play = try PlayedCase()
        try play.desk(.accept(officer: nil), by: roads)
        try play.desk(.recuse(reason: "my brother"), by: roads)

        refusal("unknown-case") { try play.desk(.answer(PlayedCase.answer), by: roads) }
        #expect(try play.life.officer == nil)
        try play.desk(.answer(PlayedCase.answer), by: headOfRoads)
        #expect(play.violations == [])
    }

    @Test("A case that was withdrawn is taken up again; what has ended has no clock")
    func withdrawn() throws {
        var play = try PlayedCase()
        try play.order(.withdraw(reason: nil))
        #expect(try play.stage == .withdrawn && play.running.isEmpty)
        try play.desk(.reopen(reason: "asked for"), by: PlayedCase.dispatcher)

        #expect(try play.stage == .assigned && play.life.handOffs == 0 && !play.running.isEmpty)
        #expect(play.violations == [])
    }

    @Test("A case that is taken up again is urged as at its beginning, also where no clock that is owed starts at an assignment")
    func urgedAgain() throws {
        var play = try PlayedCase(kind: .inquiry)
        #expect(play.running.sorted() == ["dispose", "objection"])
        var merged = play
        try play.order(.withdraw(reason: nil))
        try play.desk(.reopen(reason: "asked for"), by: PlayedCase.dispatcher)
        let first = MergeTarget(
            id: CaseID(UniqueID(high: 1, low: 1)), number: "1", registered: Instant(microseconds: 0), stage: .accepted, hasSamePerson: true)
        try merged.order(.merge(first), by: PlayedCase.clerk)
        try merged.order(.unmerge(reason: "another matter"), by: PlayedCase.clerk)

        for var play in [play, merged] {
            #expect(play.running.sorted() == ["dispose", "objection"])
            #expect(play.violations == [])
            try play.pass(days: 16)
            #expect(play.notices.contains("passed unit:roads"))
            #expect(play.violations == [])
        }
    }

    @Test("A step on a case that has changed since it was read is refused")
    func changed() throws {
        var play = try PlayedCase()
        let seen = try play.life.revision
        try play.order(.addMaterial("more"))

        refusal("case-changed") { try play.desk(.accept(officer: nil), by: roads, seeing: seen) }
        try play.desk(.accept(officer: nil), by: roads, seeing: try play.life.revision)
    }
}
