import FoundationEssentials
import Models
import NIOHTTP1
import TestSupport
import Testing

/// Registers the marked cases and carries each through a part of its life.
struct LeakStory: Sendable {
    typealias Person = StaffDesk.Person

    let house: RunningHouse
    let desk: StaffDesk
    /// The member of the labour bureau who is accused.
    let accused = PersonCode(validated: "labour-7")

    /// The unit that handles a case in which another one is accused, and takes over that one's duties.
    static let heir = "culture-tourism"

    /// Publishes the county in force with a listed member of the labour bureau, with the tax bureau merged into the market bureau, and with
    /// a rule that keeps cases confidential.
    func publishCounty() async throws {
        let reply = try await house.ask(.GET, "/v1/county/definition", staff: true)
        var definition = try CountyDefinition(canonicalJSON: reply.body)
        for index in definition.units.indices {
            switch definition.units[index].code.text {
            case "labour": definition.units[index].members = [UnitMember(person: accused, role: .officer)]
            case "tax": definition.units[index].successor = UnitCode("market")
            default: break
            }
        }
        definition.rules.insert(Self.secretRule, at: 0)
        let published = try await house.ask(.PUT, "/v1/county", body: try definition.canonicalJSON(), staff: true)
        #expect(published.status == 200, "\(String(decoding: published.body, as: UTF8.self))")
    }

    /// Keeps cases of a word among the agriculture bureau, which gets them, and the civil affairs bureau, which helps.
    private static let secretRule = Rule(
        id: RuleCode(validated: "leak-secret"), reason: LocalizedText(zh: "密", en: "secret"), when: RuleConditions(titleWords: ["家中密事"]),
        then: RuleAction(
            lead: .unit(UnitCode(validated: "agriculture")),
            co: [RuleCoHandling(unit: UnitCode(validated: "civil-affairs"), task: "x", workdays: 3)], confidential: true))

    /// The marked cases, at the stage that each came to.
    func play() async throws -> [MarkedCase] {
        [
            try await unit(), try await township(), try await person(), try await dispatchDesk(), try await county(), try await claim(),
            try await merged(), try await ruled(), try await shared(),
        ]
    }

    private static let answer: JSONValue = .object([
        "claim": "x", "facts": "x", "opinion": "explain", "conclusion": "x", "basis": "x",
    ])

    private static func named(_ kind: String, _ code: String) -> JSONValue { .object([kind: .string(code)]) }

    private func register(
        _ name: String, _ form: MarkedForm, by person: Person? = nil, circle: Set<String>
    ) async throws -> MarkedCase {
        let (status, found, json) = try await desk.register(form.body, by: person)
        #expect(status == 201, "\(name): \(json?.text ?? "")")
        return MarkedCase(name: name, found: found, words: form.words, persons: form.persons, circle: circle)
    }

    /// Anonymous, against a unit: accepted, with a co-handling unit, supervised, answered, closed.
    private func unit() async throws -> MarkedCase {
        let form = MarkedForm("甲", kind: .accusation, accused: Self.named("unit", "education"), phone: nil)
        let marked = try await register("an accusation of a unit", form, circle: ["discipline", "dispatch-desk", "health"])
        let (found, officer, head) = (marked.found, Person.officer("discipline"), Person.head("discipline"))
        try await desk.until("assigned", "discipline", of: found, by: officer)
        try await desk.take("accept", of: found, by: officer)
        try await desk.take(
            "add-co-handler", of: found, by: head, .object(["unit": "education", "task": "x", "workdays": 1]), expecting: 409)
        try await desk.take("add-co-handler", of: found, by: head, .object(["unit": "health", "task": "x", "workdays": 1]))
        try await desk.take(
            "supervise", of: found, by: Person(role: "supervisor", unit: "discipline", person: "supervisor-2"),
            .object(["reason": "overdue", "note": "x"]))
        try await desk.take("answer-as-co-handler", of: found, by: .officer("health"), .object(["text": "x"]))
        try await desk.take("answer", of: found, by: officer, Self.answer)
        try await desk.take("close", of: found, by: head, .object(["outcome": "explained"]))
        try await desk.until("closed", of: found, by: officer)
        return marked
    }

