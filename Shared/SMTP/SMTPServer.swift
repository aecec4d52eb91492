/// A mail server to hand mails to, and how far it is trusted.
public struct SMTPServer: Sendable, Hashable {
    /// How the conversation is kept from others.
    public enum Security: Sendable, Hashable {
        /// TLS from the first byte (`smtps://`, port 465).
        case tls
        /// TLS after `STARTTLS`; a server that does not offer it gets nothing (`smtp://`, port 587).
        case startTLS
        /// No encryption at all: for a relay on the same machine.
        case none
    }

    public var host: String
    public var port: Int
    public var security: Security
    /// Who logs in; nil for nobody.
    public var user: String?
    public var password: String?
    /// A file of certificates in PEM that the server's must go back to; nil for those that the system trusts.
    public var certificates: String?
    /// How long making the connection may take.
    public var connectLimit: Duration
    /// How long the whole of one mail may take, the connection included.
    public var limit: Duration

    /// Reads `smtps://host`, `smtps://host:port`, `smtp://host` or `smtp://host:port`; an IPv6 address stands in brackets.
    ///
    /// Throws `SMTPError` of code `address`, which does not repeat what was given, since that may hold a password.
    public init(
        url: String, isPlain: Bool = false, user: String? = nil, password: String? = nil, certificates: String? = nil,
        connectLimit: Duration = .seconds(10), limit: Duration = .seconds(20)
    ) throws(SMTPError) {
        let isTLS = url.hasPrefix("smtps://")
        guard isTLS || url.hasPrefix("smtp://") else { throw Self.wrongAddress }
        let authority = url.dropFirst(isTLS ? 8 : 7)
        var (host, port) = (authority, isTLS ? 465 : 587)
        if let colon = authority.lastIndex(of: ":"), authority[colon...].firstIndex(of: "]") == nil {
            guard let number = UInt16(authority[authority.index(after: colon)...]), number > 0 else { throw Self.wrongAddress }
            (host, port) = (authority[..<colon], Int(number))
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"/@?#[]".utf8.contains($0) }) else {
            throw Self.wrongAddress
        }
        if isTLS, isPlain {
            throw SMTPError(.address, "the address of the mail server says smtps and no encryption at once: choose one")
        }
        self.host = String(host)
        self.port = port
        security = isTLS ? .tls : isPlain ? .none : .startTLS
        self.user = user
        self.password = password
        self.certificates = certificates
        self.connectLimit = connectLimit
        self.limit = limit
    }

    private static var wrongAddress: SMTPError {
        SMTPError(.address, "the address of the mail server is not like smtps://mail.example.org:465 or smtp://mail.example.org:587")
    }

    /// Whether the server is this machine itself, by a name or an address that says so.
    public var isOnThisMachine: Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." }
    }

    /// The address as libcurl takes it.
    var url: String { "\(security == .tls ? "smtps" : "smtp")://\(host.contains(":") ? "[\(host)]" : host):\(port)/" }
}
