import Crypto
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
}
