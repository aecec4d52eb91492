import Crypto
import FoundationEssentials
import JWTKit
public import Models

/// A private Ed25519 key that signs staff tokens, by its key id.
public struct StaffSigner: Sendable, CustomStringConvertible, CustomReflectable {
    public let id: String
    private let key: Curve25519.Signing.PrivateKey

    /// A new key from the system's random numbers.
    public init(newKey id: String) {
        self.id = id
        key = Curve25519.Signing.PrivateKey()
    }

    /// The key that a private JWK (RFC 8037) holds; nil when it holds another kind or is damaged.
    public init?(_ member: JSONValue) {
        guard case .object(let fields) = member, fields["kty"] == "OKP", fields["crv"] == "Ed25519",
            case .string(let id) = fields["kid"], !id.isEmpty, case .string(let secret) = fields["d"],
            let seed = Self.bytes(secret), let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        else { return nil }
        self.id = id
        self.key = key
    }

    /// The public JWK, as `HUIYIN_STAFF_KEYS` needs it.
    public var publicKey: JSONValue {
        .object([
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": .string(id),
            "x": .string(Self.text(key.publicKey.rawRepresentation)),
        ])
    }

    /// The private JWK, for a file that only its owner may read.
    public var privateKey: JSONValue {
        guard case .object(var fields) = publicKey else { return publicKey }
        fields["d"] = .string(Self.text(key.rawRepresentation))
        return .object(fields)
    }

    /// The token as text, for the header `Authorization: Bearer`.
    public func sign(_ token: StaffToken) async throws -> String {
        let keys = JWTKeyCollection()
        let kid = JWKIdentifier(string: id)
        await keys.add(eddsa: EdDSA.PrivateKey(backing: key), kid: kid)
        return try await keys.sign(StaffClaims(token), kid: kid)
    }

    public var description: String { "(secret)" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Base64url without padding (RFC 7515, appendix C).
    private static func text(_ bytes: Data) -> String {
        String(bytes.base64EncodedString().compactMap { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 == "=" ? nil : $0 })
    }

    private static func bytes(_ text: String) -> Data? {
        let plain = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4))
    }
}
