import Crypto
import FoundationEssentials

/// The county's secret: seals personal data (AES-GCM), and makes keyed hashes and query codes (HMAC-SHA-256).
///
/// One 32-byte secret; the keys of each use are derived from it (HKDF-SHA-256) under names of their own, so that no use
/// can speak for another. Whoever loses the secret can read no name or phone number any more.
public struct SealKey: Sendable {
    /// Tells which secret sealed a text: the first eight hexadecimal digits of a hash of it.
    public let id: String
    private let sealing: SymmetricKey
    private let hashing: SymmetricKey
    private let coding: SymmetricKey

    /// Takes the secret; nil unless it has 32 bytes.
    public init?(secret: [UInt8]) {
        guard secret.count == 32 else { return nil }
        let root = SymmetricKey(data: secret)
        func derive(_ use: String) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(inputKeyMaterial: root, info: Array("huiyin \(use)".utf8), outputByteCount: 32)
        }
        sealing = derive("seal")
        hashing = derive("hash")
        coding = derive("code")
        let digest = HMAC<SHA256>.authenticationCode(for: Array("id".utf8), using: derive("id"))
        id = digest.prefix(4).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// Takes the secret in base64.
    public init?(base64 text: String) {
        guard let secret = Data(base64Encoded: text) else { return nil }
        self.init(secret: Array(secret))
    }

    /// Seals `value` as JSON; the same value gives another text each time.
    public func seal(_ value: some Encodable) throws -> SealedText {
        let box = try AES.GCM.seal(JSONCoding.encode(value), using: sealing, authenticating: Array(id.utf8))
        // `combined` is nil only for nonces of other than 12 bytes, which are not used here.
        guard let combined = box.combined else { throw SealError(reason: "the text could not be sealed") }
        return SealedText(text: "\(id).\(combined.base64EncodedString())")
    }

    /// Opens what was sealed under this key.
    public func open<Value: Decodable>(_ sealed: SealedText, as type: Value.Type = Value.self) throws(SealError) -> Value {
        let parts = sealed.text.split(separator: ".")
        guard parts.count == 2, parts[0] == id else {
            throw SealError(reason: "it was sealed under another key (\(parts.first?.prefix(8) ?? "")); give this service that key")
        }
        do {
            guard let combined = Data(base64Encoded: String(parts[1])) else { throw SealError(reason: "it is no sealed text") }
            let opened = try AES.GCM.open(AES.GCM.SealedBox(combined: combined), using: sealing, authenticating: Array(id.utf8))
            return try JSONCoding.decode(Value.self, from: Array(opened))
        } catch {
            throw SealError(reason: "it was changed after it was sealed, or it is no sealed text")
        }
    }

    /// A hash of `parts` that nobody without the secret can make or compare; 32 bytes.
    public func hash(_ parts: String...) -> [UInt8] {
        var mac = HMAC<SHA256>(key: hashing)
        for part in parts {
            // Each part is preceded by its length, so that no two lists of parts spell the same bytes.
            let bytes = Array(part.utf8)
            withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { mac.update(data: $0) }
            mac.update(data: bytes)
        }
        return Array(mac.finalize())
    }

    /// The query code (查询码) of a case: ten characters without 0/O and 1/I confusions, 50 bits.
    public func queryCode(of id: CaseID) -> String {
        let digest = HMAC<SHA256>.authenticationCode(for: Array(id.description.utf8), using: coding)
        let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZ23456789".unicodeScalars)
        return digest.prefix(10).reduce(into: "") { $0.unicodeScalars.append(alphabet[Int($1 & 31)]) }
    }
}

/// A sealed value as text: the key's id, a point, and the sealed bytes in base64.
public struct SealedText: Hashable, Sendable, Codable {
    public let text: String

    public init(text: String) { self.text = text }

    public init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// Says why a sealed text cannot be opened.
public struct SealError: Error, Hashable, Sendable, CustomStringConvertible {
    public let reason: String

    public var description: String { reason }
}

/// Compares without telling by its time where two texts differ.
public func equalInConstantTime(_ left: String, _ right: String) -> Bool {
    let (left, right) = (SHA256.hash(data: Array(left.utf8)), SHA256.hash(data: Array(right.utf8)))
    return left == right
}
