import Models
import TestModels
import Testing

@Suite struct RulesWordFinderTests {
    private func found(_ words: [String], in text: String) -> [String] {
        let finder = WordFinder(words)
        var marks = [Bool](repeating: false, count: finder.count)
        finder.mark(text, in: &marks)
        return zip(words, marks).filter(\.1).map(\.0)
    }

    @Test("Words that overlap, contain each other or share their beginning are all found")
    func overlaps() {
        #expect(found(["she", "he", "hers", "his", "ers", "x"], in: "ushers") == ["she", "he", "hers", "ers"])
        #expect(found(["房产证", "产证", "证", "房产", "产权"], in: "办不了房产证") == ["房产证", "产证", "证", "房产"])
    }

    @Test("Letters are compared without case, and empty words and texts are harmless")
    func bytes() {
        #expect(found(["P2P", "ktv"], in: "p2p暴雷，KTV扰民") == ["P2P", "ktv"])
        #expect(found([""], in: "anything").isEmpty)
        #expect(found(["a"], in: "").isEmpty)
        #expect(found([], in: "anything").isEmpty)
    }

    @Test("On random texts it finds what a plain search finds")
    func agrees() {
        var numbers = SeededRandom(seed: 11)
        let letters = Array("abc扰民路a")
        func random(_ range: ClosedRange<Int>) -> String {
            String((0..<Int.random(in: range, using: &numbers)).map { _ in letters[Int.random(in: 0..<letters.count, using: &numbers)] })
        }
        for _ in 0..<300 {
            let words = Array(Set((0..<12).map { _ in random(1...4) })).sorted()
            let text = random(0...60)
            #expect(found(words, in: text) == words.filter { text.contains($0) })
        }
    }
}
