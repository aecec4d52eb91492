import CaseFlow
import Models
import TestSupport
import Testing

@testable import Intake

@Suite("A session at the grassroots")
struct SessionBookTests {
    /// An order of every step that no rule but that of the phase refuses.
    private static func order(_ step: SessionStep) -> SessionOrder {
        let case1 = CaseID(UniqueID(high: 1, low: 1))
        return switch step {
        case .publish: .publish
        case .change: .change(SessionChanged(by: PlayedSession.clerk, place: "祠堂", reason: "rain"))
        case .cancel: .cancel(reason: "snow")
        case .open: .open(at: nil)
        case .attend: .attend(unit: TestCounty.roads, person: nil, present: true)
        case .queue: .queue(contact: nil)
        case .call: .call(number: nil, reason: nil)
        case .serve: .serve(number: 1, case: nil, left: false)
        case .explain: .explain(title: "医保", reached: 30)
        case .visit:
            .visit(
                HouseholdVisited(
                    by: PlayedSession.clerk, region: RegionCode(validated: "nowhere"), tags: [], contactPoint: nil, note: nil))
        case .hear: .hear(case1)
        case .close: .close(summary: "s", reached: 1)
        }
    }

    @Test("takes each step in the phases that are made for it, and in no other", arguments: SessionPhase.allCases)
    func phases(phase: SessionPhase) throws {
        let allowed: [SessionPhase: Set<SessionStep>] = [
            .planned: [.publish, .change, .cancel, .open], .published: [.change, .cancel, .open, .queue],
            .open: [.attend, .queue, .call, .serve, .explain, .visit, .hear, .close], .closed: [.hear], .cancelled: [],
        ]
        let session = try PlayedSession(at: phase)

        let taken = SessionStep.allCases.filter { session.refusal(Self.order($0)) != "wrong-phase" }

        #expect(Set(taken) == allowed[phase])
        #expect(session.refusal(.plan(PlayedSession.plan())) == "session-exists")
    }

    @Test("knows no step before it is planned")
    func unknown() throws {
        let session = try PlayedSession()

        #expect(SessionStep.allCases.allSatisfy { session.refusal(Self.order($0)) == "unknown-session" })
    }

    @Test("is planned and held by these roles alone", arguments: Role.allCases)
    func roles(role: Role) throws {
        let session = try PlayedSession(at: .planned)
        let mayAct: Set<Role> = [.clerk, .dispatcher, .leader, .officer, .unitHead, .administrator]

        let rule = session.refusal(.publish, by: ActingPerson(role: role, unit: TestCounty.roads))

        #expect(rule == (mayAct.contains(role) ? nil : "role-not-fitting"))
    }

    @Test("is nothing for officers and heads of units that do not come along")
    func otherUnits() throws {
        let session = try PlayedSession(at: .planned)

        #expect(session.refusal(.publish, by: ActingPerson(role: .officer, unit: TestCounty.education)) == "not-taking-part")
        #expect(session.refusal(.publish, by: ActingPerson(role: .unitHead, unit: UnitCode(validated: "county"))) == nil)
        #expect(session.refusal(.publish, by: ActingPerson(role: .leader, unit: TestCounty.education)) == nil)
    }

    @Test("is planned with units that exist, and ends after it starts")
    func plans() throws {
        let session = try PlayedSession()
        let starts = PlayedSession.starts

        #expect(session.refusal(.plan(PlayedSession.plan())) == nil)
        #expect(session.refusal(.plan(PlayedSession.plan(units: [UnitCode(validated: "moon")]))) == "unknown-unit")
        #expect(session.refusal(.plan(PlayedSession.plan(ends: starts))) == "ends-before-it-starts")
        #expect(session.refusal(.plan(PlayedSession.plan(ends: starts + .seconds(401 * 86_400)))) == "too-long")
    }

    @Test("opens on the day it was planned for, never in the future")
    func opening() throws {
        var session = try PlayedSession(at: .planned)
        let day = Duration.seconds(86_400)

        #expect(session.refusal(.open(at: PlayedSession.starts + .seconds(3600))) == "opened-in-the-future")
        #expect(session.refusal(.open(at: PlayedSession.starts - day)) == "not-the-day")
        // 00:00 in China belongs to the day, though it is the day before in UTC; a moment earlier does not.
        #expect(session.refusal(.open(at: PlayedSession.starts - .seconds(9 * 3600))) == nil)
        #expect(session.refusal(.open(at: PlayedSession.starts - .seconds(9 * 3600 + 1))) == "not-the-day")
        session.now = PlayedSession.starts + day
        #expect(session.refusal(.open(at: nil)) == "not-the-day")
    }

