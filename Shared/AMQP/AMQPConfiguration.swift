/// How to reach a broker: one virtual host on one of several nodes.
public struct AMQPConfiguration: Sendable {
    public struct Node: Sendable, Hashable, CustomStringConvertible {
        public var host: String
        public var port: Int

        public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    /// Tried in turn; never empty.
    public var nodes: [Node]
    public var user: String
    public var password: String
    public var virtualHost: String
    public var usesTLS: Bool
    /// A file with the certificates that may sign the broker's; nil takes the system's.
    public var authorities: String?
    /// Shown in the broker's list of connections.
    public var connectionName: String
    /// In whole seconds; a peer that is silent for twice this long is given up.
    public var heartbeat: Duration = .seconds(12)
    /// The time for reaching one node and logging in, and for the answer to one request.
    public var connectTimeout: Duration = .seconds(5)
    /// How long the broker may confirm nothing of what is unconfirmed before the connection is given up.
    public var confirmTimeout: Duration = .seconds(30)
    /// How long `close()` waits for confirms that are due.
    public var closeTimeout: Duration = .seconds(5)
    /// How many messages may be unconfirmed at the same time.
    public var publishWindow = 1024
    /// How many bytes of bodies may be unconfirmed at the same time; a larger body goes alone.
    public var publishWindowBytes = 8 << 20

    /// Reads `amqp://user:password@host:port,host2:port2/vhost`, or `amqps://` for TLS, optionally with `?cacertfile=PATH`.
    public init(url: String, connectionName: String) throws(AMQPError) {
        func wrong(_ what: String) -> AMQPError {
            AMQPError(.address, "the broker's address \(what); it is like amqp://user:password@host:5672/vhost")
        }
        let secure = url.hasPrefix("amqps://")
        guard secure || url.hasPrefix("amqp://") else { throw wrong("does not begin with amqp:// or amqps://") }
        var rest = url.dropFirst(secure ? 8 : 7)
        if let query = rest.firstIndex(of: "?") {
            for pair in rest[rest.index(after: query)...].split(separator: "&") where pair.hasPrefix("cacertfile=") {
                authorities = Self.decode(pair.dropFirst(11))
            }
            rest = rest[..<query]
        }
        (user, password) = ("guest", "guest")
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = Self.decode(parts[0]), let secret = Self.decode(parts[1]) else {
                throw wrong("has no user:password before the @")
            }
            (user, password) = (name, secret)
            rest = rest[rest.index(after: at)...]
        }
        let slash = rest.firstIndex(of: "/")
        guard let host = Self.decode(slash.map { rest[rest.index(after: $0)...] } ?? "") else { throw wrong("has a broken percent sign") }
        virtualHost = host.isEmpty ? "/" : host
        nodes = []
        for part in rest[..<(slash ?? rest.endIndex)].split(separator: ",") {
            let colon = part.lastIndex(of: ":").flatMap { part.last == "]" ? nil : $0 }
            let name = part[..<(colon ?? part.endIndex)].filter { $0 != "[" && $0 != "]" }
            guard let port = colon.map({ Int(part[part.index(after: $0)...]) }) ?? (secure ? 5671 : 5672), (1...65_535).contains(port),
                !name.isEmpty
            else { throw wrong("has a port that is none") }
            nodes.append(Node(host: name, port: port))
        }
        if nodes.isEmpty { throw wrong("names no host") }
        usesTLS = secure
        self.connectionName = connectionName
    }

    private static func decode(_ text: some StringProtocol) -> String? {
        var (bytes, rest) = ([UInt8](), Array(text.utf8)[...])
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension AMQPConfiguration: CustomStringConvertible, CustomReflectable {
    /// Without the password, so that no log ever shows it.
    public var description: String {
        "\(usesTLS ? "amqps" : "amqp")://\(user)@\(nodes.map(\.description).joined(separator: ","))/\(virtualHost)"
    }

    public var customMirror: Mirror { Mirror(self, children: [("address", description)]) }
}
