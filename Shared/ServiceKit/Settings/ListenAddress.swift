/// A host and a port to listen on, or the one that is listened on: `127.0.0.1:7101`, `[::1]:7101`, `localhost:0`.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// A name or a numeric address, without brackets.
    public let host: String
    /// 0 asks the system for a free port.
    public let port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`; an IPv6 address stands in brackets.
    ///
    /// Nil when the text is anything else.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let port = UInt16(digits) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }) else { return nil }
        self.init(host: String(host), port: Int(port))
    }

    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

extension Setting where Value == ListenAddress {
    /// A host and a port.
    public static func listenAddress(_ name: String, meaning: String, default defaultValue: ListenAddress) -> Self {
        Self(name, meaning: meaning, example: "127.0.0.1:\(defaultValue.port)", default: defaultValue) { text in
            ListenAddress(text).map { .value($0) } ?? .fault("must be a host and a port from 0 to 65535 with a colon between them")
        }
    }
}
