import TestModels
import Testing

@testable import Routing

@Suite("The fast reckoning of a suggestion gives what the plain one gives, to the last bit")
struct PlainTopicTests {
    private let model: TopicModel

    init() throws { model = try InventedMessages.model.get() }

    private static let parts = [
        "_x000D_", "_x000D", "路灯", "拖欠工资", "幼儿园", "红 绿\n灯", "坏了", "的", "，", "。。。", "……——", " ", "\u{3000}", "0", "９", "1234567890123",
        "a", "Ｂ", "é", "e\u{301}", "🚧", "👩‍👩‍👧", "𠮷", "лампа", "مصباح", "\u{0}", "\u{FEFF}", "'; DROP TABLE cases; --",
    ]

    /// A text of one of five kinds: parts of messages among odd ones, any characters, Chinese ones, one character, whole messages.
    private static func text(_ kind: Int, _ random: inout some RandomNumberGenerator) -> String {
        var text = String.UnicodeScalarView()
        let count = Int.random(in: 0..<10, using: &random) == 0 ? 5_000 : Int.random(in: 0..<120, using: &random)
        let single = Unicode.Scalar(UInt16.random(in: 0x4E00...0x9FFF, using: &random)) ?? "路"
        for _ in 0..<count {
            switch kind {
            case 0: text.append(contentsOf: (parts.randomElement(using: &random) ?? "").unicodeScalars)
            case 1: if let any = Unicode.Scalar(UInt32.random(in: 0...0x10_FFFF, using: &random)) { text.append(any) }
            case 2: if let any = Unicode.Scalar(UInt16.random(in: 0x4DF0...0xA010, using: &random)) { text.append(any) }
            case 3: text.append(single)
            default:
                text.append(contentsOf: (InventedMessages.examples.randomElement(using: &random)?.text ?? "").unicodeScalars)
                if text.count > 4_500 { return String(text) }
            }
        }
        return String(text)
    }

    private func agree(_ plain: PlainTopicModel, _ text: String, pieces: Int) -> Bool {
        let (one, other) = (model.suggestion(for: text, pieces: pieces), plain.suggestion(for: text, pieces: pieces))
        // Texts count as equal when they are canonically equivalent: their bytes are compared beside.
        func words(_ suggestion: TopicSuggestion) -> [[UInt8]] {
            suggestion.choices.flatMap { ($0.speakingFor + $0.speakingAgainst).map { Array($0.text.utf8) } }
        }
        return one == other && words(one) == words(other) && model.firstChoice(for: text).confidence == other.confidence
            && model.firstChoice(for: text).topic == other.choices[0].topic
    }

    @Test("for random texts", arguments: 0..<5)
    func random(kind: Int) {
        let plain = PlainTopicModel(model)
        var random = SeededRandom(seed: UInt64(kind))
        for round in 0..<50 {
            let text = Self.text(kind, &random)
            #expect(agree(plain, text, pieces: [5, 4, 0, 1, 10_000][round % 5]), "\(text.prefix(200))")
        }
    }

    @Test("for odd texts", arguments: TopicSuggestionTests.odd.map(\.name))
    func odd(name: String) throws {
        let text = try #require(TopicSuggestionTests.odd.first { $0.name == name }?.text)

        #expect(agree(PlainTopicModel(model), text, pieces: 5))
    }

    @Test("for texts around the 4,000 characters that are looked at", arguments: 3_985...4_002)
    func limit(characters: Int) {
        let start = String(repeating: "路灯", count: 2_000).prefix(characters)
        let plain = PlainTopicModel(model)

        for end in ["_x000D_工资", "1234567890123456", "𠮷𠮷𠮷𠮷", "e\u{301}工"] {
            #expect(agree(plain, start + end, pieces: 5))
        }
    }

    @Test("also for a model whose pieces tell nothing in part, and whose hashes crowd together")
    func crowded() throws {
        var random = SeededRandom(seed: 3)
        let text = InventedMessages.examples.prefix(30).map(\.text).joined()
        var hashes = Set(PlainText(text).pieces.map(\.hash).filter { $0 % 3 > 0 })
        // Some buckets are full, some hold about as many as are compared at once.
        for hash in Array(hashes.prefix(40)) {
            let most = UInt32.random(in: 1...0xFFFF, using: &random)
            for lower in stride(from: 0, to: UInt32(0xFFFF), by: Int(most)) { hashes.insert(hash & 0xFFFF_0000 | lower) }
        }
        hashes.formUnion([0, 1, 0xFFFF, 0xFFFF_FFFF])
        let (sorted, topics) = (hashes.sorted(), ["甲", "乙"].sorted())
        let weights = TopicWeights(
            scales: [TopicScale(bias: -5, shift: 13), TopicScale(bias: 1 << 50, shift: 0)],
            tellings: sorted.map { _ in UInt16.random(in: 0...3, using: &random) * 8_000 }
        ) { _ in sorted.map { _ in Int16.random(in: .min ... .max, using: &random) } }
        let model = TopicModel(
            topics: topics, examples: 2, calibration: model.calibration, vocabulary: TopicVocabulary(hashes: sorted), weights: weights)
        #expect(model.vocabulary.hashes == sorted)
        #expect(sorted.enumerated().allSatisfy { model.vocabulary.number(of: $1) == $0 })

        let plain = PlainTopicModel(model)

        for pieces in [0, 3, 10_000] {
            #expect(model.suggestion(for: text, pieces: pieces) == plain.suggestion(for: text, pieces: pieces))
        }
    }
}
