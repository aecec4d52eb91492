import Testing

@testable import Routing

@Suite("A topic model")
struct TopicModelTests {
    private let model: TopicModel

    init() throws { model = try InventedMessages.model.get() }

    @Test("names the topic of a message that it has not seen")
    func unseen() {
        #expect(model.firstChoice(for: "我们村的井盖坏了，车辆经过危险").topic == "交通")
        #expect(model.firstChoice(for: "工地老板拖欠工资三个月").topic == "劳动")
        #expect(model.firstChoice(for: "孩子在学校食堂吃坏肚子，家长着急").topic == "教育")
    }

    @Test("is the same bytes each time")
    func deterministic() throws {
        let again = try TopicTrainer().model(of: InventedMessages.examples)

        #expect(again.bytes == model.bytes)
        #expect(again.version == model.version)
        #expect(TopicModel.isVersion(model.version))
    }

    @Test("has another version when one label differs")
    func otherVersion() throws {
        var examples = InventedMessages.examples
        examples[0].topic = "教育"

        #expect(try TopicTrainer().model(of: examples).version != model.version)
    }

    @Test("reads segmented and raw, full-width and half-width text alike")
    func spelling() {
        let raw = model.suggestion(for: "南桥镇的红绿灯坏了２０天，ABC路口")

        let segmented = model.suggestion(for: "南桥镇 红绿灯 坏 7 天 abc 路口")

        #expect(raw.choices.map(\.score) == segmented.choices.map(\.score))
    }

    @Test("lets the last label of a text hold")
    func lastLabel() throws {
        let corrections = InventedMessages.examples.filter { $0.topic == "交通" }.map { TopicExample(text: $0.text, topic: "城建") }

        let corrected = try TopicTrainer().model(of: InventedMessages.examples + corrections)

        #expect(corrected.topics.sorted() == ["劳动", "城建", "教育"].sorted())
        #expect(corrected.examples == InventedMessages.examples.count)
        #expect(corrected.firstChoice(for: "护栏和斑马线问题").topic == "城建")
    }

    @Test("is not made of fewer than two topics, nor of an unnamed one")
    func refused() {
        let one = [TopicExample(text: "路灯", topic: "交通"), TopicExample(text: "井盖", topic: "交通")]

        #expect(throws: TopicTrainingError.self) { try TopicTrainer().model(of: []) }
        #expect(throws: TopicTrainingError.self) { try TopicTrainer().model(of: one) }
        #expect(throws: TopicTrainingError.self) { try TopicTrainer().model(of: one + [TopicExample(text: "工资", topic: "")]) }
    }

    @Test("is made of two examples, and then trusts itself with nothing")
    func tiny() throws {
        let tiny = try TopicTrainer().model(
            of: [TopicExample(text: "路灯坏了", topic: "交通"), TopicExample(text: "工资没发", topic: "劳动")])

        #expect(tiny.calibration.threshold(precision: 0.98) == nil)
        #expect(tiny.calibration.coverage(precision: 0.98) == 0)
        #expect(tiny.suggestion(for: "路灯").choices.count == 2)
    }
}
