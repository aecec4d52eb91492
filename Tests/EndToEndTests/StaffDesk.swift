import Foundation
import Models
import NIOHTTP1
import TestSupport
import Testing

/// The staff of the sample county at work over HTTP, each with a token of their own.
actor StaffDesk {
    /// A case as its receipt names it.
    struct Case: Sendable {
        var id: String
        var number: String
        var code: String
    }

    enum Service: String { case intake, routing, deadline, notification }

    /// Somebody who acts: a role for a unit.
    struct Person: Hashable, Sendable {
        var role: String
        var unit: String
        var person: String

        static func officer(_ unit: String) -> Person { Person(role: "officer", unit: unit, person: "\(unit)-1") }
        static func head(_ unit: String) -> Person { Person(role: "unit-head", unit: unit, person: "\(unit)-0") }
        static let clerk = Person(role: "clerk", unit: "petitions", person: "clerk-1")
        static let dispatcher = Person(role: "dispatcher", unit: "dispatch-desk", person: "dispatcher-1")
        static let leader = Person(role: "leader", unit: "county", person: "leader-1")
        static let supervisor = Person(role: "supervisor", unit: "petitions", person: "supervisor-1")
    }

    let house: RunningHouse
    private var tokens: [Person: String] = [:]
    private var keys = 0
    private let prefix: String

    /// - Parameter keys: Begins its idempotency keys, so that two desks at one house share none.
    init(_ house: RunningHouse, keys prefix: String = "story") {
        self.house = house
        self.prefix = prefix
    }

    func token(_ person: Person) async throws -> String {
        if let token = tokens[person] { return token }
        let issued = try await house.run([
            "token", "issue", "--person", person.person, "--role", person.role, "--unit", person.unit, "--hours", "2",
        ])
        #expect(issued.code == 0, "\(issued.err)")
        let token = issued.out.trimmingCharacters(in: .whitespacesAndNewlines)
        tokens[person] = token
        return token
    }

    /// Registers a case, by a member of the staff if one is named.
    func register(_ body: JSONValue, by person: Person? = nil) async throws -> (status: UInt, receipt: Case, json: JSONValue?) {
        var headers = ["Idempotency-Key": key()]
        if let person { headers["Authorization"] = "Bearer \(try await token(person))" }
        let reply = try await house.ask(.POST, "/v1/cases", body: body.canonical, headers: headers)
        func text(_ name: String) -> String { reply.json?[name]?.string ?? "" }
        return (reply.status, Case(id: text("id"), number: text("number"), code: text("code")), reply.json)
    }

    /// A step of the staff; says the status.
    @discardableResult
    func take(
        _ step: String, of found: Case, at service: Service = .routing, by person: Person, _ body: JSONValue = .object([:]),
        expecting status: UInt? = 200, matching tag: String? = nil
    ) async throws -> RunningHouse.Reply {
        var headers = ["Idempotency-Key": key(), "Authorization": "Bearer \(try await token(person))"]
        if let tag { headers["If-Match"] = tag }
        let reply = try await house.ask(
            .POST, "/v1/cases/\(found.id)/\(step)", body: body.canonical, headers: headers, service: service.rawValue)
        #expect(
            status == nil || reply.status == status,
            "\(step) by \(person.role) of \(person.unit): \(String(decoding: reply.body, as: UTF8.self))")
        return reply
    }

    /// A step of the petitioner, who shows number and query code.
    @discardableResult
    func petition(
        _ step: String, of found: Case, _ body: JSONValue = .object([:]), expecting status: UInt = 200
    ) async throws -> RunningHouse.Reply {
        let reply = try await house.ask(
            .POST, "/v1/progress/\(found.number)/\(step)", body: body.canonical,
            headers: ["Idempotency-Key": key(), "Query-Code": found.code])
        #expect(reply.status == status, "\(step): \(String(decoding: reply.body, as: UTF8.self))")
        return reply
    }

    /// Waits until a service knows that the case stands at `stage` with `unit`, seen by `person`.
    func until(
        _ stage: String, _ unit: String? = nil, of found: Case, at services: [Service] = [.intake, .routing],
        by person: Person = .dispatcher
    ) async throws {
        let token = try await token(person)
        for service in services {
            try await eventually(
                within: .seconds(30), "\(service.rawValue) knows that \(found.number) is \(stage) with \(unit ?? "anybody")"
            ) {
                let reply = try await self.house.ask(
                    .GET, "/v1/cases/\(found.id)", headers: ["Authorization": "Bearer \(token)"], service: service.rawValue)
                return reply.json?["stage"]?.string == stage && (unit == nil || reply.json?["unit"]?.string == unit)
            }
        }
    }

    func get(_ path: String, at service: Service, by person: Person) async throws -> RunningHouse.Reply {
        try await house.ask(
            .GET, path, headers: ["Authorization": "Bearer \(try await token(person))"], service: service.rawValue)
    }

    /// The types of the events in the case's ledger, which must verify.
    func ledger(of found: Case, by person: Person = .dispatcher) async throws -> [String] {
        let reply = try await get("/v1/cases/\(found.id)/ledger", at: .intake, by: person)
        let file = try house.write("ledger-\(found.number)", reply.body)
        let verified = try await house.run(["ledger", "verify", file])
        #expect(verified.code == 0, "\(verified.err)")
        guard case .array(let lines)? = reply.json?["lines"] else { return [] }
        return lines.compactMap { $0["event"]?["type"]?.string }
    }

    private func key() -> String {
        keys += 1
        return "\(prefix)-\(keys)"
    }
}
