import FoundationEssentials
import HTTPTypes
public import Hummingbird
public import Models

/// Lets only requests of staff through to the routes behind it: those with the operator's token or a valid staff token.
///
/// Without a configured token and without staff keys it lets nobody through: a forgotten setting closes a door, it never opens
/// one. Whoever has the operator's token acts as administrator.
public struct StaffGate: RouterMiddleware {
    public typealias Context = ServiceRequestContext

    private let token: OperatorToken?
    private let keys: StaffKeys?
    private let roles: Set<Role>?
    private let isOptional: Bool
    private let takesPasswords: Bool

    /// Prepares the gate.
    ///
    /// - Parameters:
    ///   - roles: who may pass; nil for every role.
    ///   - isOptional: a request without the header passes as nobody's; one that has it must have a valid token.
    ///   - takesPasswords: the token may be the password of HTTP's Basic scheme (RFC 7617) as well, under any name.
    public init(
        token: OperatorToken?, keys: StaffKeys? = nil, roles: Set<Role>? = nil, isOptional: Bool = false, takesPasswords: Bool = false
    ) {
        self.token = token
        self.keys = keys
        self.roles = roles
        self.isOptional = isOptional
        self.takesPasswords = takesPasswords
    }

    public func handle(
        _ request: Request, context: ServiceRequestContext, next: @concurrent (Request, ServiceRequestContext) async throws -> Response
    ) async throws -> Response {
        let values = request.headers[values: .authorization]
        if isOptional, values.isEmpty { return try await next(request, context) }
        guard isOptional || token != nil || keys != nil else { throw Problem(.staffRoutesClosed, detail: Self.closed) }
        guard let credentials = values.first, values.count == 1 else {
            throw refusal("Send one header Authorization: Bearer with \(accepted).", isInvalid: false)
        }
        guard let presented = presented(in: credentials) else {
            throw refusal("The header Authorization must be Bearer and \(accepted).")
        }
        let person = try await person(presenting: presented, context)
        if let roles, !roles.contains(person.role) { throw Self.refusal(of: person.role, since: roles) }
        var context = context
        context.staff = person
        return try await next(request, context)
    }

    /// The token in the header's value; nil for a scheme that is not taken here.
    private func presented(in credentials: String) -> Substring? {
        let parts = credentials.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        switch parts[0].lowercased() {
        case "bearer": return parts[1]
        case "basic" where takesPasswords:
            guard let pair = Data(base64Encoded: String(parts[1])) else { return nil }
            let text = String(decoding: pair, as: UTF8.self)
            return text.firstIndex(of: ":").map { text[text.index(after: $0)...] }
        default: return nil
        }
    }

    private func person(presenting credentials: Substring, _ context: ServiceRequestContext) async throws(Problem) -> ActingPerson {
        if let token, token.matches(credentials) { return ActingPerson(role: .administrator) }
        guard let keys else {
            throw refusal(
                token == nil ? Self.closed : "The token in the header Authorization is not the operator's token.")
        }
        do {
            return try await keys.verify(String(credentials), logger: context.logger).acting
        } catch {
            throw refusal("\(error)")
        }
    }

    private var accepted: String {
        switch (token, keys) {
        case (_, nil): "the operator's token"
        case (nil, _): "a staff token"
        default: "a staff token or the operator's token"
        }
    }

    private static let closed =
        "Staff routes are closed because neither a token nor keys are configured: set HUIYIN_OPERATOR_TOKEN or HUIYIN_STAFF_KEYS and restart the service."

    private func refusal(_ detail: String, isInvalid: Bool = true) -> Problem {
        if takesPasswords {
            // Programs that know no other scheme ask their user for the password.
            return Problem(.unauthenticated, detail: detail, headers: [.wwwAuthenticate: #"Basic realm="huiyin", charset="UTF-8""#])
        }
        let challenge = isInvalid ? #"Bearer realm="huiyin", error="invalid_token""# : #"Bearer realm="huiyin""#
        return Problem(.unauthenticated, detail: detail, headers: [.wwwAuthenticate: challenge])
    }

    private static func refusal(of role: Role, since roles: Set<Role>) -> Problem {
        let may = Role.allCases.filter(roles.contains).map(\.rawValue).joined(separator: ", ")
        return Problem(
            .forbidden, detail: "Only these roles may do this: \(may). The token's role is \(role.rawValue).",
            headers: [.wwwAuthenticate: #"Bearer realm="huiyin", error="insufficient_scope""#])
    }
}
