import Models
import NIOHTTP1

/// Sends what was recorded in the field: session by session, each step under the name it was given where it was recorded.
///
/// Intake tells which names it has already; only the others are sent. So an import may be broken off anywhere, and a second one of the
/// same file changes nothing, however much later it comes.
struct FieldImport {
    typealias Ask = (HTTPMethod, String, [UInt8]?, String?) async throws -> IntakeClient.Reply

    let ask: Ask
    /// Hears of everything that could not be recorded: its place in the file, and why.
    let say: (String) -> Void
    /// How long the house may be away before the import gives up, and how long a case may fail before it is rejected.
    var patience = Duration.seconds(600)

    /// What intake has of a session.
    private struct Known {
        var names: Set<String> = []
        var numbers: [String: Int64] = [:]
        var served: Set<Int64> = []
    }

    func run(_ file: FieldFile) async throws -> FieldTally {
        var tally = FieldTally()
        for fault in file.faults {
            if fault.isSession { tally.sessions.rejected += 1 } else { tally.entries.rejected += 1 }
            say("\(fault.place): \(fault.reason)")
        }
        for session in file.sessions {
            let isWhole = !file.faults.contains { $0.place.hasPrefix(session.place + "/") }
            try await send(session, isWhole: isWhole, &tally)
        }
        return tally
    }

    private func send(_ session: FieldSession, isWhole: Bool, _ tally: inout FieldTally) async throws {
        guard var known = try await plan(session, &tally) else { return }
        guard let opening = session.opening else { return }
        if try await record(opening, session, &known, &tally) == nil {
            return say("\(session.place): what was recorded at this session waits until it is opened")
        }
        let before = tally.entries.rejected
        for entry in session.entries { _ = try await record(entry, session, &known, &tally) }
        var numbers: [(visitor: FieldSession.Visitor, number: Int64)] = []
        for visitor in session.visitors {
            guard let reply = try await record(visitor.queue, session, &known, &tally) else { continue }
            let name = visitor.queue.id.description
            if case .integer(let number)? = reply["number"] { known.numbers[name] = number }
            if let number = known.numbers[name] { numbers.append((visitor, number)) }
        }
        let matters = numbers.flatMap(\.visitor.matters) + session.matters
        let registration = FieldCases(ask: need, say: say, patience: patience)
        let cases = try await registration.register(matters.filter { !known.names.contains("\($0.id)") }, &tally)
        tally.cases.known += matters.count { known.names.contains("\($0.id)") }
        for matter in matters {
            guard let id = cases[matter.id] else { continue }
            let heard = FieldSession.Entry(id: matter.id, place: matter.place, step: "hear", members: ["case": .string(id.description)])
            _ = try await record(heard, session, &known, &tally, counts: false)
        }
        for (visitor, number) in numbers where !known.served.contains(number) {
            var members: [String: JSONValue] = ["number": .integer(number), "left": .bool(visitor.left)]
            if let id = visitor.matters.lazy.compactMap({ cases[$0.id] }).first { members["case"] = .string(id.description) }
            let name = FieldSession.name("serve \(visitor.queue.id)", in: session.id)
            let served = FieldSession.Entry(id: name, place: visitor.queue.place, step: "serve", members: members)
            _ = try await record(served, session, &known, &tally, counts: false)
        }
        guard let closing = session.closing else { return }
        if tally.entries.rejected > before || !isWhole {
            // Once it is closed, what is mended could not be added any more.
            return say("\(session.place): the session stays open until the entries named above are mended and imported")
        }
        _ = try await record(closing, session, &known, &tally)
    }

    /// Plans the session unless intake has it; answers what intake has, nil when it refuses the session.
    private func plan(_ session: FieldSession, _ tally: inout FieldTally) async throws -> Known? {
        let found = try await need(.GET, "/v1/sessions/\(session.id)", nil, nil)
        if found.status == 200, let json = found.json {
            tally.sessions.known += 1
            var known = Known(names: Set(json["entries"]?.elements.map(\.plain) ?? []))
            for visitor in json["visitors"]?.elements ?? [] {
                guard case .string(let name)? = visitor["id"], case .integer(let number)? = visitor["number"] else { continue }
                known.numbers[name] = number
                if ["served", "left"].contains(visitor["phase"]?.plain) { known.served.insert(number) }
            }
            return known
        }
        let reply = try await need(.POST, "/v1/sessions", session.plan, "field-\(session.id)")
        guard reply.status == 200 || reply.status == 201 else {
            tally.sessions.rejected += 1
            say("\(session.place): \(reply.problem)")
            return nil
        }
        tally.sessions.recorded += 1
        return Known()
    }

    /// Records an entry unless intake has it; answers what intake said, an empty object for what it had, nil when it refuses.
    private func record(
        _ entry: FieldSession.Entry, _ session: FieldSession, _ known: inout Known, _ tally: inout FieldTally, counts: Bool = true
    ) async throws -> JSONValue? {
        if known.names.contains("\(entry.id)") {
            if counts { tally.entries.known += 1 }
            return [:]
        }
        let reply = try await need(.POST, "/v1/sessions/\(session.id)/\(entry.step)", entry.body, "field-\(entry.id)-\(entry.step)")
        guard reply.status == 200 else {
            tally.entries.rejected += 1
            say("\(entry.place): \(reply.problem)")
            return nil
        }
        known.names.insert("\(entry.id)")
        let json = reply.json ?? [:]
        if counts { if json["known"] == .bool(true) { tally.entries.known += 1 } else { tally.entries.recorded += 1 } }
        return json
    }

    /// Asks until there is an answer that means something.
    private func need(_ method: HTTPMethod, _ path: String, _ body: [UInt8]?, _ key: String?) async throws -> IntakeClient.Reply {
        let start = ContinuousClock.now
        var pause = Duration.milliseconds(100)
        while true {
            if let reply = try? await ask(method, path, body, key) {
                switch reply.status {
                case 429, 500..<600: break
                case 401, 403: throw CommandFailure("Intake refuses the import: \(reply.problem)")
                default: return reply
                }
            }
            if ContinuousClock.now - start > patience {
                throw CommandFailure("Intake gave no answer for \(patience); what was recorded is known at the next import.")
            }
            try await Task.sleep(for: pause * Double.random(in: 0.75...1.25))
            pause = min(pause * 2, .seconds(3))
        }
    }
}
