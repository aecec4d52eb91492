import Models
import TestSupport
import Testing

@testable import Routing

@Suite("Similar matters gathered into issues")
struct IssueBookTests {
    private static let start = Instant(microseconds: 1_764_000_000_000_000)

    private static func matter(_ number: Int, _ title: String, _ narrative: String = "", writer: Int64? = nil, likes: Int = 0)
        -> IssueMatter
    {
        IssueMatter(
            subject: Subject(UniqueID(high: 0x0193_0000_0000_7000, low: UInt64(bitPattern: Int64(number)))),
            registered: start + .seconds(number * 3_600),
            opening: MatterPieces.opening(title: title, narrative: narrative), writers: [writer ?? Int64(number)], likes: likes, issue: nil)
    }

    /// Matters of places and things that hardly meet twice.
    private static func noise(_ count: Int, _ random: inout SeededRandom) -> [IssueMatter] {
        (0..<count).map { number in
            let letters = (0..<18).map { _ in Character(Unicode.Scalar(0x4E00 + UInt32.random(in: 0..<2_500, using: &random)) ?? "字") }
            return matter(number, "咨询" + String(letters) + "问题", String(letters.reversed()) + "请处理")
        }
    }

    private static let wave = ["丽景新城旁搅拌站噪音扰民", "投诉丽景新城附近的搅拌站", "丽景新城搅拌站粉尘污染", "丽景新城小区搅拌站何时搬走", "再次反映丽景新城搅拌站扰民"]

    @Test("puts a wave together and leaves strangers apart, whether it comes at once or slowly")
    func wave() {
        for pace in [1, 2, 7, 1_000] {
            var random = SeededRandom(seed: 3)
            var matters = Self.noise(600, &random)
            for (index, title) in Self.wave.enumerated() {
                matters.insert(Self.matter(10_000 + index, title, "搅拌站在丽景新城北门"), at: 400 + index * 30)
            }
            var book = IssueBook()
            for start in stride(from: 0, to: matters.count, by: pace) {
                _ = book.add(Array(matters[start..<min(start + pace, matters.count)]))
            }

            let large = book.groups.filter { $0.members.count >= 3 }
            #expect(large.count == 1)
            #expect(large.first?.members.count == Self.wave.count, "\(pace): \(large.first?.members.count ?? 0)")
            #expect(large.first.map { $0.members.allSatisfy { book.matters[$0].opening.contains("丽景新城") } } == true)
            #expect(book.matters.count == matters.count)
            #expect(Set(book.groups.flatMap(\.members)) == Set(matters.indices))
        }
    }

    @Test("puts six of one matter together however their coming is split")
    func splits() {
        var random = SeededRandom(seed: 7)
        let known = Self.noise(450, &random)
        let words = ["没有校车", "校车何时恢复", "取消校车不合理", "要求恢复校车", "校车停运太久", "校车停开家长着急"]
        let matters = words.enumerated().map {
            Self.matter(40_000 + $0, "梧桐湾实验小学\($1)", "梧桐湾实验小学\($1)，孩子上学很远，请协调。")
        }
        for split in 0..<32 {
            var book = IssueBook()
            for start in stride(from: 0, to: known.count, by: 50) { _ = book.add(Array(known[start..<start + 50])) }
            var batch: [IssueMatter] = []
            for (number, matter) in matters.enumerated() {
                batch.append(matter)
                if number == 5 || split & 1 << number != 0 {
                    _ = book.add(batch)
                    batch = []
                }
            }

            #expect(book.groups.map(\.members.count).max() == 6, "\(split)")
        }
    }

    @Test("keeps a letter that a fifth of all write in one group", arguments: [1, 1_000])
    func flood(pace: Int) {
        var random = SeededRandom(seed: 5)
        var matters = Self.noise(800, &random)
        for number in 0..<200 { matters.insert(Self.matter(20_000 + number, Self.wave[0], Self.wave[1]), at: number * 4) }
        var alike: [Subject: Subject] = [:]
        for number in 1..<200 {
            alike[Self.matter(20_000 + number, "").subject] = Self.matter(20_000 + number - 1, "").subject
        }
        var book = IssueBook()
        for start in stride(from: 0, to: matters.count, by: pace) {
            _ = book.add(Array(matters[start..<min(start + pace, matters.count)]), alike: alike)
        }

        #expect(book.groups.map(\.members.count).max() == 200)
    }

