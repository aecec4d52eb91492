/// Decides to which addresses webhooks may go: to the public Internet, and to what an operator has allowed by name.
///
/// Whoever may name an address to post to could else have this service reach what only this machine or this network can: other services
/// on loopback, a cloud's metadata, a router's door.
public struct AddressGuard: Sendable {
    /// The operator's own.
    public let allowed: [AddressRange]

    public init(allowed: [AddressRange] = []) { self.allowed = allowed }

    /// Why nothing may be sent to the address, as the end of a sentence; nil when it may.
    func objection(to address: NetworkAddress) -> String? {
        if isAllowed(address) { return nil }
        if let embedded = address.embedded, let objection = objection(to: embedded) { return objection }
        return Self.special.first { $0.ranges.contains { $0.contains(address) } }?.name
    }

    /// Whether the operator has allowed the address, also for what is not encrypted.
    func isAllowed(_ address: NetworkAddress) -> Bool { allowed.contains { $0.contains(address) } }

    /// What is not the public Internet (IANA's registries of special-purpose addresses, RFC 6890).
    private static let special: [(name: String, ranges: [AddressRange])] = [
        ("is on this machine", ["127.0.0.0/8", "0.0.0.0/8", "::1/128", "::/128"]),
        ("is link-local", ["169.254.0.0/16", "fe80::/10"]),
        ("is in a private network", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fec0::/10"]),
        (
            "is set aside and belongs to no host of the Internet",
            [
                "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
                "240.0.0.0/4", "100::/64", "2001::/23", "2001:db8::/32", "64:ff9b:1::/48", "ff00::/8", "3fff::/20", "5f00::/16",
            ]
        ),
    ].map { ($0, $1.compactMap { AddressRange($0) }) }
}
