import FoundationEssentials
import JWTKit
import Models

/// One public key that staff tokens may be signed with, by its key id.
struct StaffKey: Sendable {
    private enum Kind: Sendable {
        case ed25519(EdDSA.PublicKey)
        case p256(ES256PublicKey)
    }

    let id: String
    private let kind: Kind

    /// The one algorithm that tokens under this key must name.
    var algorithm: String {
        switch kind {
        case .ed25519: "EdDSA"
        case .p256: "ES256"
        }
    }

    /// Reads a public key of a JWKS (RFC 7517, RFC 8037); nil for a key that is for something else or of another kind.
    ///
    /// Throws the end of a sentence for a key that would be ours but is damaged, or is not a public one.
    init?(_ member: JSONValue) throws(StaffKeysFault) {
        guard case .object(let fields) = member else { throw StaffKeysFault("holds a key that is not an object") }
        func text(_ name: String) -> String? {
            if case .string(let text) = fields[name] { text } else { nil }
        }
        guard fields["d"] == nil, fields["k"] == nil else {
            throw StaffKeysFault("holds a private key, which must never leave its own folder")
        }
        guard let id = text("kid"), !id.isEmpty, text("use") ?? "sig" == "sig" else { return nil }
        let algorithm = text("alg")
        switch (text("kty"), text("crv")) {
        case ("OKP", "Ed25519") where algorithm == nil || algorithm == "EdDSA" || algorithm == "Ed25519":
            guard let x = text("x"), let key = try? EdDSA.PublicKey(x: x, curve: .ed25519) else {
                throw StaffKeysFault("holds an Ed25519 key that cannot be read: x must be 32 bytes in base64url")
            }
            kind = .ed25519(key)
        case ("EC", "P-256") where algorithm == nil || algorithm == "ES256":
            guard let x = text("x"), let y = text("y"), let key = try? ES256PublicKey(parameters: (x, y)) else {
                throw StaffKeysFault("holds a P-256 key that cannot be read: x and y must be a point, each 32 bytes in base64url")
            }
            kind = .p256(key)
        default:
            return nil
        }
        self.id = id
    }

    /// The claims, when this key signed exactly this token.
    func claims(of token: String) async throws(StaffTokenFault) -> StaffClaims {
        // A collection of one: it would else fall back to a default key for a key id that it does not know.
        let keys = JWTKeyCollection()
        switch kind {
        case .ed25519(let key): await keys.add(eddsa: key)
        case .p256(let key): await keys.add(ecdsa: key)
        }
        do {
            return try await keys.verify(token, as: StaffClaims.self)
        } catch {
            throw .wrongSignature
        }
    }
}
