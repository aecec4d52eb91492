import Models
import Testing

@testable import Operator

@Suite("The seal keys of a house")
struct SealKeySettingsTests {
    @Test("keep the first one at the front through every step of a rotation")
    func rotation() throws {
        var settings = HouseSettings.generate()
        let first = settings.sealKey
        let hash = try settings.seal().hash("person", "x")
        #expect(settings.openingKeys == nil)
        for _ in 0..<2 {
            let before = settings.sealKey
            settings.nextSealKey = SecretText.key()
            let sealed = try settings.seal().seal("x")
            let learning = try #require(settings.openingKeys)
            #expect(learning.hasPrefix(first) && learning.hasSuffix(settings.nextSealKey ?? "-") && settings.sealKey == before)
            #expect(try settings.seal().hash("person", "x") == hash)

            settings.promoteNextSealKey()

            #expect(settings.sealKey != before && settings.nextSealKey == nil && settings.isResealing == true)
            #expect(settings.oldSealKeys?.first == first && settings.oldSealKeys?.last == before)
            #expect(try settings.seal().open(sealed, as: String.self) == "x")
            #expect(try settings.seal().hash("person", "x") == hash)
        }
    }
}
