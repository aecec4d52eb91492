import TestModels
import Testing

@testable import Routing

@Suite("A stored topic model")
struct TopicModelBytesTests {
    private let model: TopicModel
    private let bytes: [UInt8]

    init() throws {
        // Few topics and words keep the bytes short, so that changes hit every part.
        let examples =
            ["路灯坏了", "井盖丢了", "路口堵车"].map { TopicExample(text: $0, topic: "交通") }
            + ["工资没发", "老板欠薪", "社保断缴"].map { TopicExample(text: $0, topic: "劳动") }
        model = try TopicTrainer().model(of: examples)
        bytes = model.bytes
    }

    @Test("reads back as it was")
    func roundTrip() throws {
        let read = try TopicModel(bytes: bytes)

        #expect(read.bytes == bytes)
        #expect(read.version == model.version)
        #expect(read.topics == model.topics)
        #expect(read.examples == 6)
        #expect(read.calibration == model.calibration)
        #expect(read.suggestion(for: "路灯也欠薪") == model.suggestion(for: "路灯也欠薪"))
    }

    @Test("is refused wherever it is cut off")
    func cutOff() {
        for length in 0..<bytes.count {
            #expect(throws: TopicModelError.self) { try TopicModel(bytes: Array(bytes.prefix(length))) }
        }
    }

    @Test("is refused when any byte differs, or one is added")
    func damaged() {
        var random = SeededRandom(seed: 7)
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= UInt8.random(in: 1...255, using: &random)
            #expect(throws: TopicModelError.self) { try TopicModel(bytes: damaged) }
        }
        #expect(throws: TopicModelError.self) { try TopicModel(bytes: bytes + [0]) }
    }

    @Test("is refused with a sentence, or usable, when it is changed and sealed anew")
    func sealedAnew() {
        var random = SeededRandom(seed: 11)
        let content = Array(bytes.dropLast(8))
        var refused = 0
        for round in 0..<3_000 {
            var changed = content
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                // The first bytes hold what all else hangs on; every other round aims at them.
                let limit = round % 2 == 0 ? changed.count : min(220, changed.count)
                changed[Int.random(in: 0..<limit, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if round % 5 == 0 { changed.removeLast(Int.random(in: 0..<changed.count, using: &random)) }
            do {
                let read = try TopicModel(bytes: TopicModel.sealed(changed))
                let choice = read.suggestion(for: "路灯坏了，工资没发").choices.first
                #expect(choice?.score.isFinite ?? false)
            } catch {
                refused += 1
                #expect(error.description.hasPrefix("this "))
            }
        }
        #expect(refused > 1_000)
    }

    @Test("says of another format that it is one")
    func format() {
        var other = bytes
        other[4] = 9

        #expect(throws: TopicModelError("this topic model has format 9, and only 1 can be read: train it again")) {
            try TopicModel(bytes: other)
        }
    }
}
