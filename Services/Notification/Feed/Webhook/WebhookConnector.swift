import AsyncHTTPClient
import Models
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// A request of a webhook.
public struct WebhookRequest: Sendable, Hashable {
    public enum Method: String, Sendable { case post = "POST", options = "OPTIONS" }

    public struct Header: Sendable, Hashable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public var method: Method
    public var target: WebhookTarget
    public var headers: [Header]
    public var body: [UInt8]
}

/// What a webhook's end answered.
public struct WebhookReply: Sendable, Hashable {
    public var status: Int
    /// By names in lower case.
    public var headers: [String: String]

    public init(status: Int, headers: [String: String] = [:]) {
        self.status = status
        self.headers = headers
    }
}

/// Makes connections for webhooks.
public protocol WebhookConnector: Sendable {
    /// Sends a request over a connection to `address` and nowhere else; throws when there is no answer.
    func send(_ request: WebhookRequest, to address: NetworkAddress, within limit: Duration) async throws -> WebhookReply
    /// Closes what is open.
    func close() async
}

/// Real connections: TLS is verified by the host's name, redirects are not followed, a proxy is not used.
public final class HTTPConnector: WebhookConnector {
    private struct Key: Hashable {
        var host: String
        var address: NetworkAddress
    }

    private let clients = Mutex<[Key: HTTPClient]>([:])
    private let authorities: String?

    /// - Parameter authorities: A PEM file with further certificates that may sign those of webhooks' hosts; nil for none.
    public init(authorities: String? = nil) { self.authorities = authorities }

    public func send(_ request: WebhookRequest, to address: NetworkAddress, within limit: Duration) async throws -> WebhookReply {
        let (client, former) = client(host: request.target.host, address)
        for old in former { Task { try? await old.shutdown() } }
        var http = HTTPClientRequest(url: request.target.url)
        http.method = .RAW(value: request.method.rawValue)
        for header in request.headers { http.headers.add(name: header.name, value: header.value) }
        if request.method == .post { http.body = .bytes(ByteBuffer(bytes: request.body)) }
        let response = try await client.execute(http, timeout: .nanoseconds(limit.wholeMicroseconds * 1000))
        // A little of the body, which says nothing that counts, so that the connection can be used again.
        if response.headers.first(name: "content-length") != "0", response.status != .noContent {
            await withTaskGroup { group in
                group.addTask { _ = try? await response.body.collect(upTo: 65_536) }
                // The limit of the request ended with the head.
                group.addTask { try? await Task.sleep(for: .seconds(2)) }
                await group.next()
                group.cancelAll()
            }
        }
        let headers = Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
        return WebhookReply(status: Int(response.status.code), headers: headers)
    }

    /// A client whose connections for the host go to the address, and those of the host's former addresses.
    private func client(host: String, _ address: NetworkAddress) -> (HTTPClient, former: [HTTPClient]) {
        clients.withLock { clients in
            let key = Key(host: host, address: address)
            if let client = clients[key] { return (client, []) }
            var configuration = HTTPClient.Configuration()
            configuration.redirectConfiguration = .disallow
            configuration.timeout = .init(connect: .seconds(5), read: .seconds(30))
            // Each delivery has its own limit. Departments behind one host share these connections, so none that hangs may use them up.
            configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 8192
            configuration.connectionPool.idleTimeout = .seconds(30)
            configuration.connectionPool.retryConnectionEstablishment = false
            configuration.httpVersion = .http1Only
            if NetworkAddress(host) == nil { configuration.dnsOverride = [host: address.description] }
            if let authorities {
                var tls = TLSConfiguration.makeClientConfiguration()
                tls.additionalTrustRoots = [.file(authorities)]
                configuration.tlsConfiguration = tls
            }
            let former = clients.filter { $0.key.host == host }
            for key in former.keys { clients[key] = nil }
            let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
            clients[key] = client
            return (client, Array(former.values))
        }
    }

    public func close() async {
        let open = clients.withLock { clients in
            defer { clients = [:] }
            return Array(clients.values)
        }
        for client in open { try? await client.shutdown() }
    }
}