    /// By somebody with a name, against a township: answered, rated, reviewed, terminated.
    private func township() async throws -> MarkedCase {
        let form = MarkedForm("乙", kind: .accusation, accused: Self.named("unit", "linxi"), phone: "13977700002")
        let marked = try await register(
            "an accusation of a township", form, circle: ["discipline", "dispatch-desk", "county", "city-petitions"])
        let (found, officer) = (marked.found, Person.officer("discipline"))
        try await desk.until("assigned", "discipline", of: found, by: officer)
        try await desk.take("accept", of: found, by: officer)
        try await desk.take("answer", of: found, by: officer, Self.answer)
        try await desk.until("answered", of: found, by: officer)
        try await desk.petition("rate", of: found, .object(["satisfaction": "unsatisfied"]))
        try await desk.petition("request-review", of: found, .object(["reason": "x"]))
        try await desk.until("under-review", of: found, by: officer)
        try await desk.take("answer-review", of: found, by: .officer("county"), Self.answer)
        try await desk.until("answered", of: found, by: officer)
        try await desk.petition("request-final-review", of: found, .object(["reason": "x"]))
        try await desk.until("under-final-review", of: found, by: .officer("city-petitions"))
        try await desk.take("answer-final-review", of: found, by: .officer("city-petitions"), Self.answer)
        try await desk.until("terminated", of: found, by: officer)
        return marked
    }

    /// Against a person, heard at a session, and left with the unit that it was assigned to.
    private func person() async throws -> MarkedCase {
        let session = try await session()
        let opened = try await sessionStep("\(session)/open")
        #expect(opened.status == 200, "\(String(decoding: opened.body, as: UTF8.self))")
        let form = MarkedForm(
            "丙", kind: .accusation, accused: Self.named("person", accused.text), phone: "13977700003",
            more: ["session": .string(session), "channel": "reception"])
        var marked = try await register("an accusation of a person", form, by: .clerk, circle: ["discipline", "dispatch-desk"])
        marked.accused = accused.text
        try await desk.until("assigned", "discipline", of: marked.found, by: .officer("discipline"))
        try await desk.take(
            "accept", of: marked.found, by: .officer("discipline"), .object(["officer": .string(accused.text)]), expecting: 409)
        try await desk.take(
            "raise-objection", of: marked.found, by: .officer("discipline"), .object(["proposed": "labour", "reason": "x"]), expecting: 409)
        let body: JSONValue = .object(["case": .string(marked.found.id)])
        #expect(try await sessionStep("\(session)/hear", body, by: .dispatcher).status == 200)
        // Whoever may not see it is told what they are told of a case that does not exist.
        let (hidden, none) = (
            try await sessionStep("\(session)/hear", body),
            try await sessionStep("\(session)/serve", .object(["number": 1, "case": "0193a000-0000-7000-8000-0000000000ff"]))
        )
        #expect(hidden.status == 422 && hidden.json?["errors"] == none.json?["errors"])
        return marked
    }

    /// A session that begins now; says its identifier.
    private func session() async throws -> String {
        let now = Date.now
        let body: JSONValue = .object([
            "kind": "reception", "level": "county", "leader": "leader-1", "unit": "petitions", "place": "大厅",
            "starts": .string(now.formatted(.iso8601)), "ends": .string(now.addingTimeInterval(7200).formatted(.iso8601)),
        ])
        let reply = try await sessionStep("", body)
        #expect(reply.status == 201, "\(String(decoding: reply.body, as: UTF8.self))")
        return reply.json?["id"]?.string ?? ""
    }

    private func sessionStep(
        _ path: String, _ body: JSONValue = .object([:]), by person: StaffDesk.Person = .clerk
    ) async throws -> RunningHouse.Reply {
        try await house.ask(
            .POST, path.isEmpty ? "/v1/sessions" : "/v1/sessions/\(path)", body: body.canonical,
            headers: ["Idempotency-Key": "leak-session-\(path)", "Authorization": "Bearer \(try await desk.token(person))"])
    }

    /// Against the dispatch desk itself, whose part the standby desk takes.
    private func dispatchDesk() async throws -> MarkedCase {
        let form = MarkedForm("丁", kind: .accusation, accused: Self.named("unit", "dispatch-desk"), phone: nil)
        let marked = try await register("an accusation of the dispatch desk", form, circle: ["discipline"])
        try await desk.until("assigned", "discipline", of: marked.found, by: .officer("discipline"))
        try await desk.take("accept", of: marked.found, by: .officer("discipline"))
        return marked
    }

