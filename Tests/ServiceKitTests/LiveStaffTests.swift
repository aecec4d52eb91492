import FoundationEssentials
import Hummingbird
import Models
import NIOConcurrencyHelpers
import Testing

@testable import ServiceKit

@Suite("Routes of staff") struct LiveStaffTests {
    private static func routes(_ router: ServiceRouter) {
        @Sendable func name(_ context: ServiceRequestContext) -> String {
            guard let staff = context.staff else { return "nobody" }
            return [staff.role.rawValue, staff.unit?.text, staff.person?.text].compactMap(\.self).joined(separator: " ")
        }
        router.staffGroup("v1/staff").get("who") { _, context in name(context) }
        router.staffGroup("v1/desk", roles: [.dispatcher, .supervisor]).get("who") { _, context in name(context) }
        router.optionalStaffGroup("v1/open").get("who") { _, context in name(context) }
    }

    private func withServer(
        token: String? = LiveServer.token, hasKeys: Bool = true, _ body: (LiveServer, StaffDesk) async throws -> Void
    ) async throws {
        try await StaffDesk.with { desk in
            // The server goes by the clock of the machine.
            desk.clock.withLockedValue { $0 = SystemTime.now }
            try await LiveServer.with(token: token, staffKeys: hasKeys ? desk.path : nil, routes: Self.routes) { server in
                try await body(server, desk)
            }
        }
    }

    private func get(_ server: LiveServer, _ path: String, _ tokens: String...) async throws -> RawAnswer {
        try await server.request("GET", path, headers: tokens.map { "Authorization: Bearer \($0)" })
    }

    @Test("a staff token opens them and says who asks; the operator's token is an administrator's")
    func opens() async throws {
        try await withServer { server, desk in
            let token = try desk.token(desk.claims())

            #expect(try await get(server, "/v1/staff/who", token).body == "officer water-bureau p-0017")
            #expect(try await get(server, "/v1/staff/who", LiveServer.token).body == "administrator")
            #expect(!server.log.lines.joined().contains(token))
        }
    }

    @Test("staff keys alone are enough")
    func withoutOperatorToken() async throws {
        try await withServer(token: nil) { server, desk in
            #expect(try await get(server, "/v1/staff/who", desk.token(desk.claims())).status == 200)
            let answer = try await get(server, "/v1/staff/who", LiveServer.token)
            #expect(try !problem(answer, 401, "unauthenticated").detail.contains("operator"))
        }
    }

    @Test("no token, two, another scheme or a bad one are 401 with a challenge and never repeat the token")
    func refuses() async throws {
        try await withServer { server, desk in
            let expired = try desk.token(desk.claims(["exp": "1700000000"]))
            let right = try desk.token(desk.claims())

            let none = try await get(server, "/v1/staff/who")
            let late = try await get(server, "/v1/staff/who", expired)
            let twice = try await get(server, "/v1/staff/who", right, right)
            let basic = try await server.request("GET", "/v1/staff/who", headers: ["Authorization: Basic \(right)"])

            _ = try problem(none, 401, "unauthenticated")
            #expect(none.headers["www-authenticate"] == #"Bearer realm="huiyin""#)
            #expect(try problem(late, 401, "unauthenticated").detail == StaffTokenFault.expired.description)
            #expect(late.headers["www-authenticate"] == #"Bearer realm="huiyin", error="invalid_token""#)
            #expect(!late.body.contains(expired))
            _ = try problem(twice, 401, "unauthenticated")
            _ = try problem(basic, 401, "unauthenticated")
        }
    }

    @Test("routes of some roles are 403 to others, with the roles that may")
    func roles() async throws {
        try await withServer { server, desk in
            let supervisor = try desk.token(desk.claims(["role": #""supervisor""#]))

            #expect(try await get(server, "/v1/desk/who", supervisor).body == "supervisor water-bureau p-0017")
            let officer = try await get(server, "/v1/desk/who", desk.token(desk.claims()))
            let operatorAnswer = try await get(server, "/v1/desk/who", LiveServer.token)

            let detail = try problem(officer, 403, "forbidden").detail
            #expect(detail == "Only these roles may do this: dispatcher, supervisor. The token's role is officer.")
            #expect(officer.headers["www-authenticate"]?.contains("insufficient_scope") == true)
            _ = try problem(operatorAnswer, 403, "forbidden")
            _ = try problem(try await get(server, "/v1/desk/who"), 401, "unauthenticated")
        }
    }

    @Test("an open route knows staff by a token, takes none, and refuses a bad one", arguments: [true, false])
    func optional(hasKeys: Bool) async throws {
        try await withServer(token: hasKeys ? LiveServer.token : nil, hasKeys: hasKeys) { server, desk in
            let token = try desk.token(desk.claims())

            #expect(try await get(server, "/v1/open/who").body == "nobody")
            if hasKeys { #expect(try await get(server, "/v1/open/who", token).body == "officer water-bureau p-0017") }
            for bad in [["Authorization: Bearer x"], ["Authorization: "], ["Authorization: Bearer \(token)x"]] {
                _ = try problem(try await server.request("GET", "/v1/open/who", headers: bad), 401, "unauthenticated")
            }
            _ = try problem(try await get(server, "/v1/open/who", token, token), 401, "unauthenticated")
        }
    }
}
