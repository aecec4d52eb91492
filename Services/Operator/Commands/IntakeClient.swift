import AsyncHTTPClient
import FoundationEssentials
import HTTPTypes
import Models
import NIOCore
import NIOHTTP1

/// Talks to intake over HTTP as the operator.
struct IntakeClient: Sendable {
    /// An answer with its status and its body.
    struct Reply: Sendable {
        var status: UInt
        var body: [UInt8]

        var json: JSONValue? { try? JSONValue(parsing: body) }

        /// The sentence of a problem document, or the status where there is none.
        var problem: String { json.flatMap { IntakeClient.sentence(of: $0) } ?? "intake answered \(status)" }
    }

    /// The sentence of a problem document; nil for anything else.
    static func sentence(of problem: JSONValue) -> String? {
        guard case .string(let detail)? = problem["detail"] else { return nil }
        let faults = (problem["errors"]?.elements ?? []).compactMap { fault -> String? in
            guard case .string(let pointer)? = fault["pointer"], case .string(let what)? = fault["detail"] else { return nil }
            return "\(pointer): \(what)"
        }
        return (faults.isEmpty ? detail : faults.joined(separator: "; ")).shown
    }

    let address: String
    let token: String
    let client: HTTPClient

    /// Finds intake by the environment, else by what `up` wrote.
    static func with<R>(_ body: (IntakeClient) async throws -> R) async throws -> R {
        let (address, token) = try Environment.intake()
        return try await with(address: address, token: token, body)
    }

    static func with<R>(address: String, token: String, _ body: (IntakeClient) async throws -> R) async throws -> R {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        configuration.timeout = .init(connect: .seconds(3), read: .seconds(60))
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let intake = IntakeClient(address: address, token: token, client: client)
        do {
            let result = try await body(intake)
            try await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    func ask(
        _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, key: String? = nil, version: String? = nil,
        limit: Duration = .seconds(30)
    )
        async throws -> Reply
    {
        var request = HTTPClientRequest(url: address + path)
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        if let version { request.headers.add(name: "If-Match", value: "\"\(version)\"") }
        if let key { request.headers.add(name: "Idempotency-Key", value: key) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let response = try await client.execute(request, timeout: .nanoseconds(limit.wholeMicroseconds * 1000))
        return Reply(status: response.status.code, body: Array(buffer: try await response.body.collect(upTo: 256 << 20)))
    }

    var silence: CommandFailure { CommandFailure("Intake at \(address) gave no answer: look at `./huiyin status`.") }

    /// Asks and expects 200; throws the sentence of the problem otherwise.
    ///
    /// - Parameter version: The county version that must still be in force.
    func need(_ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, version: String? = nil) async throws -> JSONValue {
        let reply: Reply
        do { reply = try await ask(method, path, body: body, version: version) } catch { throw silence }
        guard reply.status == 200, let json = reply.json else { throw CommandFailure(reply.problem) }
        return json
    }
}

extension JSONValue {
    /// A member of an object.
    subscript(_ name: String) -> JSONValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    /// The elements of an array; none for anything else.
    var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }

    /// A member of an object as it may stand on a terminal; empty when there is none.
    func shown(_ name: String) -> String { self[name]?.plain.shown ?? "" }

    /// The text of a string, or any other value as JSON.
    var plain: String {
        switch self {
        case .string(let text): text
        case .null: "-"
        default: text
        }
    }
}
