import Crypto
import FoundationEssentials

/// The county's secrets: they seal personal data (AES-GCM), and make keyed hashes and query codes (HMAC-SHA-256).
///
/// Secrets have 32 bytes. One seals, and it may change; those before it still open what they sealed. Hashes and codes always come from
/// the first secret that the county ever had: by a hash the same person is known again, and a code stands on a receipt in somebody's
/// hand, so neither may change. A new secret therefore protects what is sealed from then on, and what is sealed again; whoever knows
/// the first one can go on testing guesses of names against hashes. The keys of each use are derived from a secret (HKDF-SHA-256) under
/// names of their own, so that no use can speak for another. Whoever loses the secret can read no name or phone number any more.
public struct SealKey: Sendable {
    /// Tells which secret sealed a text: the first eight hexadecimal digits of a hash of it.
    public let id: String
    /// The id of the secret that hashes and codes come from.
    public let hashID: String
    private let sealing: SymmetricKey
    /// By key id: the one that seals and those of before.
    private let opening: [String: SymmetricKey]
    // Each has taken in its key; a copy goes on from there.
    private let hashing: HMAC<SHA256>
    private let coding: HMAC<SHA256>

    /// Takes the secret that seals, and those that still open, the county's first one at the front.
    ///
    /// The one that seals may be among them. Nil unless each has 32 bytes.
    public init?(secret: [UInt8], older: [[UInt8]] = []) {
        guard (older + [secret]).allSatisfy({ $0.count == 32 }) else { return nil }
        func derive(_ use: String, _ secret: [UInt8]) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: secret), info: Array("huiyin \(use)".utf8), outputByteCount: 32)
        }
        func name(_ secret: [UInt8]) -> String {
            let digest = HMAC<SHA256>.authenticationCode(for: Array("id".utf8), using: derive("id", secret))
            return digest.prefix(4).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
        id = name(secret)
        hashID = name(older.first ?? secret)
        sealing = derive("seal", secret)
        opening = Dictionary((older + [secret]).map { (name($0), derive("seal", $0)) }) { first, _ in first }
        hashing = HMAC(key: derive("hash", older.first ?? secret))
        coding = HMAC(key: derive("code", older.first ?? secret))
    }

    /// The ids of the keys that open and do not seal any more.
    public var formerIDs: [String] { opening.keys.filter { $0 != id }.sorted() }

    /// Takes the secret in base64.
    public init?(base64 text: String) {
        guard let secret = Data(base64Encoded: text) else { return nil }
        self.init(secret: Array(secret))
    }

    /// Seals `value` as JSON; the same value gives another text each time.
    public func seal(_ value: some Encodable) throws -> SealedText { try seal(bytes: JSONCoding.encode(value)) }

    /// The same, written the fast way.
    public func seal(_ value: some JSONWritable) throws -> SealedText { try seal(bytes: JSONCoding.encode(value)) }

    private func seal(bytes: [UInt8]) throws -> SealedText {
        let box = try AES.GCM.seal(bytes, using: sealing, authenticating: Array(id.utf8))
        // `combined` is nil only for nonces of other than 12 bytes, which are not used here.
        guard let combined = box.combined else { throw SealError(reason: "the text could not be sealed") }
        return SealedText(text: "\(id).\(combined.base64EncodedString())")
    }

    /// Seals under the key that seals now what a former one sealed; nil for everything else.
    public func resealed(_ sealed: SealedText) -> SealedText? {
        guard let name = sealed.text.split(separator: ".").first, name != id, let bytes = try? bytes(of: sealed) else { return nil }
        return try? seal(bytes: bytes)
    }

    /// Opens what was sealed under one of the keys.
    public func open<Value: Decodable>(_ sealed: SealedText, as type: Value.Type = Value.self) throws(SealError) -> Value {
        do { return try JSONCoding.decode(Value.self, from: bytes(of: sealed)) } catch { throw error as? SealError ?? .changed }
    }

    /// The same, read the fast way.
    public func open<Value: JSONReadable>(_ sealed: SealedText, as type: Value.Type = Value.self) throws(SealError) -> Value {
        do { return try JSONCoding.decode(Value.self, from: bytes(of: sealed)) } catch { throw error as? SealError ?? .changed }
    }

    private func isKeyID(_ text: Substring?) -> Bool {
        text.map { $0.utf8.count == 8 && $0.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) } } ?? false
    }

    private func bytes(of sealed: SealedText) throws(SealError) -> [UInt8] {
        let parts = sealed.text.split(separator: ".")
        guard parts.count == 2, let key = opening[String(parts[0])] else {
            throw SealError(
                reason: "it was sealed under another key (\(parts.first?.prefix(8) ?? "")); give this service that key",
                isLackOfKey: isKeyID(parts.first))
        }
        do {
            guard let combined = Data(base64Encoded: String(parts[1])) else { throw SealError(reason: "it is no sealed text") }
            return Array(try AES.GCM.open(AES.GCM.SealedBox(combined: combined), using: key, authenticating: Array(parts[0].utf8)))
        } catch {
            throw SealError.changed
        }
    }

    /// A hash of `parts` that nobody without the secret can make or compare; 32 bytes.
    public func hash(_ parts: String...) -> [UInt8] {
        var mac = hashing
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
        var mac = coding
        mac.update(data: Array(id.description.utf8))
        let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZ23456789".unicodeScalars)
        return mac.finalize().prefix(10).reduce(into: "") { $0.unicodeScalars.append(alphabet[Int($1 & 31)]) }
    }
}

/// A sealed value as text: the key's id, a point, and the sealed bytes in base64.
public struct SealedText: Hashable, Sendable, Codable, JSONReadable, JSONWritable {
    public let text: String

    public init(text: String) { self.text = text }

    /// How many bytes were sealed; nil for what cannot be a sealed text: eight hexadecimal digits, a point, and in base64 a nonce (12
    /// bytes), the sealed bytes and a tag (16 bytes).
    public var length: Int? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].count == 8, parts[0].allSatisfy(\.isHexDigit) else { return nil }
        guard let bytes = Data(base64Encoded: String(parts[1])), bytes.count >= 28 else { return nil }
        return bytes.count - 28
    }

    public init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }

    public init(json place: JSONPlace) throws { text = try place.string() }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    public func write(json text: inout JSONText) { text.write(self.text) }
}

/// Says why a sealed text cannot be opened.
public struct SealError: Error, Hashable, Sendable, CustomStringConvertible {
    public let reason: String
    /// Whether another key than those at hand would open it.
    public let isLackOfKey: Bool

    init(reason: String, isLackOfKey: Bool = false) {
        self.reason = reason
        self.isLackOfKey = isLackOfKey
    }

    /// What cannot be told apart from one that never was a sealed text.
    fileprivate static let changed = SealError(reason: "it was changed after it was sealed, or it is no sealed text")

    public var description: String { reason }
}

/// Compares without telling by its time where two texts differ.
public func equalInConstantTime(_ left: String, _ right: String) -> Bool {
    let (left, right) = (SHA256.hash(data: Array(left.utf8)), SHA256.hash(data: Array(right.utf8)))
    return left == right
}
