import Crypto
import FoundationEssentials

/// The county's signed word that it has a case (回执): what a petitioner keeps.
///
/// The signature is Ed25519 over the canonical JSON of every other field, so any changed byte shows.
public struct Receipt: Codable, Hashable, Sendable {
    // In the order of their names, as canonical JSON has them.

    /// The code that, with the number, tells the state of the case.
    public var code: String
    /// The name of the county in Chinese.
    public var county: String
    /// The case's identifier.
    public var id: CaseID
    /// Which key signed it: the first 16 hexadecimal digits of the SHA-256 of the public key.
    public var key: String
    /// The case number, for people.
    public var number: String
    public var registered: Instant
    /// 64 bytes in base64.
    public var signature: String

    /// What is signed.
    private var signed: [UInt8] {
        var bytes: [UInt8] = []
        JSONText.append(to: &bytes) { text in
            text.openObject()
            writeSigned(members: &text)
            text.closeObject()
        }
        return bytes
    }

    /// The receipt as canonical JSON.
    public var canonical: [UInt8] { JSONText.write(self) }

    /// The SHA-256 of the canonical receipt in hexadecimal.
    public var digest: String { hexadecimal(SHA256.hash(data: canonical)) }

    /// Says whether the key signed exactly this receipt; a signature has one spelling in base64.
    public func isValid(under publicKey: Curve25519.Signing.PublicKey) -> Bool {
        guard let signature = Data(base64Encoded: self.signature), signature.base64EncodedString() == self.signature else { return false }
        return key == ReceiptSigner.id(of: publicKey) && publicKey.isValidSignature(signature, for: signed)
    }

    /// Writes and signs a receipt.
    public static func issue(
        id: CaseID, number: String, code: String, registered: Instant, county: String, signer: ReceiptSigner
    ) throws -> Receipt {
        var receipt = Receipt(
            code: code, county: county, id: id, key: signer.id, number: number, registered: registered, signature: "")
        receipt.signature = try signer.sign(receipt.signed)
        return receipt
    }
}

extension Receipt: JSONRecord {
    public init(members: inout JSONMembers) throws {
        code = try members.read("code")
        county = try members.read("county")
        id = try members.read("id")
        key = try members.read("key")
        number = try members.read("number")
        registered = try members.read("registered")
        signature = try members.read("signature")
    }

    public func write(members: inout JSONText) {
        writeSigned(members: &members)
        members.write("signature", signature)
    }

    private func writeSigned(members: inout JSONText) {
        members.write("code", code)
        members.write("county", county)
        members.write("id", id)
        members.write("key", key)
        members.write("number", number)
        members.write("registered", registered)
    }
}

/// The county's Ed25519 key (RFC 8032) that signs receipts.
public struct ReceiptSigner: Sendable {
    private let key: Curve25519.Signing.PrivateKey
    public let id: String

    /// Takes the 32-byte seed; nil when it has another length.
    public init?(seed: [UInt8]) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else { return nil }
        self.key = key
        id = Self.id(of: key.publicKey)
    }

    /// The public key's 32 bytes in base64, for everyone.
    public var publicKey: String { key.publicKey.rawRepresentation.base64EncodedString() }

    /// Names a public key by its hash.
    public static func id(of key: Curve25519.Signing.PublicKey) -> String {
        String(hexadecimal(SHA256.hash(data: key.rawRepresentation)).prefix(16))
    }

    func sign(_ bytes: [UInt8]) throws -> String { Data(try key.signature(for: bytes)).base64EncodedString() }
}

/// Two hexadecimal digits for each byte.
public func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".unicodeScalars)
    var text = ""
    for byte in bytes {
        text.unicodeScalars.append(digits[Int(byte >> 4)])
        text.unicodeScalars.append(digits[Int(byte & 15)])
    }
    return text
}