    @Test("changes in what is named, and an office does not pass to another leader")
    func changes() throws {
        var session = try PlayedSession(at: .published)

        #expect(session.refusal(.change(SessionChanged(by: PlayedSession.clerk, reason: "r"))) == "nothing-changed")
        #expect(
            session.refusal(.change(SessionChanged(by: PlayedSession.clerk, ends: PlayedSession.starts, reason: "r")))
                == "ends-before-it-starts")
        try session.give(.change(SessionChanged(by: PlayedSession.clerk, place: "祠堂", reason: "rain")))
        #expect(try session.record.place == "祠堂")
        #expect(try session.record.office == "县长")
        try session.give(.change(SessionChanged(by: PlayedSession.clerk, leader: PersonCode(validated: "l-2"), reason: "ill")))
        #expect(try session.record.leader.text == "l-2")
        #expect(try session.record.office == nil)
        #expect(try session.record.phase == .published)
        #expect(try session.record.issue == 3)
    }

    @Test("calls visitors in the order in which they came, and others only for a reason that is put on record")
    func queue() throws {
        var session = try PlayedSession(at: .open)
        for number in 1...3 { #expect(try session.give(.queue(contact: nil)).number("number") == number) }

        #expect(session.refusal(.call(number: 3, reason: nil)) == "out-of-turn")
        #expect(session.refusal(.call(number: 4, reason: "r")) == "does-not-wait")
        #expect(try session.give(.call(number: 3, reason: "she is ninety")).number("number") == 3)
        #expect(try session.give(.call(number: nil, reason: nil)).number("number") == 1)
        #expect(session.refusal(.call(number: 1, reason: nil)) == "does-not-wait")
        try session.give(.serve(number: 1, case: CaseID(UniqueID(high: 1, low: 1)), left: false))
        #expect(session.refusal(.serve(number: 1, case: nil, left: false)) == "served-already")
        #expect(session.refusal(.serve(number: 9, case: nil, left: false)) == "no-such-visitor")
        #expect(session.refusal(.serve(number: 2, case: CaseID(UniqueID(high: 1, low: 1)), left: true)) == "left-without-case")
        #expect(session.refusal(.close(summary: "s", reached: 3)) == "visitors-waiting")
        try session.give(.serve(number: 2, case: nil, left: true))
        try session.give(.serve(number: 3, case: nil, left: false))
        #expect(session.refusal(.call(number: nil, reason: nil)) == "nobody-waits")
        try session.give(.close(summary: "s", reached: 3))
        #expect(try session.record.visitors.map(\.phase) == [.served, .left, .served])
    }

    @Test("records an entry with a name once, also after it was closed, and then answers with its number")
    func names() throws {
        var session = try PlayedSession(at: .open)
        let (first, second) = (EntryID(UniqueID(high: 1, low: 1)), EntryID(UniqueID(high: 1, low: 2)))
        try session.give(.queue(contact: nil), entry: first)
        try session.give(.queue(contact: nil), entry: second)
        for number in 1...2 { try session.give(.serve(number: number, case: nil, left: false)) }
        try session.give(.close(summary: "s", reached: 2))
        let lines = session.events.count

        let again = try session.give(.queue(contact: nil), entry: first)

        #expect(again.number("number") == 1)
        #expect(again.text.contains(#""known":true"#))
        #expect(session.events.count == lines)
        #expect(session.state?.position == Int64(lines))
    }

    @Test("keeps the last word on who was there, and takes either a unit or a person")
    func attendance() throws {
        var session = try PlayedSession(at: .open)
        try session.give(.attend(unit: TestCounty.roads, person: nil, present: false))
        try session.give(.attend(unit: TestCounty.roads, person: nil, present: true))

        #expect(try session.record.attendance == [.init(unit: TestCounty.roads, person: nil, present: true)])
        #expect(session.refusal(.attend(unit: nil, person: nil, present: true)) == "unit-or-person")
        #expect(session.refusal(.attend(unit: UnitCode(validated: "moon"), person: nil, present: true)) == "unknown-unit")
        #expect(session.refusal(Self.order(.visit)) == "unknown-region")
    }

    @Test("takes no more entries than a record holds")
    func full() throws {
        var session = try PlayedSession(at: .open)
        for _ in 0..<SessionRecord.mostEntries { try session.give(.explain(title: "t", reached: 1)) }

        #expect(session.refusal(.explain(title: "t", reached: 1)) == "session-full")
        #expect(session.refusal(.queue(contact: nil)) == "session-full")
        #expect(session.refusal(.close(summary: "s", reached: 1)) == nil)
    }

    @Test("refuses an order on a state that has changed since")
    func revisions() throws {
        let session = try PlayedSession(at: .open)

        #expect(session.refusal(.queue(contact: nil), expected: .init(intake: 1, routing: 0)) == "session-changed")
        #expect(session.refusal(.queue(contact: nil), expected: .init(intake: 2, routing: 0)) == nil)
    }

    @Test("is nothing that a case or the county could become")
    func otherSubjects() throws {
        let context = FlowContext(now: PlayedSession.starts, counties: try PlayedSession.counties())
        let command = SessionCommand(.plan(PlayedSession.plan()), on: PlayedSession.subject, by: PlayedSession.clerk)

        let refused = #expect(throws: Refusal.self) { try SessionBook.decide(command, on: IntakeState(), in: context) }

        #expect(refused?.rule == "id-taken")
    }
}

extension JSONValue {
    fileprivate func number(_ name: String) -> Int? {
        guard case .object(let members) = self, case .integer(let number)? = members[name] else { return nil }
        return Int(number)
    }
}
