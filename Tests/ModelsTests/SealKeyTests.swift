import Models
import Testing

@Suite("A seal key that has followed another")
struct SealKeyTests {
    private let first = [UInt8](repeating: 1, count: 32)
    private let second = [UInt8](repeating: 2, count: 32)
    private let third = [UInt8](repeating: 3, count: 32)

    @Test("opens what those before it sealed, and seals so that they cannot open it")
    func opens() throws {
        let (old, new) = (try #require(SealKey(secret: first)), try #require(SealKey(secret: third, older: [first, second])))
        let sealed = try old.seal("secret")

        #expect(try new.open(sealed, as: String.self) == "secret")
        #expect(throws: SealError.self) { try old.open(new.seal("secret"), as: String.self) }
        #expect(new.formerIDs.count == 2 && !new.formerIDs.contains(new.id))
    }

    @Test("gives the hashes and query codes of the first key, also while that still seals")
    func stable() throws {
        let old = try #require(SealKey(secret: first))
        let id = CaseID(UniqueID(high: 1, low: 2))
        for (secret, older) in [(second, [first]), (third, [first, second]), (first, [first, second])] {
            let new = try #require(SealKey(secret: secret, older: older))

            #expect(new.hash("person", "a", "1") == old.hash("person", "a", "1"))
            #expect(new.queryCode(of: id) == old.queryCode(of: id))
        }
    }

    @Test("seals again what a former key sealed, and touches nothing else")
    func reseals() throws {
        let old = try #require(SealKey(secret: first))
        let (new, stranger) = (try #require(SealKey(secret: second, older: [first])), try #require(SealKey(secret: third)))

        let again = try #require(new.resealed(try old.seal(["name": "张三"])))

        #expect(again.text.hasPrefix("\(new.id)."))
        #expect(try new.open(again, as: [String: String].self) == ["name": "张三"])
        for text in [again.text, try stranger.seal("x").text, "\(old.id).rubbish", "\(old.id).", "", "words"] {
            #expect(new.resealed(SealedText(text: text)) == nil)
        }
    }
}
