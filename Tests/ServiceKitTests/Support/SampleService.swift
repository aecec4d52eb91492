import FoundationEssentials
import HTTPTypes
import Hummingbird

@testable import ServiceKit

/// A service with one route for each thing that a handler may do.
enum SampleService {
    struct Greeting: Codable, ResponseEncodable {
        let name: String
        let when: Date?
    }

    /// An error of a module that knows nothing of HTTP.
    struct StoreGone: Error {}

    static func routes(_ router: ServiceRouter) {
        router.get("v1/greetings/:name") { _, context in
            Greeting(name: try context.parameters.require("name"), when: Date(timeIntervalSince1970: 0))
        }
        router.post("v1/greetings") { request, context in
            try await request.decode(as: Greeting.self, context: context)
        }
        router.post("v1/length") { request, _ in
            var count = 0
            for try await chunk in request.body { count += chunk.readableBytes }
            return "\(count)"
        }
        router.get("v1/busy") { _, _ -> Response in throw Problem.unavailable("The store is away.", retryAfter: .seconds(3)) }
        router.get("v1/broken") { _, _ -> Response in throw TestFailure("row (phone)=(13800000000) exists") }
        router.get("v1/gone") { _, _ -> Response in throw StoreGone() }
        router.staffGroup("v1/staff").get("desk") { _, _ in "desk" }
    }

    static func withServer<Result>(
        token: String? = LiveServer.token, options: HTTPOptions = HTTPOptions(), _ body: (LiveServer) async throws -> Result
    ) async throws -> Result {
        try await LiveServer.with(
            token: token, options: options, translate: { $0 is StoreGone ? Problem.unavailable("Away.", retryAfter: .seconds(1)) : nil },
            routes: routes, body)
    }
}
