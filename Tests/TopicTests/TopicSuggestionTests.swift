import Testing

@testable import Routing

@Suite("A topic suggestion")
struct TopicSuggestionTests {
    private let model: TopicModel

    init() throws { model = try InventedMessages.model.get() }

    static let odd: [(name: String, text: String)] = [
        ("empty", ""), ("white space", String(repeating: " \n\u{3000}", count: 300_000)),
        ("one character", String(repeating: "路", count: 350_000)), ("digits", String(repeating: "7", count: 1_000_000)),
        ("emoji", String(repeating: "👩‍👩‍👧‍👦🇨🇳🚧", count: 20_000)), ("SQL", "'; DROP TABLE cases; -- 路灯"),
        ("combining marks", "路" + String(repeating: "\u{0301}", count: 500_000) + "灯"),
        ("mixed scripts", "路灯 лампа مصباح ལམ་གློག ａＢ１ tōrō 街灯 \u{0}\u{FEFF}\u{202E}\u{10FFFF}"),
        ("a megabyte", String(repeating: "老板拖欠工资，路灯也坏了。", count: 28_000)),
        ("line end escapes", String(repeating: "_x000D_", count: 2_000)),
        ("an escape cut off", "_x000D"),
    ]

    /// Whether the parts of each choice give its score, whatever the order in which they are added.
    private func addsUp(_ suggestion: TopicSuggestion) -> Bool {
        suggestion.choices.allSatisfy { choice in
            let parts = [choice.bias, choice.rest] + (choice.speakingFor + choice.speakingAgainst).map(\.weight)
            return parts.reduce(0, +) == choice.score && parts.reversed().reduce(0, +) == choice.score
        }
    }

    @Test("adds up exactly for every example, however many pieces are shown", arguments: [0, 1, 5, 10_000])
    func everyExample(pieces: Int) {
        for example in InventedMessages.examples {
            let suggestion = model.suggestion(for: example.text, pieces: pieces)

            #expect(addsUp(suggestion))
            #expect(suggestion.choices.count == 3)
            #expect(suggestion.choices.allSatisfy { pieces < 10_000 || $0.rest == 0 && $0.restCount == 0 })
        }
    }

    @Test("survives odd text, however long, and adds up", .timeLimit(.minutes(1)), arguments: odd.map(\.name))
    func oddText(name: String) throws {
        let text = try #require(Self.odd.first { $0.name == name }?.text)

        let suggestion = model.suggestion(for: text)

        #expect(addsUp(suggestion))
        #expect((0...1).contains(suggestion.confidence))
    }

    @Test("is sure of nothing where the model knows no piece", arguments: ["", "🚧🚧", "ლ", " \n "])
    func nothingKnown(text: String) {
        let suggestion = model.suggestion(for: text)

        #expect(suggestion.confidence == 0)
        #expect(model.firstChoice(for: text).confidence == 0)
        #expect(suggestion.choices.allSatisfy { $0.speakingFor.isEmpty && $0.score == $0.bias })
    }

    @Test("looks at the first 4,000 characters only")
    func cap() {
        let start = String(repeating: "老板拖欠工资。", count: 600)

        #expect(model.suggestion(for: start) == model.suggestion(for: start + "斑马线红绿灯护栏"))
    }

    @Test("shows pieces as they stand in the text")
    func pieces() throws {
        let text = "南桥镇的红 绿 灯坏了"

        let first = try #require(model.suggestion(for: text, pieces: 1_000).choices.first)

        #expect(first.topic == "交通")
        #expect(first.speakingFor.contains { $0.text == "红绿灯" })
        #expect(first.speakingFor.allSatisfy { piece in piece.text.allSatisfy { text.contains($0) } })
        #expect(zip(first.speakingFor, first.speakingFor.dropFirst()).allSatisfy { $0.weight >= $1.weight })
        #expect(first.speakingAgainst.allSatisfy { $0.weight < 0 })
    }

    @Test("gives all topics together one")
    func shares() {
        let suggestion = model.suggestion(for: "老板拖欠工资")

        #expect(abs(suggestion.choices.reduce(0) { $0 + $1.confidence } - 1) < 1e-9)
        #expect(suggestion.choices[0].confidence == suggestion.confidence)
        #expect(suggestion.model == model.version)
    }

    @Test("agrees with the first choice")
    func firstChoice() {
        for example in InventedMessages.examples.prefix(20) {
            let (choice, suggestion) = (model.firstChoice(for: example.text), model.suggestion(for: example.text))

            #expect(choice.topic == suggestion.choices.first?.topic)
            #expect(choice.confidence == suggestion.confidence)
        }
    }
}
