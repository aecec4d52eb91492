import Models
import NIOHTTP1
import TestSupport
import Testing

/// The stories of a county's procedure, played over HTTP against the running house, each to its last ledger line.
struct StoryWalk {
    private typealias Person = StaffDesk.Person
    private let desk: StaffDesk
    private let house: RunningHouse

    init(_ house: RunningHouse) {
        self.house = house
        desk = StaffDesk(house)
    }

    func walk() async throws {
        try await settledOnTheSpot()
        try await ordinaryClaim()
        try await objections()
        try await coHandling()
        try await reviews()
        try await jointPetition()
        try await accusation()
        try await repeatedPetition()
        try await crowd()
        try await merger()
    }

    private static let answer: JSONValue = .object([
        "claim": "修好路灯", "facts": "灯坏了", "opinion": "support", "conclusion": "已修好", "basis": "城市照明管理规定",
    ])

    private func form(
        _ title: String, kind: String = "claim", people: Int = 1, _ more: [String: JSONValue] = [:]
    ) -> JSONValue {
        // A chosen topic counts more than words, so that each case goes where its story wants it.
        var members: [String: JSONValue] = [
            "kind": .string(kind), "title": .string(title), "narrative": .string(title), "topic": "education",
        ]
        if people == 0 {
            members["anonymous"] = true
        } else {
            members["petitioners"] = .array(
                (0..<people).map { index in
                    .object([
                        "name": .string("甲\(index)"), "phone": .string("1380000\(1000 + index)"),
                        "represents": .bool(people > 1 && index < 5),
                    ])
                })
        }
        for (name, value) in more { members[name] = value }
        return .object(members)
    }

    /// A claim that the education bureau has, accepted.
    private func accepted(_ title: String, people: Int = 1) async throws -> StaffDesk.Case {
        let (status, found, _) = try await desk.register(form("学校\(title)", people: people))
        #expect(status == 201)
        try await desk.until("assigned", "education", of: found)
        try await desk.take("accept", of: found, by: .officer("education"))
        try await desk.until("accepted", of: found)
        return found
    }

    private func settledOnTheSpot() async throws {
        var settlement: [String: JSONValue] = ["unit": "education"]
        if case .object(let members) = Self.answer { settlement.merge(members) { $1 } }
        let body = form("学校门口没有灯", ["channel": "reception", "settlement": .object(settlement)])
        #expect(try await desk.register(body).status == 422, "only the staff settle")
        let (status, found, _) = try await desk.register(body, by: .clerk)

        #expect(status == 201)
        try await desk.until("closed", "education", of: found)
        #expect(try await desk.ledger(of: found).prefix(2) == ["case.registered", "case.settled"])
        try await desk.petition("rate", of: found, .object(["satisfaction": "satisfied"]))
    }

    private func ordinaryClaim() async throws {
        let found = try await accepted("食堂不卫生")
        try await desk.take(
            "extend", of: found, at: .deadline, by: .officer("education"), .object(["days": 10, "reason": "x"]), expecting: 403)
        try await eventually(within: .seconds(20), "the clock runs") {
            try await self.desk.get("/v1/cases/\(found.id)", at: .routing, by: .officer("education")).json?["due"]?.string != nil
        }
        try await desk.take(
            "extend", of: found, at: .deadline, by: .head("education"), .object(["days": 31, "reason": "x"]), expecting: 409)
        try await desk.take("extend", of: found, at: .deadline, by: .head("education"), .object(["days": 30, "reason": "情况复杂"]))
        try await desk.take("answer", of: found, by: .officer("education"), Self.answer)
        try await desk.take("close", of: found, by: .officer("education"), .object(["outcome": "solved"]), expecting: 409)
        try await desk.until("answered", of: found)
        try await desk.petition("rate", of: found, .object(["satisfaction": "mostly-satisfied"]))
        let progress = try await house.ask(.GET, "/v1/progress/\(found.number)", headers: ["Query-Code": found.code])
        #expect(progress.json?["answer"]?["conclusion"]?.string == "已修好")
        try await eventually(within: .seconds(20), "routing has heard of the rating") {
            try await self.desk.take("close", of: found, by: .head("education"), .object(["outcome": "solved"]), expecting: nil).status
                == 200
        }
        try await desk.until("closed", of: found)

        let types = try await desk.ledger(of: found)
        for type in ["case.accepted", "clock.extended", "case.answered", "case.rated", "case.closed"] {
            #expect(types.contains(type), "\(types)")
        }
    }

