import CaseFlow
import Models
import TestSupport
import Testing

@testable import Routing

@Suite("A case that is registered without a topic")
struct SuggestedTopicTests {
    private static let subject = Subject(UniqueID(high: 0x0193_0000_0000_7000, low: 0x8000_0000_0000_0007))

    private let counties: CountyBook
    private let version: String

    /// A county with the topics of the invented messages, whose models may give topics that are as often right as it says.
    init() throws { (counties, version) = try Self.county(precision: 80) }

    private static func county(precision: Int?) throws -> (CountyBook, String) {
        var definition = TestCounty.whole()
        func topic(_ code: String, _ name: String) -> CountyTopic {
            CountyTopic(code: TopicCode(validated: code), parent: nil, name: LocalizedText(zh: name, en: code))
        }
        definition.topics += [topic("traffic", "交通"), topic("labour", "劳动"), topic("schooling", "教育")]
        definition.topicPrecision = precision
        definition.rules.insert(
            Rule(
                id: RuleCode(validated: "of-traffic"), reason: LocalizedText(zh: "交通", en: "traffic"),
                when: RuleConditions(topics: [TopicCode(validated: "traffic")]), then: RuleAction(lead: .unit(TestCounty.roads))), at: 0)
        definition.regions = [
            CountyRegion(code: RegionCode(validated: "all"), parent: nil, name: LocalizedText(zh: "全县", en: "the county")),
            CountyRegion(
                code: RegionCode(validated: "east"), parent: RegionCode(validated: "all"), name: LocalizedText(zh: "东门社区", en: "East Gate"),
                aliases: ["东门村"]),
        ]
        let edition = try CountyBook.Edition(definition)
        var counties = CountyBook()
        counties.add(edition)
        counties.putInForce(edition.index.version)
        return (counties, edition.index.version)
    }

    private func event(_ facts: any EventFacts, _ version: String, source: Source = .intake, _ sequence: Int64 = 1) throws -> CaseEvent {
        try CaseEvent(
            id: EventID(UniqueID(high: 1, low: UInt64(sequence))), source: source, subject: Self.subject, type: type(of: facts).type,
            version: 1, time: Instant(microseconds: 1_790_000_000_000_000), sequence: sequence, after: SourcePositions(), county: version,
            traceparent: nil, stating: facts)
    }

    /// What routing makes of a case with this title.
    private func assigned(
        _ title: String, topic: TopicCode? = nil, kind: CaseKind = .claim, _ shelf: TopicShelf, _ counties: CountyBook, _ version: String
    ) throws -> (CaseAssigned, RoutingState) {
        let facts = CaseRegistered(
            number: "20260921-100000-1", kind: kind, channel: .web, urgency: .ordinary, title: title,
            narrative: "车辆经过\(title.prefix(2))很危险，已经2年没有维修。", topic: topic,
            region: nil, occurred: nil, anonymous: true, petitioners: [], registered: Instant(microseconds: 1_790_000_000_000_000),
            receipt: "00")
        var state: RoutingState?
        let context = FlowContext(now: Instant(microseconds: 1_790_000_000_000_000), counties: counties)
        let process = RoutingProcess(topics: shelf)
        let made = try process.apply(event(facts, version), to: &state, in: context).facts
        let assigned = try #require(made.first as? CaseAssigned)
        _ = try process.apply(event(assigned, version, source: .routing), to: &state, in: context)
        return (assigned, try #require(state))
    }

    private func shelf() throws -> TopicShelf {
        let shelf = TopicShelf()
        shelf.put(try InventedMessages.model.get())
        return shelf
    }

    @Test("gets it from a model that is sure enough, with the model's version and its reasons, and goes where its rule says")
    func given() throws {
        let (facts, state) = try assigned("路灯问题", shelf(), counties, version)

        let found = try #require(facts.suggested)
        #expect(found.given && facts.topic?.text == "traffic" && facts.unit == TestCounty.roads && facts.rule?.text == "of-traffic")
        #expect(found.model == (try InventedMessages.model.get().version) && found.choices.count == 3)
        #expect(!found.choices[0].words.isEmpty && found.choices.map(\.share).reduce(0, +) <= 1000)
        #expect(state.assignment?.suggested == found)
        let view = DeskView.whole(
            Self.subject, state, for: ActingPerson(role: .dispatcher, unit: TestCounty.desk),
            in: try #require(counties[version]?.index), others: [:])
        #expect(view.text.contains(#""given":true"#))
    }

    @Test("gets suggestions only, where the county leaves topics to people, and none without a model")
    func suggested() throws {
        let (careful, carefulVersion) = try Self.county(precision: nil)

        let (facts, _) = try assigned("路灯坏了", shelf(), careful, carefulVersion)
        let (alone, _) = try assigned("路灯坏了", TopicShelf(), careful, carefulVersion)

        #expect(facts.suggested?.given == false && facts.topic == nil && facts.suggested?.choices.first?.topic.text == "traffic")
        #expect(alone.suggested == nil)
    }

    @Test("keeps the topic that somebody has chosen, and the one that a rule names")
    func chosen() throws {
        let (facts, _) = try assigned("路灯坏了", topic: TopicCode(validated: "labour"), shelf(), counties, version)

        #expect(facts.topic?.text == "labour" && facts.suggested == nil)
        var definition = try #require(counties[version]?.index).definition
        definition.rules.insert(
            Rule(
                id: RuleCode(validated: "lamps"), reason: LocalizedText(zh: "灯", en: "lamps"), when: RuleConditions(anyWords: ["路灯"]),
                then: RuleAction(lead: .unit(TestCounty.works), topic: TopicCode(validated: "labour"))), at: 0)
        let edition = try CountyBook.Edition(definition)
        var book = CountyBook()
        book.add(edition)
        book.putInForce(edition.index.version)
        let (ruled, _) = try assigned("路灯问题", shelf(), book, edition.index.version)
        #expect(ruled.topic?.text == "labour" && ruled.unit == TestCounty.works && ruled.suggested?.given == true)
    }

    @Test("is placed by the name of a region in its text")
    func placed() throws {
        let (facts, state) = try assigned("东门村停水", TopicShelf(), counties, version)

        #expect(facts.place == PlaceFinder.Finding(region: RegionCode(validated: "east"), names: ["东门村"]))
        #expect(state.region?.text == "east")
    }

    @Test("teaches the next model when a dispatcher gives it another topic")
    func corrected() throws {
        let (_, state) = try assigned("路灯坏了", shelf(), counties, version)
        let dispatcher = ActingPerson(role: .dispatcher, unit: TestCounty.desk, person: PersonCode(validated: "d-1"))
        let context = FlowContext(now: Instant(microseconds: 1_790_000_000_000_000), counties: counties)
        let target = state.life.lead == TestCounty.works ? TestCounty.roads : TestCounty.works
        let order = DeskOrder.reassign(to: target, reason: "theirs", topic: TopicCode(validated: "schooling"))

        let made = try RoutingProcess().decide(DeskCommand(order, by: dispatcher), on: state, in: context).facts
        var next: RoutingState? = state
        _ = try RoutingProcess().apply(
            event(try #require(made.first as? CaseAssigned), version, source: .routing, 2), to: &next, in: context)

        #expect(next?.assignment?.topic?.text == "schooling" && next?.assignment?.corrected == true)
        #expect(next?.assignment?.suggested == state.assignment?.suggested)
        #expect(throws: Refusal.self) {
            try RoutingProcess().decide(
                DeskCommand(.reassign(to: target, reason: "x", topic: TopicCode(validated: "nothing")), by: dispatcher), on: state,
                in: context)
        }
    }
}
