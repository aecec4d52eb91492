import Crypto
import FoundationEssentials
import JWTKit
public import Models

/// The public keys that staff tokens are signed with, by their identifiers: a JWKS document (RFC 7517) of Ed25519 keys (RFC 8037).
public struct StaffKeySet: Sendable {
    let keys: [String: Curve25519.Signing.PublicKey]

    /// Reads a document; throws the sentence that says what is wrong with it.
    public init(jwks bytes: [UInt8]) throws(StaffTokenFault) {
        guard case .object(let members)? = try? JSONValue(parsing: bytes), case .array(let entries)? = members["keys"] else {
            throw StaffTokenFault("it is no JWKS document: {\"keys\": […]}")
        }
        var keys: [String: Curve25519.Signing.PublicKey] = [:]
        for entry in entries {
            guard case .object(let key) = entry, key["kty"] == .string("OKP"), key["crv"] == .string("Ed25519"),
                case .string(let id)? = key["kid"], case .string(let x)? = key["x"], let raw = Data(base64URL: x),
                let made = try? Curve25519.Signing.PublicKey(rawRepresentation: raw)
            else { throw StaffTokenFault("a key in it is no Ed25519 key with kty, crv, kid and x") }
            keys[id] = made
        }
        self.keys = keys
    }

    /// The document of `keys`.
    public static func jwks(of keys: [Curve25519.Signing.PublicKey]) -> [UInt8] {
        JSONValue.object([
            "keys": .array(
                keys.map { key in
                    .object([
                        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": .string(id(of: key)),
                        "x": .string(key.rawRepresentation.base64URL),
                    ])
                })
        ]).canonical
    }

    /// Names a key: the first 16 hexadecimal digits of the SHA-256 of its 32 bytes.
    public static func id(of key: Curve25519.Signing.PublicKey) -> String {
        String(hexadecimal(SHA256.hash(data: key.rawRepresentation)).prefix(16))
    }

    /// A token by which `person` acts from `now` on, for `lifetime`, signed with `key`.
    public static func issue(
        _ person: ActingPerson, now: Instant, lifetime: Duration, key: Curve25519.Signing.PrivateKey
    ) async throws -> String {
        let id = id(of: key.publicKey)
        let signers = JWTKeyCollection()
        await signers.add(eddsa: EdDSA.PrivateKey(backing: key), kid: JWKIdentifier(string: id))
        return try await signers.sign(StaffToken(person, now: now, lifetime: lifetime), kid: JWKIdentifier(string: id))
    }

    /// Who acts by `token`, and the second from which on nobody does any more.
    ///
    /// Throws the sentence that says why nobody acts by it.
    func verify(_ token: String, at now: Instant) async throws(StaffTokenFault) -> (person: ActingPerson, expires: Int64) {
        let key = try key(of: token)
        let verifier = JWTKeyCollection()
        await verifier.add(eddsa: EdDSA.PublicKey(backing: key), kid: nil)
        let claims: StaffToken
        do { claims = try await verifier.verify(Array(token.utf8), as: StaffToken.self) } catch is JWTError {
            throw StaffTokenFault("The token's signature does not fit, or something in it was changed.")
        } catch {
            throw StaffTokenFault("The token lacks what a staff token says: sub, role, unit, iss, iat, exp and jti.")
        }
        return (try claims.person(at: now), claims.exp)
    }

    /// The key that the token's header names; its algorithm must be the one of these keys.
    private func key(of token: String) throws(StaffTokenFault) -> Curve25519.Signing.PublicKey {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Data(base64URL: String(parts[0])),
            case .object(let fields)? = try? JSONValue(parsing: Array(header))
        else { throw StaffTokenFault("The token is neither the operator's nor a signed staff token.") }
        guard fields["alg"] == .string("EdDSA") else { throw StaffTokenFault("The token is not signed with EdDSA.") }
        guard fields["crit"] == nil else { throw StaffTokenFault("The token asks for something that is not known here.") }
        guard case .string(let id)? = fields["kid"], let key = keys[id] else {
            throw StaffTokenFault("The token is signed with a key that is not in use here; ask the administrator for a new one.")
        }
        return key
    }
}

extension Data {
    /// Reads base64 with `-` and `_` and without padding (RFC 4648, section 5).
    init?(base64URL text: String) {
        var text = text.replacing("-", with: "+").replacing("_", with: "/")
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        self.init(base64Encoded: text)
    }

    var base64URL: String {
        base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
