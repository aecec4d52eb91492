import AsyncHTTPClient
import FoundationEssentials
import HTTPTypes
import Models
import NIOCore
import NIOHTTP1

/// Makes a subscription's queue in RabbitMQ, with a user who may read that queue and do nothing else (HTTP API of the management plugin).
struct QueueProvision: Sendable {
    /// Whether the broker did what it was asked, and why not.
    struct Failure: Error, Sendable, CustomStringConvertible {
        let description: String
    }

    private let base: String
    private let authorization: String
    private let host: String
    private let client: HTTPClient

    /// Reads `http://user:password@127.0.0.1:15672/vhost`; the virtual host is `/` when none is named.
    init?(url: String, client: HTTPClient) {
        guard let components = URLComponents(string: url), let scheme = components.scheme, ["http", "https"].contains(scheme),
            let name = components.host, let user = components.user, let password = components.password
        else { return nil }
        let path = components.percentEncodedPath.drop { $0 == "/" }
        let port = components.port.map { ":\($0)" } ?? ""
        base = "\(scheme)://\(name.contains(":") && !name.hasPrefix("[") ? "[\(name)]" : name)\(port)/api"
        host = path.isEmpty ? "%2F" : String(path)
        authorization = "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
        self.client = client
    }

    static func queue(_ code: SubscriptionCode) -> String { "huiyin.feed.\(code)" }

    /// Whether there is such a queue.
    func isThere(_ code: SubscriptionCode) async throws -> Bool {
        try await ask(.GET, "queues/\(host)/\(Self.queue(code))", nil) != nil
    }

    /// Brings queue, binding and user about; doing it again changes nothing.
    ///
    /// Whoever makes a queue that was lost puts down first that what it held is sent again.
    func make(_ code: SubscriptionCode, room: Int, password: String) async throws {
        let queue = Self.queue(code)
        // Full before the broker says so: the limit only holds what could go wrong in between.
        let arguments: JSONValue = .object([
            "x-queue-type": "quorum", "x-max-length": .integer(Int64(room) * 2), "x-overflow": "reject-publish",
        ])
        _ = try await ask(.PUT, "queues/\(host)/\(queue)", .object(["durable": true, "arguments": arguments]))
        _ = try await ask(
            .POST, "bindings/\(host)/e/huiyin.feed/q/\(queue)", .object(["routing_key": .string("\(code).#"), "arguments": .object([:])]))
        _ = try await ask(.PUT, "users/\(queue)", .object(["password": .string(password), "tags": ""]))
        let name = queue.replacing(".", with: "\\.")
        _ = try await ask(
            .PUT, "permissions/\(host)/\(queue)", .object(["configure": "^$", "write": "^$", "read": .string("^\(name)$")]))
    }

    /// How many messages the queue holds, those that a consumer has in hand among them; nil when there is no such queue.
    ///
    /// Throws while the broker cannot tell; it counts every five seconds.
    func depth(of code: SubscriptionCode) async throws -> Int? {
        guard let answer = try await ask(.GET, "queues/\(host)/\(Self.queue(code))", nil) else { return nil }
        guard case .object(let members) = answer, case .integer(let count)? = members["messages"] else {
            throw Failure(description: "RabbitMQ does not say yet how many messages a queue holds")
        }
        return Int(count)
    }

    func remove(_ code: SubscriptionCode) async throws {
        _ = try await ask(.DELETE, "queues/\(host)/\(Self.queue(code))", nil)
        _ = try await ask(.DELETE, "users/\(Self.queue(code))", nil)
    }

    /// The answer's document, null when it has none; nil for 404.
    private func ask(_ method: HTTPMethod, _ path: String, _ body: JSONValue?) async throws -> JSONValue? {
        var request = HTTPClientRequest(url: "\(base)/\(path)")
        request.method = method
        request.headers.add(name: "Authorization", value: authorization)
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body.canonical))
        }
        let (status, bytes): (UInt, [UInt8])
        do {
            let response = try await client.execute(request, timeout: .seconds(10))
            (status, bytes) = (response.status.code, Array(buffer: try await response.body.collect(upTo: 1 << 20)))
        } catch { throw Failure(description: "RabbitMQ's management API gives no answer: see HUIYIN_BROKER_MANAGEMENT_URL") }
        if status == 404, method == .GET || method == .DELETE { return nil }
        guard (200..<300).contains(status) else {
            throw Failure(description: "RabbitMQ's management API answered \(status) to \(method.rawValue) \(path)")
        }
        return (try? JSONValue(parsing: bytes)) ?? .null
    }
}
