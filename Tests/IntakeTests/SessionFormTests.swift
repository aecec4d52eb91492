import Models
import ServiceKit
import TestSupport
import Testing

@testable import Intake

@Suite("A session over HTTP")
struct SessionFormTests {
    private let form: SessionForm
    private let seal: SealKey

    init() throws {
        seal = try #require(SealKey(secret: [UInt8](repeating: 3, count: 32)))
        form = SessionForm(by: PlayedSession.clerk, seal: seal)
    }

    private func faults(_ body: () throws(Problem) -> Void) -> [String] {
        do throws(Problem) {
            try body()
            return []
        } catch { return error.errors.map(\.pointer) }
    }

    private func faults(_ step: SessionStep, _ body: String) -> [String] {
        faults { () throws(Problem) in _ = try form.order(step, Array(body.utf8)) }
    }

    private func faults(plan body: String) -> [String] {
        faults { () throws(Problem) in _ = try form.plan(Array(body.utf8)) }
    }

    @Test("is planned with all that a roster needs; every fault is named by its place")
    func plans() throws {
        let body = #"""
            {"id":"0193a000-0000-7000-8000-000000000001","kind":"on-site-office","level":"township","leader":"t-1","unit":"east",
            "place":"村委会","starts":"2026-11-24T09:00:00","ends":"2026-11-24T12:00:00+08:00","units":["edu","roads"]}
            """#

        let (id, facts) = try form.plan(Array(body.utf8))

        #expect(id?.description == "0193a000-0000-7000-8000-000000000001")
        #expect(facts.starts == PlayedSession.starts)
        #expect(facts.units.map(\.text) == ["edu", "roads"])
        #expect(faults(plan: "{}") == ["/kind", "/level", "/leader", "/unit", "/place", "/starts", "/ends"])
        let wrong = body.replacing("7000-8000", with: "8000-8000").replacing("\"roads\"", with: "\"edu\",3,\"A B\"")
            .replacing("2026-11-24T12", with: "1926-11-24T12")
        #expect(faults(plan: wrong) == ["/id", "/ends", "/units/1", "/units/2", "/units/3"])
        #expect(faults(plan: body.replacing("on-site-office", with: "party") + " ") == ["/kind"])
    }

    @Test(
        "takes no step with missing or misshapen fields",
        arguments: [
            (SessionStep.publish, "{}", []), (.publish, #"{"x":1}"#, ["/x"]), (.change, "{}", ["/reason"]),
            (.change, #"{"level":"x","place":" ","reason":"r"}"#, ["/place", "/level"]), (.cancel, "{}", ["/reason"]),
            (.open, "", []), (.open, #"{"at":"yesterday"}"#, ["/at"]), (.attend, #"{"unit":"A"}"#, ["/unit"]),
            (.queue, "", []), (.queue, #"{"id":"x","name":3}"#, ["/id", "/name"]), (.call, #"{"number":0}"#, ["/number"]),
            (.serve, "{}", ["/number"]), (.serve, #"{"number":1,"case":"x"}"#, ["/case"]), (.explain, "{}", ["/title", "/reached"]),
            (.visit, #"{"tags":["rich","needy","needy"]}"#, ["/region", "/tags/0", "/tags/2"]), (.hear, "{}", ["/case"]),
            (.close, #"{"reached":-1}"#, ["/summary", "/reached"]),
        ] as [(SessionStep, String, [String])])
    func steps(step: SessionStep, body: String, places: [String]) {
        #expect(faults(step, body) == places)
    }

    @Test("seals the names and phones of visitors and the notes of households before anything else sees them")
    func sealing() throws {
        let (queued, entry) = try form.order(
            .queue, Array(#"{"id":"0193a000-0000-7000-8000-000000000002","name":"李四","phone":"139"}"#.utf8))
        let visited = try form.order(.visit, Array(#"{"region":"east","tags":["needy"],"note":"李四家"}"#.utf8)).order

        guard case .queue(let contact?) = queued, case .visit(let household) = visited, let note = household.note else {
            Issue.record("the orders are others: \(queued), \(visited)")
            return
        }
        #expect(entry?.description == "0193a000-0000-7000-8000-000000000002")
        #expect(!contact.text.contains("李四"))
        #expect(try seal.open(contact, as: VisitorContact.self) == VisitorContact(name: "李四", phone: "139"))
        #expect(try seal.open(note, as: String.self) == "李四家")
    }

    @Test("is shown with masked visitors, and without notes and cases")
    func views() throws {
        var session = try PlayedSession(at: .open)
        let contact = try seal.seal(VisitorContact(name: "李四光", phone: "13900001234"))
        let id = CaseID(UniqueID(high: 77, low: 77))
        try session.give(.queue(contact: contact))
        try session.give(.serve(number: 1, case: id, left: false))
        try session.give(.hear(id))

        let text = try whole(session, for: .clerk)

        #expect(text.contains("李**"))
        #expect(!text.contains("四光") && !text.contains("1390000"))
        #expect(!text.contains(id.description))
    }

    @Test("is shown as before when a matter was heard: only administrators may count what they cannot see", arguments: Role.allCases)
    func hiddenMatters(role: Role) throws {
        var session = try PlayedSession(at: .open)
        let before = try (whole(session, for: role), session.record.tag)

        for number in 1...3 {
            try session.give(.hear(CaseID(UniqueID(high: 77, low: UInt64(number)))), entry: EntryID(UniqueID(high: 5, low: UInt64(number))))
        }

        let after = try (whole(session, for: role), session.record.tag)
        #expect(after.1 == before.1)
        #expect((after.0 == before.0) == (role != .administrator))
        #expect(session.refusal(.close(summary: "s", reached: 1), expected: before.1) == nil)
        try session.give(.explain(title: "t", reached: 1))
        #expect(session.refusal(.close(summary: "s", reached: 1), expected: before.1) == "session-changed")
    }

    private func whole(_ session: PlayedSession, for role: Role) throws -> String {
        try SessionView(seal: seal).whole(.init(id: PlayedSession.subject, record: session.record), for: ActingPerson(role: role)).text
    }
}
