import Models
import NIOHTTP1
import TestSupport
import Testing

/// Every operation about one case or one unit, as the running house's own documents name them, tried by staff of a unit that it does not
/// concern: they are told nothing but that there is no such case, or that the desk is not theirs.
struct DoorWalk {
    private typealias Person = StaffDesk.Person
    private let house: RunningHouse
    private let desk: StaffDesk

    init(_ house: RunningHouse) {
        self.house = house
        desk = StaffDesk(house, keys: "doors")
    }

    private struct Door {
        var service: StaffDesk.Service
        var method: HTTPMethod
        /// With `{id}` where the case is named, or `{unit}`.
        var path: String
        var body: [UInt8]?

        var name: String { "\(method) \(service.rawValue) \(path)" }
        var isOfCase: Bool { path.contains("{id}") }
    }

    func walk() async throws {
        let doors = try await doors()
        #expect(doors.count { $0.isOfCase } > 35 && doors.count { !$0.isOfCase } == 2, "\(doors.map(\.name))")
        let open = try await register(["kind": "claim", "topic": "education"], with: "education", seenBy: .dispatcher)
        let hidden = try await register(
            ["kind": "accusation", "accused": .array([.object(["unit": "education"])])], with: "discipline", seenBy: .officer("discipline"))
        let before = (try await deeds(open, seenBy: .dispatcher), try await deeds(hidden, seenBy: .officer("discipline")))
        // Of an ordinary case the people of the county's own desks know; of a confidential one they do not.
        let strangers = [Person.officer("health"), .head("health"), Person(role: "subscriber", unit: "education", person: "system-1")]
        let county = [Person.clerk, .supervisor, .leader, Person(role: "auditor", unit: "county", person: "auditor-1")]
        let administrator = Person(role: "administrator", unit: "petitions", person: "administrator-1")
        let accused = [Person.officer("education"), .head("education"), Person(role: "dispatcher", unit: "education", person: "d-1")]

        for door in doors {
            for person in strangers { try await isClosed(door, about: open, to: person) }
            if door.isOfCase {
                for person in strangers + county + accused + [administrator] { try await isClosed(door, about: hidden, to: person) }
                // Those whose case it is come as far as to be told that it has changed meanwhile.
                try await isOpen(door, about: open, to: .officer("education"))
                try await isOpen(door, about: hidden, to: .officer("discipline"))
            }
        }

        #expect(try await deeds(open, seenBy: .dispatcher) == before.0)
        #expect(try await deeds(hidden, seenBy: .officer("discipline")) == before.1)
    }

    /// What people did in a case, without what the services go on doing by themselves while the doors are tried.
    private func deeds(_ found: StaffDesk.Case, seenBy person: Person) async throws -> [String] {
        let unasked = [ClockStarted.type, ClockWarned.type, ClockPassed.type, NoticeDelivered.type, NoticeFailed.type]
        return try await desk.ledger(of: found, by: person).filter { !unasked.contains($0) }
    }

    /// The operations for staff that name one case or one unit.
    private func doors() async throws -> [Door] {
        var doors: [Door] = []
        for service in [StaffDesk.Service.intake, .routing, .deadline] {
            let document = try OpenAPIDocument(yaml: try await house.ask(.GET, "/openapi.yaml", service: service.rawValue).body)
            for operation in document.operations where !operation.ways.isEmpty {
                let isOfCase = operation.path.hasPrefix("/v1/cases/{id}")
                guard isOfCase || operation.path.contains("{unit}") || operation.path == "/v1/desk" else { continue }
                let schema = operation.content["requestBody"]?["content"]?["application/json"]?["schema"]
                doors.append(
                    Door(
                        service: service, method: HTTPMethod(rawValue: operation.method),
                        path: operation.path == "/v1/desk" ? "/v1/desk?unit={unit}" : operation.path,
                        body: schema.map { document.sample(of: $0).canonical }))
            }
        }
        return doors
    }

    private func register(
        _ members: [String: JSONValue], with unit: String, seenBy person: Person
    ) async throws -> StaffDesk.Case {
        let body: [String: JSONValue] = ["title": "敲门", "narrative": "敲门", "anonymous": true]
        let (status, found, _) = try await desk.register(.object(body.merging(members) { $1 }))
        #expect(status == 201)
        try await desk.until("assigned", unit, of: found, by: person)
        return found
    }

    private func knock(
        _ door: Door, about found: StaffDesk.Case, by person: Person, _ headers: [String: String] = [:]
    ) async throws -> RunningHouse.Reply {
        let own = [
            "Idempotency-Key": "doors", "Authorization": "Bearer \(try await desk.token(person))",
        ]
        return try await house.ask(
            door.method, door.path.replacing("{id}", with: found.id).replacing("{unit}", with: "education"), body: door.body,
            headers: own.merging(headers) { $1 }, service: door.service.rawValue)
    }

    private func isClosed(_ door: Door, about found: StaffDesk.Case, to person: Person) async throws {
        // A desk and a succession are no secret, only not theirs; that the subscriber's own unit has a desk opens it to no system.
        let expected: UInt = door.isOfCase ? 404 : 403

        let reply = try await knock(door, about: found, by: person)

        #expect(
            reply.status == expected && reply.type == "application/problem+json" && reply.json?["status"]?.number == Int(expected)
                && reply.json?["detail"]?.string?.isEmpty == false,
            "\(door.name) by \(person.role) of \(person.unit): \(reply.status) \(String(decoding: reply.body, as: UTF8.self))")
    }

    private func isOpen(_ door: Door, about found: StaffDesk.Case, to person: Person) async throws {
        let reply = try await knock(door, about: found, by: person, ["If-Match": "\"0.0\""])

        // Into which case another is merged is looked up before.
        let expected: [UInt] = door.method == .GET ? [200] : door.path.hasSuffix("/merge") ? [412, 422] : [412]
        #expect(
            expected.contains(reply.status),
            "\(door.name) by \(person.role) of \(person.unit): \(reply.status) \(String(decoding: reply.body, as: UTF8.self))")
    }
}
