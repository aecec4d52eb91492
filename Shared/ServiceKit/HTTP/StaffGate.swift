import HTTPTypes
public import Hummingbird
import Models

/// Lets only requests with the operator's token through to the routes behind it.
///
/// Without a configured token it lets nobody through: a forgotten setting closes a door, it never opens one.
public struct StaffGate: RouterMiddleware {
    public typealias Context = ServiceRequestContext

    private let token: OperatorToken?

    public init(token: OperatorToken?) {
        self.token = token
    }

    public func handle(
        _ request: Request, context: ServiceRequestContext, next: @concurrent (Request, ServiceRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let token else {
            throw Problem(
                .staffRoutesClosed,
                detail: "Staff routes are closed because no token is configured: set HUIYIN_OPERATOR_TOKEN and restart the service.")
        }
        let values = request.headers[values: .authorization]
        guard let credentials = values.first, values.count == 1 else {
            throw Self.refusal("Send the header Authorization: Bearer with the operator's token.", challenge: #"Bearer realm="huiyin""#)
        }
        let parts = credentials.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer", token.matches(parts[1]) else {
            throw Self.refusal(
                "The token in the header Authorization is not the operator's token.",
                challenge: #"Bearer realm="huiyin", error="invalid_token""#)
        }
        var context = context
        context.staff = ActingPerson(role: .administrator)
        return try await next(request, context)
    }

    private static func refusal(_ detail: String, challenge: String) -> Problem {
        Problem(.unauthenticated, detail: detail, headers: [.wwwAuthenticate: challenge])
    }
}