    @Test("keeps a matter in one group of which a twentieth write in words of their own")
    func wideWave() {
        var random = SeededRandom(seed: 6)
        var matters = Self.noise(1_900, &random)
        for number in 0..<100 {
            let words = Self.wave[number % Self.wave.count]
            matters.insert(Self.matter(30_000 + number, words, "家住\(number)栋的人说" + words), at: number * 15)
        }
        var book = IssueBook()
        for start in stride(from: 0, to: matters.count, by: 100) { _ = book.add(Array(matters[start..<min(start + 100, matters.count)])) }

        let largest = book.groups.max { $0.members.count < $1.members.count }
        #expect(largest?.members.count ?? 0 >= 50, "\(largest?.members.count ?? 0)")
        #expect(largest.map { $0.members.allSatisfy { book.matters[$0].opening.contains("丽景新城") } } == true)
    }

    @Test("keeps what was put together under its name, and adds to it")
    func names() throws {
        var random = SeededRandom(seed: 4)
        var first = IssueBook()
        _ = first.add(Self.noise(500, &random) + Self.wave.enumerated().map { Self.matter(2_000 + $0, $1) })
        let group = try #require(first.groups.indices.max { first.groups[$0].members.count < first.groups[$1].members.count })
        let name = Subject(UniqueID(high: 9, low: 9))
        first.name(group, name)

        // As another process reads it.
        var second = IssueBook()
        _ = second.add(
            first.matters.enumerated().map { number, matter in
                var matter = matter
                matter.issue = first.groups[group].members.contains(number) ? name : nil
                return matter
            })
        let changed = second.add([Self.matter(3_000, "丽景新城搅拌站夜里还在开工"), Self.matter(2_000, "twice")])

        #expect(changed.count == 1)
        let grown = try #require(changed.first)
        #expect(second.groups[grown].issue == name)
        #expect(second.groups[grown].members.count == Self.wave.count + 1)
        #expect(second.groups.count { $0.issue != nil } == 1)
    }

    @Test("says what makes an issue hot: cases, people, growth and likes within the window")
    func heat() throws {
        var book = IssueBook()
        let day = 24
        // Four in the last week, one two months ago, one long gone; two by one person, one nameless.
        var matters = [(400, 1), (350, 1), (300, 2), (290, nil), (-1_400, 3), (-9_000, 4)].enumerated().map { index, item in
            var matter = Self.matter(item.0, Self.wave[index % Self.wave.count], writer: item.1.map(Int64.init), likes: 10)
            matter.subject = Subject(UniqueID(high: 1, low: UInt64(index)))
            if item.1 == nil { matter.writers = [] }
            matter.issue = Subject(UniqueID(high: 2, low: 2))
            return matter
        }
        matters.sort { $0.registered < $1.registered }
        _ = book.add(matters)
        let now = Self.start + .seconds((400 + day) * 3_600)

        let heat = book.heat(of: 0, at: now, by: .standard)

        #expect(heat.cases == 5 && heat.people == 4 && heat.likes == 50)
        #expect(heat.growth == 4 - 5 * 7 / 90)
        #expect(heat.index == IssueHeat(cases: 5, people: 4, growth: 4, likes: 50, weights: .standard).index)
    }

    @Test(
        "takes anything",
        arguments: ["", "\n", String(repeating: "啊", count: 200), "'; DROP TABLE issues; --", String(repeating: "😀", count: 100), "a"])
    func hostile(text: String) {
        var book = IssueBook()
        _ = book.add((0..<50).map { Self.matter($0, text, text) })

        #expect(book.matters.count == 50)
        #expect(book.groups.reduce(0) { $0 + $1.members.count } == 50)
    }
}
