import Models
import NIOHTTP1
import Testing

/// Sends what an outsider may send, and compares answers about a marked case with those about a case that does not exist.
struct LeakProbe: Sendable {
    let house: RunningHouse
    /// The identifier and the number of a case that does not exist.
    let missing: StaffDesk.Case

    /// A request about one case.
    struct Attempt: Sendable, Hashable {
        var service: StaffDesk.Service
        var method: HTTPMethod = .GET
        /// With `{id}` or `{number}` where the case is named.
        var path: String
        var body: String?
        var headers: [String: String] = [:]

        static func == (left: Attempt, right: Attempt) -> Bool { left.name == right.name }
        func hash(into hasher: inout Hasher) { hasher.combine(name) }

        var name: String { "\(method) \(service.rawValue) \(path) \(body ?? "") \(headers.sorted { $0.key < $1.key }.map(\.value))" }
    }

    func send(_ attempt: Attempt, about found: StaffDesk.Case, by person: Outsider) async throws -> RunningHouse.Reply {
        var headers = attempt.headers
        if let authorization = person.authorization { headers["Authorization"] = authorization }
        let path = attempt.path.replacing("{id}", with: found.id).replacing("{number}", with: found.number)
        return try await house.ask(
            attempt.method, path, body: attempt.body.map { Array($0.utf8) }, headers: headers, service: attempt.service.rawValue)
    }

    /// What an answer says, without what names the case that was asked for and the one request.
    func words(_ reply: RunningHouse.Reply, about found: StaffDesk.Case) -> String {
        guard case .object(var members)? = reply.json else { return "\(reply.status) \(String(decoding: reply.body, as: UTF8.self))" }
        members["instance"] = nil
        members["trace"] = nil
        return "\(reply.status) \(JSONValue.object(members).text)".replacing(found.id, with: "ID").replacing(found.number, with: "NUMBER")
    }

    /// Tries all of `attempts` as each of `people` about each case that is none of their business; returns what told one from the other.
    func differences(_ attempts: [Attempt], by people: [Outsider], about cases: [MarkedCase]) async throws -> [String] {
        try await concurrently(people) { person in
            var told: [String] = []
            for attempt in attempts {
                let nothing = words(try await send(attempt, about: missing, by: person), about: missing)
                for marked in cases where person.isOutside(marked) {
                    let reply = try await send(attempt, about: marked.found, by: person)
                    let something = words(reply, about: marked.found)
                    if something != nothing {
                        told.append("\(person.name) can tell \(marked.name) by \(attempt.name): \(something) in place of \(nothing)")
                    } else if let mark = marked.words.first(where: something.contains) {
                        told.append("\(person.name) reads \(mark) of \(marked.name) by \(attempt.name)")
                    }
                }
            }
            return told
        }
    }

    /// Does `work` for each of `items`, four at a time, and gathers what it found.
    func concurrently<Item: Sendable>(
        _ items: [Item], _ work: @escaping @Sendable (Item) async throws -> [String]
    ) async throws -> [String] {
        try await withThrowingTaskGroup(of: [String].self) { group in
            var found: [String] = []
            for (index, item) in items.enumerated() {
                if index >= 4, let some = try await group.next() { found += some }
                group.addTask { try await work(item) }
            }
            for try await some in group { found += some }
            return found
        }
    }
}

extension LeakProbe.Attempt {
    /// Everything that names a case and changes nothing.
    static var looks: [Self] {
        var looks = ["{id}", "{number}", "{id}/ledger", "{number}/ledger"].map { Self(service: .intake, path: "/v1/cases/\($0)") }
        looks += [StaffDesk.Service.routing, .deadline, .notification].map { Self(service: $0, path: "/v1/cases/{id}") }
        looks.append(Self(service: .routing, path: "/v1/cases/{number}"))
        looks.append(Self(service: .intake, path: "/v1/progress/{number}"))
        looks.append(Self(service: .intake, method: .HEAD, path: "/v1/cases/{id}"))
        return looks
    }

    /// Every step of the staff, as it should be sent, and wrongly in several ways.
    static var steps: [Self] {
        let answer = #""claim":"x","facts":"x","opinion":"explain","conclusion":"x","basis":"x""#
        let bodies: [CaseStep: String] = [
            .notAccept: #"{"reason":"outside-powers","explanation":"x","lawfulWay":"x"}"#,
            .redirect: #"{"way":"litigation","explanation":"x"}"#,
            .raiseObjection: #"{"proposed":"water","reason":"x"}"#, .refuseObjection: #"{"reason":"x"}"#,
            .reassign: #"{"unit":"water","reason":"x"}"#, .addCoHandler: #"{"unit":"water","task":"x","workdays":1}"#,
            .excuseCoHandler: #"{"unit":"health","reason":"x"}"#, .answerAsCoHandler: #"{"text":"x"}"#, .answer: "{\(answer)}",
            .answerReview: "{\(answer)}", .answerFinalReview: "{\(answer)}", .close: #"{"outcome":"explained"}"#,
            .reopen: #"{"reason":"x"}"#,
            .supervise: #"{"reason":"overdue","note":"x"}"#, .recuse: #"{"reason":"x"}"#,
            .openAssistance: #"{"unit":"water","task":"x","workdays":5}"#,
            .endAssistance: #"{"serial":1,"outcome":"x"}"#, .succeed: #"{"from":"discipline","to":"water"}"#,
            .extend: #"{"days":5,"reason":"x"}"#, .settleOnTheSpot: "{\"unit\":\"water\",\(answer)}", .addMaterial: #"{"text":"x"}"#,
            .rate: #"{"satisfaction":"satisfied"}"#, .requestReview: #"{"reason":"x"}"#, .requestFinalReview: #"{"reason":"x"}"#,
            .merge: #"{"into":"20251124-000009-5"}"#, .unmerge: #"{"reason":"x"}"#, .correct: #"{"petitioner":0,"name":"x"}"#,
            .recordService: #"{"how":"post"}"#, .recordReturnCall: #"{"reached":true}"#, .unmask: #"{"reason":"x"}"#,
        ]
        var steps: [Self] = []
        for row in Lifecycle.transitions {
            let service: StaffDesk.Service =
                switch row.decidedBy {
                case .intake: .intake
                case .routing: .routing
                case .deadline: .deadline
                case .notification: .notification
                }
            func attempt(_ body: String, _ headers: [String: String]) -> Self {
                Self(service: service, method: .POST, path: "/v1/cases/{id}/\(row.step.rawValue)", body: body, headers: headers)
            }
            let body = bodies[row.step] ?? "{}"
            steps.append(attempt(body, ["Idempotency-Key": "leak"]))
            guard [.accept, .reassign, .succeed, .extend, .merge, .unmask].contains(row.step) else { continue }
            steps += [
                attempt(body, ["Idempotency-Key": "leak-2", "If-Match": "\"1.1\""]), attempt(body, [:]),
                attempt("{", ["Idempotency-Key": "leak-3"]), attempt(#"{"nonsense":1}"#, ["Idempotency-Key": "leak-4"]),
            ]
        }
        return steps
    }
}
