import Glibc
public import NIOCore

/// The other end of a request's connection: whoever asks, or a proxy through which many ask.
///
/// Headers that anybody can write, such as X-Forwarded-For, are not looked at. An IPv6 client has all addresses of its network, so of
/// these the first 64 bits count.
public struct ClientAddress: Hashable, Sendable {
    private let network: UInt64
    private let isIPv4: Bool
    /// Whether many may come from it: the machine itself, where a proxy runs, and the networks that lie behind one or behind a translator.
    public let isShared: Bool

    /// Nil for what has no address of the Internet's.
    public init?(_ address: SocketAddress) {
        guard let text = address.ipAddress else { return nil }
        func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            self.init(ipv4: UInt32(number(bytes[..<4])))
        } else if inet_pton(AF_INET6, text, &bytes) == 1 {
            let (high, low) = (number(bytes[..<8]), number(bytes[8...]))
            // An IPv4 address as a socket for both kinds shows it.
            if high == 0, low >> 32 == 0xFFFF { self.init(ipv4: UInt32(truncatingIfNeeded: low)) } else { self.init(high, low) }
        } else {
            return nil
        }
    }

    private init(ipv4 address: UInt32) {
        (network, isIPv4) = (UInt64(address), true)
        let shared: [(prefix: UInt32, length: Int)] = [
            (0x7F00_0000, 8), (0x0A00_0000, 8), (0xAC10_0000, 12), (0xC0A8_0000, 16), (0xA9FE_0000, 16), (0x6440_0000, 10),
        ]
        isShared = shared.contains { address >> (32 - $0.length) == $0.prefix >> (32 - $0.length) }
    }

    private init(_ high: UInt64, _ low: UInt64) {
        (network, isIPv4) = (high, false)
        // ::1, fc00::/7 and fe80::/10.
        isShared = high == 0 && low == 1 || high >> 57 == 0x7E || high >> 54 == 0x3FA
    }
}
