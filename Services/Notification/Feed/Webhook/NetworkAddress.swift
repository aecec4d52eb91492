import Glibc

/// An IPv4 or IPv6 address of a host.
public struct NetworkAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 bytes, the first the most significant.
    public let bytes: [UInt8]

    /// Nil unless there are 4 or 16 bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Reads `203.0.113.9` or `2001:db8::1`, strictly (`inet_pton(3)`): no other spelling of a number is an address.
    public init?(_ text: String) {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, text, &bytes) == 1 {
                self.bytes = bytes
                return
            }
        }
        return nil
    }

    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The IPv4 address that an IPv6 address leads to: mapped, translated (RFC 6052) or tunnelled (RFC 3056).
    var embedded: NetworkAddress? {
        guard bytes.count == 16 else { return nil }
        if bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xFF && bytes[11] == 0xFF || bytes[10] == 0 && bytes[11] == 0 {
            return NetworkAddress(Array(bytes[12...]))
        }
        if bytes.prefix(12) == [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0] { return NetworkAddress(Array(bytes[12...])) }
        if bytes.prefix(2) == [0x20, 0x02] { return NetworkAddress(Array(bytes[2..<6])) }
        return nil
    }
}

/// A range of addresses, such as `10.0.0.0/8`.
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    let address: NetworkAddress
    let length: Int

    /// Reads an address, with the length of its prefix after a slash or alone; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let address = NetworkAddress(String(parts[0])) else { return nil }
        let whole = address.bytes.count * 8
        guard let length = parts.count == 1 ? whole : Int(parts[1]), (0...whole).contains(length) else { return nil }
        self.address = address
        self.length = length
    }

    public func contains(_ other: NetworkAddress) -> Bool {
        guard other.bytes.count == address.bytes.count else { return false }
        let (full, rest) = (length / 8, length % 8)
        guard address.bytes.prefix(full) == other.bytes.prefix(full) else { return false }
        if rest == 0 { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF00 >> rest)
        return address.bytes[full] & mask == other.bytes[full] & mask
    }

    public var description: String { "\(address)/\(length)" }
}
