import Foundation
import Models
import NIOHTTP1
import TestSupport
import Testing

/// Many write of one thing: they become an issue, leaders are told, and one answer goes to all; and who writes again is known.
struct IssueWalk {
    private let house: RunningHouse
    private let desk: StaffDesk

    init(_ house: RunningHouse) {
        self.house = house
        desk = StaffDesk(house, keys: "issue")
    }

    private static let words = ["没有校车", "校车何时恢复", "取消校车不合理", "要求恢复校车", "校车停运太久", "校车停开家长着急"]

    func walk() async throws {
        var cases: [StaffDesk.Case] = []
        for (index, words) in Self.words.enumerated() {
            let body = JSONValue.object([
                "kind": "claim", "title": .string("梧桐湾实验小学\(words)"), "narrative": .string("梧桐湾实验小学\(words)，孩子上学很远，请协调。"),
                "topic": "education", "likes": 300,
                "petitioners": .array([.object(["name": .string("家长\(index)"), "phone": .string("000 5555 000\(index)")])]),
            ])
            let (status, found, _) = try await desk.register(body, by: .clerk)
            #expect(status == 201)
            cases.append(found)
        }
        for found in cases { try await desk.until("assigned", "education", of: found) }

        let issue = try await issue()
        try await looks(issue, cases)
        try await isTold(issue)
        try await known(cases[0])
        try await steps(issue, cases)
    }

    /// Waits until the cases are an issue that was told.
    private func issue() async throws -> JSONValue {
        let token = try await desk.token(.dispatcher)
        var found: JSONValue?
        try await eventually(within: .seconds(60), "there is an issue, and it was told") {
            let reply = try await self.house.ask(
                .GET, "/v1/issues?limit=100", headers: ["Authorization": "Bearer \(token)"], service: "routing")
            guard case .array(let issues)? = reply.json?["issues"] else { return false }
            found = issues.first {
                $0["title"]?.string?.contains("梧桐湾") == true && $0["heat"]?["cases"]?.number == Self.words.count
                    && $0["told"]?.number ?? 0 > 0
            }
            return found != nil
        }
        return found ?? .null
    }

    private func looks(_ issue: JSONValue, _ cases: [StaffDesk.Case]) async throws {
        let id = issue["id"]?.string ?? ""
        #expect(issue["heat"]?["people"]?.number == 6 && issue["heat"]?["likes"]?.number == 1_800)
        #expect(issue["topic"]?.string == "education" && issue["units"] == .array(["education"]))
        // The sample county's weights: 1 a case, 2 a person, 1 for growth, 0.02 a like, in hundredths.
        let growth = issue["heat"]?["growth"]?.number ?? 0
        #expect(issue["heat"]?["index"]?.number == 600 + 1_200 + growth * 100 + 3_600)

        let shown = try await desk.get("/v1/issues/\(id)", at: .routing, by: .officer("education"))
        guard case .array(let list)? = shown.json?["list"] else {
            Issue.record("the issue has no list: \(shown.status)")
            return
        }
        #expect(Set(list.compactMap { $0["id"]?.string }) == Set(cases.map(\.id)))
        #expect(try await desk.get("/v1/issues/\(id)", at: .routing, by: .officer("health")).status == 404)
        let others = try await desk.get("/v1/issues", at: .routing, by: .officer("health"))
        #expect(others.status == 200 && !String(decoding: others.body, as: UTF8.self).contains(id))

        let case0 = try await desk.get("/v1/cases/\(cases[0].id)", at: .routing, by: .dispatcher)
        #expect(case0.json?["issue"]?.string == id)
        let listed = try await house.run(["hot", "list", "--json"])
        #expect(listed.code == 0 && listed.out.contains(id), "\(listed.err)")
        let told = try await house.run(["hot", "show", id])
        #expect(told.code == 0 && told.out.contains("heat") && told.out.contains(cases[5].number), "\(told.err)")
    }

    /// The unit concerned has its notice, and the issue a ledger of its own.
    private func isTold(_ issue: JSONValue) async throws {
        let folder = house.directory.path + "/.huiyin/notices"
        try await eventually(within: .seconds(60), "the unit has its notice of the issue") {
            let files = FileManager.default.enumerator(atPath: folder)?.allObjects.compactMap { $0 as? String } ?? []
            return files.contains { name in
                guard name.hasSuffix(".json"), let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { return false }
                let json = try? JSONValue(parsing: Array(data))
                return json?["template"]?.string == "heating" && json?["recipient"]?.string == "unit:education"
            }
        }
    }

    /// Who wrote before is known, in nearly the same words as the same matter, and in others as a person alone.
    private func known(_ found: StaffDesk.Case) async throws {
        func ask(_ title: String, _ narrative: String, phone: String) async throws -> [JSONValue] {
            let body = JSONValue.object([
                "title": .string(title), "narrative": .string(narrative),
                "petitioners": .array([.object(["name": "家长0", "phone": .string(phone)])]),
            ])
            let reply = try await house.ask(
                .POST, "/v1/known-cases", body: body.canonical, headers: ["Authorization": "Bearer \(try await desk.token(.clerk))"])
            guard reply.status == 200, case .array(let cases)? = reply.json?["cases"] else {
                Issue.record("known-cases: \(reply.status) \(String(decoding: reply.body, as: UTF8.self))")
                return []
            }
            return cases
        }
        let (title, narrative) = ("梧桐湾实验小学没有校车", "梧桐湾实验小学没有校车，孩子上学很远，请协调！")
        let same = try await ask(title, narrative, phone: "000 5555 0000")
        #expect(same.first?["number"]?.string == found.number && same.first?["sameMatter"] == true && same.first?["inTerm"] == true)
        let other = try await ask("河边的路灯不亮", "已经三天没有人来修理了，请安排。", phone: "000 5555 0000")
        #expect(other.first?["number"]?.string == found.number && other.first?["sameMatter"] == false)
        #expect(try await ask(title, narrative, phone: "000 5555 9999").isEmpty)
    }

    /// One step for all, once under one key.
    private func steps(_ issue: JSONValue, _ cases: [StaffDesk.Case]) async throws {
        let id = issue["id"]?.string ?? ""
        func take(_ step: String, _ body: JSONValue, by person: StaffDesk.Person, key: String) async throws -> RunningHouse.Reply {
            try await house.ask(
                .POST, "/v1/issues/\(id)/\(step)", body: body.canonical,
                headers: ["Authorization": "Bearer \(try await desk.token(person))", "Idempotency-Key": key], service: "routing")
        }
        let head = StaffDesk.Person.head("education")
        let accepted = try await take("accept", .object([:]), by: head, key: "all-1")
        #expect(accepted.json?["taken"]?.number == 6, "\(String(decoding: accepted.body, as: UTF8.self))")
        let answered = try await take("answer", StoryWalk.answer, by: .officer("education"), key: "all-2")
        #expect(answered.json?["taken"]?.number == 6, "\(String(decoding: answered.body, as: UTF8.self))")
        let again = try await take("answer", StoryWalk.answer, by: .officer("education"), key: "all-2")
        #expect(again.json?["taken"]?.number == 6)
        let late = try await take("answer", StoryWalk.answer, by: .officer("education"), key: "all-3")
        #expect(late.json?["taken"]?.number == 0 && late.json?["refused"] != .array([]))
        #expect(try await take("answer", StoryWalk.answer, by: .officer("health"), key: "all-4").status == 404)
        for found in cases {
            try await desk.until("answered", of: found)
            #expect(try await desk.ledger(of: found).count { $0 == "case.answered" } == 1)
        }
    }
}
