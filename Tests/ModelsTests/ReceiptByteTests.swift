import Crypto
import FoundationEssentials
import Models
import Testing

@Suite("A receipt")
struct ReceiptByteTests {
    @Test("is valid as it was signed, and with no byte changed", arguments: [1, 2, 0x20, 0x80] as [UInt8])
    func changed(mask: UInt8) throws {
        let signer = try #require(ReceiptSigner(seed: [UInt8](repeating: 7, count: 32)))
        let key = try Curve25519.Signing.PrivateKey(rawRepresentation: [UInt8](repeating: 7, count: 32)).publicKey
        let receipt = try Receipt.issue(
            id: CaseID(UniqueID(high: 1, low: 1)), number: "20251124-000009-1", code: "ABCDEFGHJK", registered: Instant(microseconds: 1),
            county: "样县", signer: signer)
        #expect(receipt.isValid(under: key))

        let document = receipt.canonical
        for index in document.indices {
            var changed = document
            changed[index] ^= mask
            let read = try? JSONCoding.decode(Receipt.self, from: changed)
            // What is read otherwise, or is valid JSON of another spelling, is not the receipt.
            let isValid = read.map { $0.isValid(under: key) && $0.canonical == changed } ?? false
            #expect(!isValid, "byte \(index)")
        }
    }

    @Test("is spelled as every canonical JSON, in whatever way it is written")
    func spelling() throws {
        let signer = try #require(ReceiptSigner(seed: [UInt8](repeating: 7, count: 32)))
        let receipt = try Receipt.issue(
            id: CaseID(UniqueID(high: 1, low: 1)), number: "20251124-000009-1", code: "ABCDEFGHJK", registered: Instant(microseconds: 1),
            county: "样\"县\\", signer: signer)
        #expect(try JSONValue(parsing: receipt.canonical).canonical == receipt.canonical)
        #expect(try JSONCoding.encode(receipt) == receipt.canonical)
        #expect(try Array(JSONEncoder.sorted.encode(receipt)) == receipt.canonical)
        #expect(try JSONDecoder().decode(Receipt.self, from: Data(receipt.canonical)) == receipt)
    }
}

extension JSONEncoder {
    fileprivate static var sorted: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
