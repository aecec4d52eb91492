import Models

/// Reads the file of an outbox for the field: sessions with what was recorded at them, named by identifiers made on the spot.
///
/// It judges the shape: which lists there are, and that identifiers are there and used once. What a session, a visitor or a case must be is
/// intake's to judge, in the same words as for anybody. A fault costs what it is in, and nothing beside it.
struct FieldFile {
    /// What cannot be sent, and why.
    struct Fault: Equatable {
        /// A JSON pointer; empty for the file as a whole.
        var place: String
        var reason: String
        /// Whether it costs a whole session.
        var isSession = false
    }

    private(set) var sessions: [FieldSession] = []
    private(set) var faults: [Fault] = []
    /// The identifiers seen so far: one that names two things would let the second be taken for the first.
    private var seen: Set<UniqueID> = []

    private static let planned = ["kind", "level", "leader", "unit", "office", "place", "region", "starts", "ends", "units"]
    private static let recorded = ["id", "opened", "attended", "visitors", "policies", "households", "cases", "closed"]

    /// Reads a file; throws a sentence when it holds no sessions at all.
    init(_ bytes: [UInt8]) throws(CommandFailure) {
        let json: JSONValue
        do throws(JSONError) { json = try JSONValue(parsing: bytes) } catch {
            throw CommandFailure("The file is not acceptable JSON, \(error); it is {\"sessions\": […]} in UTF-8.")
        }
        guard case .object(let members) = json, case .array(let elements)? = members["sessions"], members.count == 1 else {
            throw CommandFailure("The file is not {\"sessions\": […]} and nothing else; see docs/SESSIONS.md.")
        }
        for (index, element) in elements.enumerated() { read(element, at: "/sessions/\(index)") }
    }

    private mutating func read(_ element: JSONValue, at place: String) {
        guard case .object(let members) = element else {
            faults.append(Fault(place: place, reason: "this is \(element.kind); a session is an object", isSession: true))
            return
        }
        guard let raw = identifier(members, at: place, ofSession: true) else { return }
        if let unknown = members.keys.sorted().first(where: { !Self.planned.contains($0) && !Self.recorded.contains($0) }) {
            faults.append(
                Fault(place: "\(place)/\(unknown)", reason: "this field is not known; leave it out or correct its name", isSession: true))
            return
        }
        let id = Subject(raw)
        var plan = members.filter { Self.planned.contains($0.key) }
        plan["id"] = .string(id.description)
        var session = FieldSession(id: id, place: place, plan: JSONValue.object(plan).canonical)
        for (name, step) in [("attended", "attend"), ("policies", "explain"), ("households", "visit")] {
            session.entries += entries(name, step, members, session)
        }
        session.visitors = visitors(members, session, members["kind"])
        session.matters = matters(members["cases"], at: "\(place)/cases", session, members["kind"], visitor: nil)
        if let closed = members["closed"], closed != .null {
            if case .object(let members) = closed {
                session.closing = entry("close", "\(place)/closed", members, session)
            } else {
                faults.append(Fault(place: "\(place)/closed", reason: "this is \(closed.kind); give an object with summary and reached"))
            }
        }
        let isHeld =
            !session.entries.isEmpty || !session.visitors.isEmpty || !session.matters.isEmpty || session.closing != nil
            || members["opened"] ?? .null != .null
        if isHeld {
            // Who does not say when it began, began on time.
            let began = members["opened"] ?? .null
            session.opening = entry("open", "\(place)/opened", ["at": began == .null ? members["starts"] ?? .null : began], session)
        }
        sessions.append(session)
    }

    private func entry(_ step: String, _ place: String, _ members: [String: JSONValue], _ session: FieldSession) -> FieldSession.Entry {
        FieldSession.Entry(id: FieldSession.name(step, in: session.id), place: place, step: step, members: members)
    }

