import HTTPTypes
public import Hummingbird
import Models

/// Lets only the staff through to the routes behind it, and tells these who asks.
///
/// The operator's token makes an administrator, a signed staff token whom it names. Without a configured token and without staff keys it
/// lets nobody through: a forgotten setting closes a door, it never opens one.
public struct StaffGate: RouterMiddleware {
    public typealias Context = ServiceRequestContext

    private let token: OperatorToken?
    private let keys: StaffKeys?
    private var roles: Set<Role>?
    private var isOptional = false

    public init(token: OperatorToken?, keys: StaffKeys? = nil) {
        self.token = token
        self.keys = keys
    }

    /// The same gate for these roles alone.
    func only(_ roles: Set<Role>?) -> StaffGate {
        var gate = self
        gate.roles = roles
        return gate
    }

    /// The same gate, which lets requests without a token through as nobody's.
    var optional: StaffGate {
        var gate = self
        gate.isOptional = true
        return gate
    }

    public func handle(
        _ request: Request, context: ServiceRequestContext, next: @concurrent (Request, ServiceRequestContext) async throws -> Response
    ) async throws -> Response {
        let values = request.headers[values: .authorization]
        if values.isEmpty, isOptional { return try await next(request, context) }
        if token == nil, keys == nil {
            throw Problem(
                .staffRoutesClosed,
                detail:
                    "Staff routes are closed because neither a token nor keys are configured: set HUIYIN_OPERATOR_TOKEN or HUIYIN_STAFF_KEYS and restart the service."
            )
        }
        guard let credentials = values.first, values.count == 1 else {
            throw Self.refusal("Send the header Authorization: Bearer with a staff token, once.", challenge: #"Bearer realm="huiyin""#)
        }
        let parts = credentials.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw Self.refusal("The header Authorization must be: Bearer and a staff token.", challenge: Self.invalid)
        }
        let person = try await person(by: parts[1])
        if let roles, !roles.contains(person.role) {
            let names = Role.allCases.filter(roles.contains).map(\.rawValue).joined(separator: ", ")
            throw Problem(.forbidden, detail: "This is for these roles: \(names). Your token names another one.")
        }
        var context = context
        context.staff = person
        return try await next(request, context)
    }

    private func person(by text: Substring) async throws(Problem) -> ActingPerson {
        if let token, token.matches(text) { return ActingPerson(role: .administrator) }
        guard let keys else {
            throw Self.refusal("The token in the header Authorization is not the operator's token.", challenge: Self.invalid)
        }
        do throws(StaffTokenFault) { return try await keys.verify(text) } catch {
            throw Self.refusal(error.description, challenge: Self.invalid)
        }
    }

    private static let invalid = #"Bearer realm="huiyin", error="invalid_token""#

    private static func refusal(_ detail: String, challenge: String) -> Problem {
        Problem(.unauthenticated, detail: detail, headers: [.wwwAuthenticate: challenge])
    }
}
