import Models
import NIOHTTP1
import TestSupport
import Testing

/// The stories of a county's procedure, played over HTTP against the running house, each to its last ledger line.
struct StoryWalk {
    typealias Person = StaffDesk.Person
    let desk: StaffDesk
    let house: RunningHouse
    let county: StoryCounty

    init(_ house: RunningHouse) async throws {
        self.house = house
        desk = StaffDesk(house)
        county = try await StoryCounty(house)
    }

    func walk() async throws {
        try await county.putInForce(county.plain, in: house, key: "plain")
        // Its clock passes while the others are told.
        let late = try await beginCoHandling()
        try await settledOnTheSpot()
        try await ordinaryClaim()
        try await objections()
        try await reviews()
        try await jointPetition()
        try await accusation()
        try await repeatedPetition()
        try await endCoHandling(late)
        try await crowd()
        try await merger()
    }

    static let answer: JSONValue = .object([
        "claim": "修好路灯", "facts": "灯坏了", "opinion": "support", "conclusion": "已修好", "basis": "城市照明管理规定",
    ])

    func form(
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
    func accepted(_ title: String, people: Int = 1) async throws -> StaffDesk.Case {
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
        try await ends(
            found, steps: ["case.registered", "case.settled", "case.rated"], clocks: ["started dispose", "lapsed dispose"],
            notices: ["delivered receipt petitioner"])
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
        try await close(found, by: .head("education"))

        try await ends(
            found, steps: ["case.registered", "case.assigned", "case.accepted", "case.answered", "case.rated", "case.closed"],
            clocks: ClockLines.decided + ["started handle", "extended handle", "met handle"],
            notices: Self.told + ["delivered extended petitioner"])
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
        try await answerAndClose(found, by: "transport")

        try await ends(
            found,
            steps: [
                "case.registered", "case.assigned", "objection.raised", "objection.confirmed", "case.assigned", "objection.raised",
                "objection.refused", "case.accepted", "case.answered", "case.rated", "case.closed",
            ],
            clocks: ClockLines.assigned + [
                "lapsed inform", "lapsed objection", "started inform", "started objection", "met dispose", "met inform", "met objection",
                "started handle", "met handle",
            ],
            notices: Self.told)
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
        try await ends(
            found,
            steps: [
                "case.registered", "case.assigned", "case.not-accepted", "review.requested", "review.answered", "review.served",
                "final-review.requested", "final-review.answered",
            ],
            clocks: ClockLines.decided + [
                "started review", "met review", "started final-window", "met final-window", "started final-review", "met final-review",
            ],
            notices: ["receipt", "not-accepted", "answered", "answered"].map { "delivered \($0) petitioner" })

        let again = try await desk.register(form(title))
        #expect(again.status == 409 && again.json?["detail"]?.string?.contains("Article 36") == true, "\(again)")
        let (status, fresh, _) = try await desk.register(form(title + "，有新证据", ["follows": .string(found.number)]))
        #expect(status == 201)
        try await desk.until("assigned", of: fresh)
        try await desk.petition("withdraw", of: fresh, .object(["reason": "协商解决"]))
        try await desk.until("withdrawn", of: fresh)
        try await ends(
            fresh, steps: ["case.registered", "case.assigned", "case.withdrawn"], clocks: ClockLines.decided,
            notices: ["delivered receipt petitioner"])
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
        try await answerAndClose(found, by: "education")

        let representatives = ["petitioner"] + (2...5).map { "petitioner-\($0)" }
        try await ends(
            found, steps: ["case.registered", "case.assigned", "case.accepted", "case.answered", "case.rated", "case.closed"],
            clocks: ClockLines.answered,
            // Each representative; the receipt is one.
            notices: ["delivered receipt petitioner"]
                + ["accepted", "answered", "closed"].flatMap { word in representatives.map { "delivered \(word) \($0)" } })
    }

    /// Somebody who does not give a name accuses the head of a bureau: the case goes past that bureau and everything below it.
    private func accusation() async throws {
        let head = StoryCounty.head
        let (status, found, _) = try await desk.register(
            form("局长受贿", kind: "accusation", people: 0, ["accused": .array([.object(["person": .string(head.person)])])]))
        #expect(status == 201)
        let officer = Person.officer("discipline")
        try await desk.until("assigned", "discipline", of: found, by: officer)
        let below = [Person.officer("traffic-police"), .head("traffic-police")]
        // The one who is accused sees nothing of it for whatever unit they act.
        let elsewhere = Person(role: "officer", unit: "discipline", person: head.person)
        let outside = [head, .officer(head.unit), elsewhere] + below + [.officer("transport"), .clerk, .supervisor, .leader]
        for person in outside {
            for service in [StaffDesk.Service.intake, .routing] {
                #expect(try await desk.get("/v1/cases/\(found.id)", at: service, by: person).status == 404, "\(person)")
            }
            #expect(try await desk.get("/v1/cases/\(found.id)/ledger", at: .intake, by: person).status == 404, "\(person)")
            try await desk.take("accept", of: found, by: person, expecting: 404)
        }
        for unit in [head.unit, "traffic-police"] {
            try await desk.take(
                "reassign", of: found, by: .dispatcher, .object(["unit": .string(unit), "reason": "x"]), expecting: 409)
            try await desk.take(
                "add-co-handler", of: found, by: .head("discipline"), .object(["unit": .string(unit), "task": "x", "workdays": 1]),
                expecting: 409)
        }
        try await desk.take("accept", of: found, by: officer)
        try await desk.take("answer", of: found, by: officer, Self.answer)
        try await desk.take("close", of: found, by: .head("discipline"), .object(["outcome": "explained"]))
        try await desk.until("closed", "discipline", of: found, by: officer)
        let shown = try await house.ask(.GET, "/v1/progress/\(found.number)", headers: ["Query-Code": found.code])
        #expect(shown.json?["stage"]?.string == "closed")

        try await ends(
            found, steps: ["case.registered", "case.assigned", "case.accepted", "case.answered", "case.closed"],
            clocks: ClockLines.decided + ["started reply", "met reply"], seenBy: officer, isConfidential: true)
        #expect(house.notices(of: found.number).allSatisfy { $0.hasSuffix(" unit:discipline") })
    }

    private func repeatedPetition() async throws {
        let first = try await accepted("桌椅破旧")
        let (_, second, _) = try await desk.register(form("学校桌椅破旧，第二次反映"))
        try await desk.until("assigned", of: second)
        try await desk.take("merge", of: second, at: .intake, by: .clerk, .object(["into": .string(first.number)]))
        try await desk.until("merged", of: second)
        func followed() async throws -> JSONValue? {
            try await house.ask(.GET, "/v1/progress/\(second.number)", headers: ["Query-Code": second.code]).json?["follows"]
        }
        #expect(try await followed()?["number"]?.string == first.number)
        #expect(try await followed()?["stage"]?.string == "accepted")
        try await answerAndClose(first, by: "education")

        #expect(try await followed()?["stage"]?.string == "closed")
        try await ends(
            second, steps: ["case.registered", "case.assigned", "case.merged"],
            clocks: ClockLines.assigned + ["met dispose", "met inform", "lapsed objection"],
            notices: ["delivered receipt petitioner", "delivered merged petitioner"])
        try await ends(
            first, steps: ["case.registered", "case.assigned", "case.accepted", "case.answered", "case.rated", "case.closed"],
            clocks: ClockLines.answered, notices: Self.told)
    }

    /// A unit is merged while it holds 500 open cases.
    private func merger() async throws {
        let cases = (0..<500).map { index -> JSONValue in
            .object(["key": .string("merger-\(index)"), "case": form("公交车太少 \(index)", ["topic": "traffic"])])
        }
        var first = StaffDesk.Case(id: "", number: "", code: "")
        for start in stride(from: 0, to: 500, by: 100) {
            let body = JSONValue.object(["cases": .array(Array(cases[start..<start + 100]))])
            let reply = try await house.ask(.POST, "/v1/cases/batch", body: body.canonical, staff: true)
            #expect(reply.status == 200)
            guard start == 0, case .array(let results)? = reply.json?["results"], let receipt = results.first?["receipt"] else { continue }
            func text(_ name: String) -> String { receipt[name]?.string ?? "" }
            first = StaffDesk.Case(id: text("id"), number: text("number"), code: text("code"))
        }
        try await eventually(within: .seconds(120), "the transport bureau has the 500 cases") {
            let dry = try await self.house.run(["unit", "merge", "transport", "--into", "traffic-police"])
            return dry.out.split(separator: " ").compactMap { Int($0) }.first.map { $0 >= 500 } ?? false
        }
        func ask(_ body: String) async throws -> RunningHouse.Reply {
            try await house.ask(
                .POST, "/v1/units/transport/succession", body: Array(body.utf8), headers: ["Idempotency-Key": "merger"], staff: true,
                service: "routing")
        }
        let page = try await ask(#"{"to":"traffic-police","dryRun":true}"#)
        #expect(page.json?["cases"]?.number == 256)
        let done = try await house.run(["unit", "merge", "transport", "--into", "traffic-police", "--yes"])
        #expect(done.code == 0, "\(done.err)\(done.out)")
        // Under its key a question keeps its answer, whatever happened since; another question under that key has none.
        #expect(try await ask(#"{"to":"traffic-police","dryRun":true}"#).body == page.body)
        #expect(try await ask(#"{"to":"traffic-police"}"#).status == 422)
        let left = try await house.run(["unit", "merge", "transport", "--into", "traffic-police"])
        #expect(left.out.contains("would move 0 open cases"), "\(left.out)\(left.err)")
        let (_, found, _) = try await desk.register(form("公交站台没有棚", ["topic": "traffic"]))
        try await desk.until("assigned", "traffic-police", of: found)

        let before = ["case.registered", "case.assigned"]
        for (found, steps) in [(first, before + ["case.succeeded"]), (found, before)] {
            try await desk.until("assigned", "traffic-police", of: found)
            try await desk.take("accept", of: found, by: .officer("transport"), expecting: 404)
            try await desk.take("accept", of: found, by: .officer("traffic-police"))
            try await desk.until("accepted", of: found)
            try await answerAndClose(found, by: "traffic-police")
            try await ends(
                found, steps: steps + ["case.accepted", "case.answered", "case.rated", "case.closed"], clocks: ClockLines.answered,
                notices: Self.told)
        }
    }
}