    /// Entries that have no identifier of their own: each is named by what it says, and the second with the same words by its number.
    private mutating func entries(
        _ name: String, _ step: String, _ members: [String: JSONValue], _ session: FieldSession
    ) -> [FieldSession.Entry] {
        var (entries, counts): ([FieldSession.Entry], [String: Int]) = ([], [:])
        for (place, members) in objects(members[name], at: "\(session.place)/\(name)") {
            let text = JSONValue.object(members).text
            counts[text, default: 0] += 1
            let id = FieldSession.name("\(step) \(counts[text] ?? 1) \(text)", in: session.id)
            entries.append(.init(id: id, place: place, step: step, members: members))
        }
        return entries
    }

    private mutating func visitors(
        _ members: [String: JSONValue], _ session: FieldSession, _ kind: JSONValue?
    ) -> [FieldSession.Visitor] {
        var visitors: [FieldSession.Visitor] = []
        for (place, members) in objects(members["visitors"], at: "\(session.place)/visitors") {
            guard let id = identifier(members, at: place) else { continue }
            let left = members["left"] ?? false
            guard case .bool(let left) = left else {
                faults.append(Fault(place: "\(place)/left", reason: "this is \(left.kind); left is true or false"))
                continue
            }
            let contact = members.filter { !["id", "left", "cases"].contains($0.key) }
            visitors.append(
                .init(
                    queue: .init(id: EntryID(id), place: place, step: "queue", members: contact), left: left,
                    matters: matters(members["cases"], at: "\(place)/cases", session, kind, visitor: contact)))
        }
        return visitors
    }

    /// The cases of a list; what a case does not say follows from the session, and who raises it from the visitor.
    private mutating func matters(
        _ list: JSONValue?, at place: String, _ session: FieldSession, _ kind: JSONValue?, visitor: [String: JSONValue]?
    ) -> [FieldSession.Matter] {
        var matters: [FieldSession.Matter] = []
        for (place, members) in objects(list, at: place) {
            guard let id = identifier(members, at: place) else { continue }
            var body = members
            body["id"] = nil
            body["session"] = .string(session.id.description)
            if case .string(let text)? = kind, let kind = SessionKind(rawValue: text), body["channel"] == nil {
                body["channel"] = .string(kind.channel.rawValue)
            }
            if body["petitioners"] == nil, body["anonymous"] == nil {
                let person = (visitor ?? [:]).filter { $0.key == "name" || $0.key == "phone" }
                if person.isEmpty { body["anonymous"] = true } else { body["petitioners"] = [.object(person)] }
            }
            matters.append(.init(id: EntryID(id), place: place, body: JSONValue.object(body).canonical))
        }
        return matters
    }

    /// The objects of a list with their places; faults for what is none.
    private mutating func objects(_ list: JSONValue?, at place: String) -> [(place: String, members: [String: JSONValue])] {
        switch list {
        case nil, .null?: return []
        case .array(let elements)?:
            var objects: [(place: String, members: [String: JSONValue])] = []
            for (index, element) in elements.enumerated() {
                if case .object(let members) = element {
                    objects.append(("\(place)/\(index)", members))
                } else {
                    faults.append(Fault(place: "\(place)/\(index)", reason: "this is \(element.kind); give it as an object"))
                }
            }
            return objects
        case let other?:
            faults.append(Fault(place: place, reason: "this is \(other.kind); give it as an array"))
            return []
        }
    }

    private mutating func identifier(_ members: [String: JSONValue], at place: String, ofSession: Bool = false) -> UniqueID? {
        guard case .string(let text)? = members["id"], let id = UniqueID(text) else {
            faults.append(
                Fault(place: "\(place)/id", reason: "id is no UUID of 36 characters; make one where it is recorded", isSession: ofSession))
            return nil
        }
        guard seen.insert(id).inserted else {
            faults.append(Fault(place: "\(place)/id", reason: "this UUID stands in the file twice; make another", isSession: ofSession))
            return nil
        }
        return id
    }
}
