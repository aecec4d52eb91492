import Crypto

/// The bearer token that opens staff routes, kept as a hash and compared in constant time.
public struct OperatorToken: Sendable, CustomStringConvertible, CustomReflectable {
    /// A shorter token could be guessed.
    public static let minimumLength = 16

    private let digest: SHA256Digest

    /// Nil when the text is too short or holds a character that a bearer token (RFC 6750) must not have.
    public init?(_ text: String) {
        let allowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "-._~+/=".utf8.contains(byte)
            }
        }
        guard text.utf8.count >= Self.minimumLength, allowed else { return nil }
        digest = SHA256.hash(data: Array(text.utf8))
    }

    /// Whether `presented` is this token.
    ///
    /// Both sides are hashed first, so neither length nor position of a difference shows in the time; Crypto compares digests
    /// in constant time.
    public func matches(_ presented: some StringProtocol) -> Bool {
        SHA256.hash(data: Array(presented.utf8)) == digest
    }

    public var description: String { "(secret)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
