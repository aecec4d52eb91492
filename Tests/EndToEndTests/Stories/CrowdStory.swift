import Models
import NIOHTTP1
import TestSupport
import Testing

/// Fifty people at one case at once: a ledger in a line, and refusals.
extension StoryWalk {
    /// One request; all but those that repeat another have a name of their own, which the event of their step holds.
    private struct Push: Sendable {
        /// `crowd-07`: the staff number of whoever sends it, or a word in what a petitioner writes.
        var name: String
        var step: String
        var service = StaffDesk.Service.routing
        /// Nil for the petitioner.
        var role: String?
        var unit = ""
        var body: [String: JSONValue] = [:]
        /// Sends the entity tag with which everybody has read the case.
        var isTagged = false
    }

    private static func pushes() -> [Push] {
        var pushes: [Push] = []
        func add(
            _ count: Int, _ step: String, _ role: String?, _ unit: String = "education", _ push: (inout Push, Int) -> Void = { _, _ in }
        ) {
            for index in 0..<count {
                var next = Push(name: "crowd-\(pushes.count + 10)", step: step, role: role, unit: unit)
                push(&next, index)
                pushes.append(next)
            }
        }
        func objection(_ push: inout Push, _: Int) { push.body = ["proposed": "transport", "reason": "x"] }
        func helper(_ push: inout Push, _ index: Int) {
            push.body = ["unit": .string(["transport", "health", "water"][index % 3]), "task": "x", "workdays": 2]
        }
        func other(_ push: inout Push, _ index: Int) {
            push.body = ["unit": .string(["transport", "health", "education"][index % 3]), "reason": "x"]
        }
        func tagged(_ push: @escaping (inout Push, Int) -> Void = { _, _ in }) -> (inout Push, Int) -> Void {
            {
                push(&$0, $1)
                $0.isTagged = true
            }
        }
        add(6, "accept", "officer")
        add(4, "accept", "officer", "education", tagged())
        add(5, "raise-objection", "officer", "education", objection)
        add(3, "raise-objection", "officer", "education", tagged(objection))
        add(6, "add-co-handler", "unit-head", "education", helper)
        add(2, "add-co-handler", "unit-head", "education", tagged(helper))
        add(3, "reassign", "dispatcher", "dispatch-desk", other)
        add(2, "reassign", "dispatcher", "dispatch-desk", tagged(other))
        add(3, "recuse", "officer") { push, _ in push.body = ["reason": "x"] }
        add(2, "supervise", "supervisor", "petitions") { push, _ in push.body = ["reason": "overdue", "note": "x"] }
        add(2, "take-charge", "leader", "county")
        add(3, "add-material", "clerk", "petitions") { push, _ in
            push.service = .intake
            push.body = ["text": "x"]
        }
        add(4, "add-material", nil) { push, _ in push.body = ["text": .string(push.name)] }
        // Sent again while the first is under way, under the same key.
        pushes += [pushes[35], pushes[35], pushes[41], pushes[41], pushes[44]]
        return pushes
    }

    func crowd() async throws {
        let (_, found, _) = try await desk.register(form("学校围墙要倒"))
        try await desk.until("assigned", "education", of: found)
        let tag = try #require(try await desk.get("/v1/cases/\(found.id)", at: .routing, by: .officer("education")).tag)
        let pushes = Self.pushes()
        #expect(pushes.count == 50)
        let tokens = try await tokens(of: pushes)

        let replies = try await withThrowingTaskGroup(of: (Int, RunningHouse.Reply).self) { group in
            for (index, push) in pushes.enumerated() {
                group.addTask { (index, try await self.send(push, about: found, tokens[push.name], tag)) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }

        let allowed: Set<UInt> = [200, 403, 404, 409, 412]
        for (index, reply) in replies where !allowed.contains(reply.status) {
            Issue.record("\(pushes[index]): \(reply.status) \(String(decoding: reply.body, as: UTF8.self))")
        }
        let taken = replies.filter { $0.value.status == 200 }.map { pushes[$0.key] }
        #expect(taken.count { $0.isTagged } <= 1, "two of those who had seen the same state of the case took a step on it")
        for (name, same) in Dictionary(grouping: replies, by: { pushes[$0.key].name }) where same.count > 1 {
            #expect(Set(same.map(\.value.status)) == [200] && Set(same.map(\.value.body)).count == 1, "\(name) was given two answers")
        }
        // Nobody pushed in vain all the time.
        #expect(Set(taken.map(\.step)).isSuperset(of: ["add-material", "supervise", "take-charge"]) && Set(taken.map(\.step)).count > 3)

        let names = Set(taken.map(\.name))
        do {
            try await eventually(within: .seconds(30), "the ledger has every step that was taken") {
                try await self.desk.caseLedger(of: found).steps.count >= names.count + 2
            }
        } catch is CancellationError {}
        let ledger = try await desk.caseLedger(of: found)
        #expect(ledger.steps.count == names.count + 2, "registration and assignment, and one line for each step: \(ledger.steps)")
        #expect(ledger.isLinear)
        for name in Set(pushes.map(\.name)) {
            let lines = ledger.lines.filter { $0.data.text.contains(name) }
            #expect(lines.count == (names.contains(name) ? 1 : 0), "\(name): \(lines.map(\.type))")
        }
        try await disperse(found)
    }

    /// Ends the case, wherever the crowd has left it.
    private func disperse(_ found: StaffDesk.Case) async throws {
        try await desk.take("reassign", of: found, by: .dispatcher, .object(["unit": "agriculture", "reason": "x"]))
        try await desk.take("redirect", of: found, by: .dispatcher, .object(["way": "litigation", "explanation": "x"]))
        try await desk.take("close", of: found, by: .dispatcher, .object(["outcome": "redirected"]))
        try await desk.until("closed", "agriculture", of: found)
        let ledger = try await desk.caseLedger(of: found)
        #expect(ledger.steps.suffix(3) == ["case.assigned", "case.redirected", "case.closed"] && ledger.isLinear)
        #expect(try await house.run(["ledger", "verify", found.number]).code == 0)
    }

    private func tokens(of pushes: [Push]) async throws -> [String: String] {
        let signer = try house.signer()
        var tokens: [String: String] = [:]
        for push in pushes where tokens[push.name] == nil {
            guard let role = push.role.flatMap(Role.init(rawValue:)) else { continue }
            tokens[push.name] = try await signer.token(
                PersonCode(validated: push.name), role, UnitCode(validated: push.unit), identifier: "crowd")
        }
        return tokens
    }

    private func send(
        _ push: Push, about found: StaffDesk.Case, _ token: String?, _ tag: String
    ) async throws -> RunningHouse.Reply {
        var headers = ["Idempotency-Key": push.name]
        if push.isTagged { headers["If-Match"] = tag }
        if let token { headers["Authorization"] = "Bearer \(token)" } else { headers["Query-Code"] = found.code }
        let path = token == nil ? "/v1/progress/\(found.number)" : "/v1/cases/\(found.id)"
        return try await house.ask(
            .POST, "\(path)/\(push.step)", body: JSONValue.object(push.body).canonical, headers: headers,
            service: token == nil ? "intake" : push.service.rawValue)
    }
}
