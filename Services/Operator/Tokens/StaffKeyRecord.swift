import Models
import ServiceKit

/// A private key of the key folder and when it was made.
struct StaffKeyRecord: Sendable {
    let signer: StaffSigner
    let made: Instant

    init(signer: StaffSigner, made: Instant) {
        self.signer = signer
        self.made = made
    }

    /// Reads a private JWK with the member `made`; nil for anything else.
    init?(_ bytes: [UInt8]) {
        guard let tree = try? JSONValue(parsing: bytes), let signer = StaffSigner(tree), case .object(let members) = tree,
            case .string(let text) = members["made"], let made = Instant(text)
        else { return nil }
        self.init(signer: signer, made: made)
    }

    var bytes: [UInt8] {
        guard case .object(var members) = signer.privateKey else { return [] }
        members["made"] = .string(made.description)
        return JSONValue.object(members).canonical + [UInt8(ascii: "\n")]
    }

    /// The day and 40 random bits: tells keys apart for people and for services.
    static func newID(at made: Instant) -> String {
        let day = made.description.prefix(10).filter { $0 != "-" }
        let random = String(SystemTime.random.0 & 0xFF_FFFF_FFFF, radix: 16)
        return "\(day)-" + String(repeating: "0", count: 10 - random.utf8.count) + random
    }
}
