import FoundationEssentials

/// Where a webhook goes, taken apart and checked as far as its text tells.
public struct WebhookTarget: Sendable, Hashable {
    public let url: String
    public let host: String
    public let port: Int
    public let isEncrypted: Bool

    /// Reads an address; throws a sentence for one that cannot be posted to.
    public init(_ text: String) throws(TargetRefusal) {
        func refusal(_ what: String) -> TargetRefusal {
            TargetRefusal("the address \(what); give one such as https://office.example.gov.cn/huiyin")
        }
        guard text.utf8.count <= 2000, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !#"\"<>^`{|}"#.utf8.contains($0) }) else {
            throw refusal("has characters that an address cannot have, or more than 2000")
        }
        let lower = text.lowercased()
        guard lower.hasPrefix("https://") || lower.hasPrefix("http://") else { throw refusal("does not begin with https:// or http://") }
        isEncrypted = lower.hasPrefix("https://")
        let rest = text.dropFirst(isEncrypted ? 8 : 7)
        let authority = rest.prefix { !"/?#".contains($0) }
        guard !rest.contains("#") else { throw refusal("has a fragment") }
        guard !authority.contains("@") else { throw refusal("has a user or a password, which would stand in lists and logs") }
        var (host, port) = (String(authority).lowercased(), isEncrypted ? 443 : 80)
        let end = authority.lastIndex(of: "]")
        if let colon = authority.lastIndex(of: ":"), end.map({ colon > $0 }) ?? true {
            guard let number = Int(authority[authority.index(after: colon)...]), (1...65_535).contains(number) else {
                throw refusal("has a port that is no number from 1 to 65535")
            }
            (host, port) = (String(authority[..<colon]).lowercased(), number)
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard NetworkAddress(host)?.bytes.count == 16 else { throw refusal("has brackets around what is no IPv6 address") }
        } else if NetworkAddress(host) == nil {
            let labels = host.split(separator: ".", omittingEmptySubsequences: false)
            let isName = labels.allSatisfy { label in
                (1...63).contains(label.utf8.count)
                    && label.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
            }
            // Numbers that some programs take for addresses in other spellings: 2130706433, 0x7f.1, 127.1.
            let isNumber = labels.last.map { $0.hasPrefix("0x") || $0.allSatisfy(\.isNumber) } ?? true
            guard isName, !isNumber, host.utf8.count <= 253 else { throw refusal("names a host that is neither a name nor an address") }
        }
        // Spelled as it was checked, so that nobody looks for another host.
        let name = host.contains(":") ? "[\(host)]" : host
        url = "\(isEncrypted ? "https" : "http")://\(name):\(port)\(rest.dropFirst(authority.count))"
        self.host = host
        self.port = port
    }
}

/// Why nothing is sent to an address: the rest of a sentence.
public struct TargetRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