    private func objections() async throws {
        let (_, found, _) = try await desk.register(form("学校旁边的马路坑坑洼洼"))
        try await desk.until("assigned", "education", of: found)
        let objection: JSONValue = .object(["proposed": "transport", "reason": "道路归交通部门"])
        try await desk.take("raise-objection", of: found, by: .officer("education"), objection)
        try await desk.take("raise-objection", of: found, by: .officer("education"), objection, expecting: 409)
        try await desk.take("confirm-objection", of: found, by: .officer("transport"), expecting: 404)
        try await desk.take("confirm-objection", of: found, by: .dispatcher)
        try await desk.until("assigned", "transport", of: found)
        try await desk.take(
            "raise-objection", of: found, by: .officer("transport"), .object(["proposed": "education", "reason": "不对"]))
        try await desk.take("refuse-objection", of: found, by: .dispatcher, .object(["reason": "x"]), expecting: 403)
        try await desk.take("refuse-objection", of: found, by: .head("county"), .object(["reason": "道路归你们"]))
        try await desk.take("accept", of: found, by: .officer("transport"))
        try await desk.until("accepted", "transport", of: found)

        let types = try await desk.ledger(of: found)
        #expect(types.contains("objection.confirmed") && types.contains("objection.refused"))
    }

    private func coHandling() async throws {
        let found = try await accepted("校车不安全")
        for unit in ["transport", "traffic-police"] {
            try await desk.take(
                "add-co-handler", of: found, by: .head("education"),
                .object(["unit": .string(unit), "task": "核实", "workdays": 5]))
        }
        try await desk.take("answer", of: found, by: .officer("education"), Self.answer, expecting: 409)
        let page = try await desk.get("/v1/desk", at: .routing, by: .officer("transport"))
        guard case .array(let cases)? = page.json?["cases"] else { return #expect(Bool(false), "\(page.status)") }
        #expect(cases.contains { $0["id"]?.string == found.id })
        try await desk.take("answer-as-co-handler", of: found, by: .officer("transport"), .object(["text": "属实"]))
        try await desk.take(
            "excuse-co-handler", of: found, by: .head("education"), .object(["unit": "traffic-police", "reason": "逾期未复"]))
        try await desk.take("answer", of: found, by: .officer("education"), Self.answer)
        try await desk.until("answered", of: found)

        let types = try await desk.ledger(of: found)
        #expect(types.count { $0 == "co-handling.assigned" } == 2 && types.contains("co-handling.excused"))
    }

    private func reviews() async throws {
        let title = "学校不退学费"
        let (_, found, _) = try await desk.register(form(title))
        try await desk.until("assigned", "education", of: found)
        try await desk.take(
            "not-accept", of: found, by: .officer("education"),
            .object(["reason": "other-procedure", "explanation": "合同纠纷", "lawfulWay": "向人民法院起诉"]))
        try await desk.until("not-accepted", of: found)
        try await desk.petition("request-final-review", of: found, .object(["reason": "x"]), expecting: 409)
        try await desk.petition("request-review", of: found, .object(["reason": "不服"]))
        try await desk.until("under-review", of: found)
        try await desk.take("answer-review", of: found, by: .officer("education"), Self.answer, expecting: 403)
        try await desk.take("answer-review", of: found, by: .officer("county"), Self.answer)
        try await desk.until("answered", of: found)
        try await desk.take("record-service", of: found, at: .intake, by: .clerk, .object(["how": "in-person"]))
        try await desk.petition("request-final-review", of: found, .object(["reason": "仍不服"]))
        try await desk.until("under-final-review", of: found)
        try await desk.take("answer-final-review", of: found, by: .officer("city-petitions"), Self.answer)
        try await desk.until("terminated", of: found)
        #expect(try await desk.ledger(of: found).contains("final-review.answered"))

        let again = try await desk.register(form(title))
        #expect(again.status == 409 && again.json?["detail"]?.string?.contains("Article 36") == true, "\(again)")
        let fresh = try await desk.register(form(title + "，有新证据", ["follows": .string(found.number)]))
        #expect(fresh.status == 201)
    }

    private func jointPetition() async throws {
        var people = form("学校噪音", people: 40)
        if case .object(var members) = people, case .array(var list)? = members["petitioners"], case .object(var sixth) = list[5] {
            sixth["represents"] = true
            list[5] = .object(sixth)
            members["petitioners"] = .array(list)
            people = .object(members)
        }
        let tooMany = try await desk.register(people)
        #expect(tooMany.status == 422)
        let found = try await accepted("操场噪音", people: 40)
        try await desk.take("answer", of: found, by: .officer("education"), Self.answer)
        try await desk.until("answered", of: found)
        try await eventually(within: .seconds(30), "the representatives have the answer") {
            try await self.desk.ledger(of: found).count { $0 == "notice.delivered" } >= 11
        }
    }

    private func accusation() async throws {
        let head = form("学校校长受贿", kind: "accusation", people: 0, ["accused": .array([.object(["unit": "education"])])])
        let (status, found, _) = try await desk.register(head)
        #expect(status == 201)
        try await desk.until("assigned", "discipline", of: found, by: .officer("discipline"))
        for person in [Person.officer("education"), .head("education"), .officer("transport"), .clerk, .supervisor, .leader] {
            #expect(try await desk.get("/v1/cases/\(found.id)", at: .intake, by: person).status == 404)
            #expect(try await desk.get("/v1/cases/\(found.id)", at: .routing, by: person).status == 404)
            #expect(try await desk.get("/v1/cases/\(found.id)/ledger", at: .intake, by: person).status == 404)
        }
        try await desk.take("accept", of: found, by: .officer("education"), expecting: 404)
        try await desk.take("reassign", of: found, by: .dispatcher, .object(["unit": "education", "reason": "x"]), expecting: 409)
        try await desk.take("accept", of: found, by: .officer("discipline"))
        try await desk.take("answer", of: found, by: .officer("discipline"), Self.answer)
        try await desk.take("close", of: found, by: .head("discipline"), .object(["outcome": "explained"]))
        try await desk.until("closed", "discipline", of: found, by: .officer("discipline"))
        let shown = try await house.ask(.GET, "/v1/progress/\(found.number)", headers: ["Query-Code": found.code])
        #expect(shown.json?["stage"]?.string == "closed")
    }

    private func repeatedPetition() async throws {
        let first = try await accepted("桌椅破旧")
        let (_, second, _) = try await desk.register(form("学校桌椅破旧，第二次反映"))
        try await desk.until("assigned", of: second)
        try await desk.take("merge", of: second, at: .intake, by: .clerk, .object(["into": .string(first.number)]))
        try await desk.until("merged", of: second)
        let progress = try await house.ask(.GET, "/v1/progress/\(second.number)", headers: ["Query-Code": second.code])

        #expect(progress.json?["follows"]?["number"]?.string == first.number)
        #expect(progress.json?["follows"]?["stage"]?.string == "accepted")
    }

    /// Fifty officers at one case at once: a ledger in a line, and refusals.
    private func crowd() async throws {
        let (_, found, _) = try await desk.register(form("学校围墙要倒"))
        try await desk.until("assigned", "education", of: found)
        let statuses = try await withThrowingTaskGroup(of: UInt.self) { group in
            let token = try await desk.token(.officer("education"))
            for number in 0..<50 {
                group.addTask {
                    let body = #"{"proposed":"transport","reason":"\#(number)"}"#
                    let (step, content) = number % 2 == 0 ? ("accept", "{}") : ("raise-objection", body)
                    return try await self.house.ask(
                        .POST, "/v1/cases/\(found.id)/\(step)", body: Array(content.utf8),
                        headers: ["Authorization": "Bearer \(token)", "Idempotency-Key": "crowd-\(number)"], service: "routing"
                    ).status
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }

        #expect(statuses.count { $0 == 200 } == 1, "one step took effect: \(statuses)")
        #expect(statuses.allSatisfy { $0 == 200 || $0 == 409 })
        try await eventually(within: .seconds(20), "the ledger has the step") {
            let types = try await self.desk.ledger(of: found)
            return types.count { $0 == "case.accepted" || $0 == "objection.raised" } == 1
        }
    }

    /// A unit is merged while it holds 500 open cases.
    private func merger() async throws {
        let cases = (0..<500).map { index -> JSONValue in
            .object(["key": .string("merger-\(index)"), "case": form("公交车太少 \(index)", ["topic": "traffic"])])
        }
        for start in stride(from: 0, to: 500, by: 100) {
            let body = JSONValue.object(["cases": .array(Array(cases[start..<start + 100]))])
            let reply = try await house.ask(.POST, "/v1/cases/batch", body: body.canonical, staff: true)
            #expect(reply.status == 200)
        }
        try await eventually(within: .seconds(120), "the transport bureau has the 500 cases") {
            let dry = try await self.house.run(["unit", "merge", "transport", "--into", "traffic-police"])
            return dry.out.split(separator: " ").compactMap { Int($0) }.first.map { $0 >= 500 } ?? false
        }
        let done = try await house.run(["unit", "merge", "transport", "--into", "traffic-police", "--yes"])
        #expect(done.code == 0, "\(done.err)\(done.out)")
        let left = try await house.run(["unit", "merge", "transport", "--into", "traffic-police"])
        #expect(left.out.contains("would move 0 open cases"), "\(left.out)\(left.err)")
        let (_, found, _) = try await desk.register(form("公交站台没有棚", ["topic": "traffic"]))
        try await desk.until("assigned", "traffic-police", of: found)
    }
}
