import Crypto
import FoundationEssentials

/// Thirty-two secret bytes, given as base64, from which a service makes its own kind of key.
///
/// `HUIYIN_SEAL_KEY` becomes an AES-256 key and `HUIYIN_RECEIPT_KEY` the seed of an Ed25519 key; this type only proves the
/// length and keeps the bytes out of anything that prints.
public struct SecretKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// How many bytes every key of the house has.
    public static let byteCount = 32

    /// The key for Crypto's symmetric algorithms; `withUnsafeBytes` on it gives the 32 bytes.
    public let symmetric: SymmetricKey

    /// Reads 32 bytes from base64 (`openssl rand -base64 32`); nil when the text is anything else.
    public init?(base64 text: String) {
        guard let bytes = Data(base64Encoded: text), bytes.count == Self.byteCount else { return nil }
        symmetric = SymmetricKey(data: bytes)
    }

    /// A copy of the 32 bytes, for key types that are made from raw bytes.
    public var bytes: [UInt8] {
        symmetric.withUnsafeBytes { Array($0) }
    }

    public var description: String { "(secret)" }
    public var debugDescription: String { "(secret)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
