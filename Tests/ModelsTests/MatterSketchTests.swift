import Models
import TestSupport
import Testing

@Suite("What a matter's text comes to")
struct MatterSketchTests {
    /// Sentences of invented words, as unlike as chance makes them.
    private static func text(_ random: inout SeededRandom, letters: Int) -> [Character] {
        (0..<letters).map { _ in Character(Unicode.Scalar(0x4E00 + UInt32.random(in: 0..<3_000, using: &random)) ?? "字") }
    }

    private static func sketch(_ letters: [Character]) throws -> MatterSketch {
        try #require(MatterSketch(title: String(letters.prefix(12)), narrative: String(letters.dropFirst(12))))
    }

    @Test("tells nothing of white space, punctuation, width and case")
    func spelling() throws {
        let plain = try #require(MatterSketch(title: "路灯不亮abc12", narrative: "第三天了，没有人来修"))
        let other = try #require(MatterSketch(title: " 路灯　不亮！ＡBC１2", narrative: "第三天了\n没有人来修……"))

        #expect(plain == other)
        #expect(plain.likeness(to: other) == 1)
        #expect(plain.bands == other.bands)
    }

    @Test("has no sketch of texts that are alike by accident")
    func short() {
        #expect(MatterSketch(title: "", narrative: "") == nil)
        #expect(MatterSketch(title: "路灯坏了", narrative: "请修") == nil)
        #expect(MatterSketch(title: "路灯坏了", narrative: "请尽快修") != nil)
        #expect(MatterSketch(title: "！！！！！！！！", narrative: String(repeating: "，", count: 100)) == nil)
    }

    @Test("is as alike as the texts are, and nearly always found by a band")
    func likeness() throws {
        var random = SeededRandom(seed: 7)
        var (found, strangers): (Int, Int) = (0, 0)
        for _ in 0..<400 {
            let letters = Self.text(&random, letters: 200)
            var near = letters
            // Six letters of 200: about 18 pieces of 198 are other ones.
            for _ in 0..<6 { near[Int.random(in: 0..<200, using: &random)] = "改" }
            let (one, other, third) = (
                try Self.sketch(letters), try Self.sketch(near), try Self.sketch(Self.text(&random, letters: 200))
            )
            #expect(one.likeness(to: other) > 0.55)
            #expect(one.likeness(to: third) < 0.2)
            if !Set(one.bands).isDisjoint(with: other.bands) { found += 1 }
            if !Set(one.bands).isDisjoint(with: third.bands) { strangers += 1 }
        }
        #expect(found >= 398)
        #expect(strangers == 0)
    }

    @Test("is written and read, and stays the same from version to version")
    func bytes() throws {
        let sketch = try #require(MatterSketch(title: "路灯不亮", narrative: "人民路第三天没有人来修"))

        #expect(sketch.bytes.count == 96)
        #expect(MatterSketch(bytes: sketch.bytes) == sketch)
        #expect(MatterSketch(bytes: Array(sketch.bytes.dropLast())) == nil)
        #expect(sketch.bands.count == 12)
    }

    @Test(
        "is made of anything in a moment",
        arguments: [
            String(repeating: "a", count: 1 << 20), String(repeating: "😀", count: 200_000), "'; DROP TABLE matters; --",
            String(repeating: "字", count: 300_000), "\u{0}\u{0}\u{FFFD}مرحبا עברית हिन्दी кириллица", String(repeating: "\n", count: 1 << 20),
        ])
    func hostile(text: String) {
        let sketch = MatterSketch(title: text, narrative: text)
        if let sketch { #expect(sketch.likeness(to: sketch) == 1) }
    }

    @Test("of a hot issue: levels are steps of a quarter from the alarm on")
    func levels() {
        let rule = HotIssueRule.standard

        #expect(rule.level(of: 0) == 0)
        #expect(rule.level(of: rule.alarm - 1) == 0)
        #expect(rule.level(of: rule.alarm) == 1)
        #expect(rule.level(of: rule.alarm * 5 / 4 - 1) == 1)
        #expect(rule.level(of: rule.alarm * 5 / 4) == 2)
        var last = 0
        for index in stride(from: 0, through: 1_000_000, by: 997) {
            let level = rule.level(of: index)
            #expect(level >= last && level <= 100)
            last = level
        }
        let heat = IssueHeat(cases: 12, people: 9, growth: 4, likes: 150, weights: rule)
        #expect(heat.index == 12 * rule.cases + 9 * rule.people + 4 * rule.growth + 150 * rule.likes)
    }
}