    /// Against the county: a higher authority has it.
    private func county() async throws -> MarkedCase {
        let form = MarkedForm("戊", kind: .accusation, accused: Self.named("unit", "county"), phone: "13977700005")
        let marked = try await register("an accusation of the county", form, circle: ["city-petitions"])
        let officer = Person.officer("city-petitions")
        try await desk.until("assigned", "city-petitions", of: marked.found, by: officer)
        try await desk.take("accept", of: marked.found, by: officer)
        try await desk.take("answer", of: marked.found, by: officer, Self.answer)
        return marked
    }

    /// An ordinary claim that accuses the unit to which the rules lead; another one answers it.
    private func claim() async throws -> MarkedCase {
        let form = MarkedForm("己", kind: .claim, accused: Self.named("unit", "health"), phone: "13977700006", about: "医院乱收费")
        let marked = try await register("a claim that accuses", form, circle: ["civil-affairs", "dispatch-desk"])
        try await desk.until("assigned", "dispatch-desk", of: marked.found)
        try await desk.take("reassign", of: marked.found, by: .dispatcher, .object(["unit": "health", "reason": "x"]), expecting: 409)
        var settlement: JSONValue = Self.answer
        if case .object(var members) = settlement {
            members["unit"] = "health"
            settlement = .object(members)
        }
        try await desk.take("settle-on-the-spot", of: marked.found, at: .intake, by: .dispatcher, settlement, expecting: 409)
        let settled = MarkedForm(
            "辛", kind: .claim, accused: Self.named("unit", "health"), phone: "13977700008", more: ["settlement": settlement])
        #expect(try await desk.register(settled.body, by: .clerk).status == 409, "the accused settle nothing")
        try await desk.take("reassign", of: marked.found, by: .dispatcher, .object(["unit": "civil-affairs", "reason": "x"]))
        try await desk.until("assigned", "civil-affairs", of: marked.found)
        try await desk.take("accept", of: marked.found, by: .officer("civil-affairs"))
        try await desk.take("answer", of: marked.found, by: .officer("civil-affairs"), Self.answer)
        try await desk.until("answered", of: marked.found)
        try await desk.petition("rate", of: marked.found, .object(["satisfaction": "satisfied"]))
        return marked
    }

    /// A claim that accuses a unit whose duties another one has now.
    private func merged() async throws -> MarkedCase {
        let form = MarkedForm("庚", kind: .claim, accused: Self.named("unit", "tax"), phone: "13977700007", about: "乱收税")
        let marked = try await register("a claim that accuses a merged unit", form, circle: ["development", "dispatch-desk"])
        try await desk.until("assigned", "dispatch-desk", of: marked.found)
        try await desk.take("reassign", of: marked.found, by: .dispatcher, .object(["unit": "market", "reason": "x"]), expecting: 409)
        try await desk.take("reassign", of: marked.found, by: .dispatcher, .object(["unit": "development", "reason": "x"]))
        try await desk.until("assigned", "development", of: marked.found)
        return marked
    }

    /// A claim that accuses nobody and that a rule keeps confidential: helped with, answered.
    private func ruled() async throws -> MarkedCase {
        let form = MarkedForm("癸", kind: .claim, phone: "13977700010", about: "家中密事", more: ["tags": ["needy", "left-behind"]])
        let marked = try await register(
            "a claim that a rule keeps confidential", form, by: .clerk, circle: ["agriculture", "civil-affairs", "dispatch-desk"])
        let officer = Person.officer("agriculture")
        try await desk.until("assigned", "agriculture", of: marked.found, by: officer)
        try await desk.take("accept", of: marked.found, by: officer)
        try await desk.take("answer-as-co-handler", of: marked.found, by: .officer("civil-affairs"), .object(["text": "x"]))
        try await desk.take("answer", of: marked.found, by: officer, Self.answer)
        try await desk.until("answered", of: marked.found, by: officer)
        return marked
    }

    /// A claim that accuses a township, handled by the unit that will take over the township's duties.
    private func shared() async throws -> MarkedCase {
        let form = MarkedForm("壬", kind: .claim, accused: Self.named("unit", "linxi"), phone: "13977700009", about: "乱摊派")
        let marked = try await register("a claim that accuses a unit that will be merged", form, circle: [Self.heir, "dispatch-desk"])
        try await desk.until("assigned", "dispatch-desk", of: marked.found)
        try await desk.take("reassign", of: marked.found, by: .dispatcher, .object(["unit": .string(Self.heir), "reason": "x"]))
        try await desk.until("assigned", Self.heir, of: marked.found)
        try await desk.take("accept", of: marked.found, by: .officer(Self.heir))
        try await desk.until("accepted", of: marked.found)
        return marked
    }
}
