import CaseFlow
import Models
import Routing
import TestSupport
import Testing

@testable import Operator

/// Other rules tried on cases of the past.
@Suite("A replay of routing")
struct RoutingReplayTests {
    private static func facts(
        _ text: String, topic: TopicCode? = nil, tags: [HouseholdTag]? = nil, onTheSpot: Bool? = nil
    ) -> CaseRegistered {
        CaseRegistered(
            number: "n-\(text)", kind: .claim, channel: .web, urgency: .ordinary, title: text, narrative: text, topic: topic, region: nil,
            occurred: nil, anonymous: true, petitioners: [], registered: Instant(microseconds: 1_764_000_000_000_000), receipt: "00",
            onTheSpot: onTheSpot, tags: tags)
    }

    private static func past(_ facts: CaseRegistered, _ lead: UnitCode?, handler: UnitCode? = nil, topic: TopicCode? = nil) -> PastCase {
        PastCase(subject: Subject(UniqueID(high: 1, low: 1)), facts: facts, lead: lead, topic: topic, handler: handler)
    }

    private static func replay(_ cases: [PastCase], _ change: (inout CountyDefinition) -> Void = { _ in }) throws -> RoutingReplay {
        var definition = TestCounty.whole()
        change(&definition)
        var replay = RoutingReplay(try CountyBook.Edition(definition), topics: TopicShelf())
        for past in cases { replay.take(past) }
        return replay
    }

    @Test("counts who would have got another unit, and how often either was right")
    func counts() throws {
        let replay = try Self.replay([
            Self.past(Self.facts("road"), TestCounty.roads, handler: TestCounty.roads),
            Self.past(Self.facts("road"), TestCounty.works, handler: TestCounty.works),
            Self.past(Self.facts("school"), TestCounty.desk, handler: TestCounty.education),
            Self.past(Self.facts("school"), TestCounty.desk, handler: TestCounty.works), Self.past(Self.facts("lamp"), TestCounty.desk),
            Self.past(Self.facts("x", onTheSpot: true), nil), Self.past(Self.facts("y"), nil),
        ])

        #expect(replay.cases == 5 && replay.settled == 1 && replay.unassigned == 1 && replay.changed == 3)
        #expect(replay.leads == [.init(from: "works", to: "roads"): 1, .init(from: "desk", to: "edu"): 2])
        #expect(replay.hits == .init(cases: 4, then: 2, now: 2, both: 1))
        #expect(replay.before == [TestCounty.roads: 1, TestCounty.works: 1, TestCounty.desk: 3])
        #expect(replay.after == [TestCounty.roads: 2, TestCounty.education: 2, TestCounty.desk: 1])
    }

    @Test("counts a unit that has ended as the one that has its duties")
    func succession() throws {
        let replay = try Self.replay([Self.past(Self.facts("road"), TestCounty.roads, handler: TestCounty.roads)]) {
            $0 = TestCounty.whole(merged: true)
        }

        #expect(replay.changed == 0 && replay.hits == .init(cases: 1, then: 1, now: 1, both: 1) && replay.after == [TestCounty.works: 1])
    }

    @Test("counts other topics, and cases that would be kept confidential")
    func topics() throws {
        let topic = TopicCode(validated: "paving")
        let cases = [
            Self.past(Self.facts("road"), TestCounty.roads), Self.past(Self.facts("road", topic: topic), TestCounty.roads, topic: topic),
            Self.past(Self.facts("school", tags: [.needy]), TestCounty.education),
        ]
        let replay = try Self.replay(cases) { definition in
            definition.topics = [CountyTopic(code: topic, parent: nil, name: LocalizedText(zh: "铺", en: "paving"))]
            definition.rules[2].then.topic = topic
            definition.rules[1].when.tags = [.needy]
            definition.rules[1].then.confidential = true
        }

        #expect(replay.topics == [.init(from: nil, to: "paving"): 1] && replay.newlyConfidential == 1 && replay.changed == 0)
    }

    @Test("is told in figures and codes: numbers of cases only when they are asked for, and never a text")
    func report() throws {
        let replay = try Self.replay([
            Self.past(Self.facts("secret school"), TestCounty.desk, handler: TestCounty.education),
            Self.past(Self.facts("secret road"), TestCounty.roads),
        ])
        func report(_ listsCases: Bool) throws -> ReplayReport {
            ReplayReport(
                replay: replay, since: try #require(LocalDate("2026-01-01")), county: "c-1", model: nil, confidential: 7,
                listsCases: listsCases)
        }
        let (plain, whole) = (try report(false), try report(true))

        #expect(!plain.text.contains("secret") && !plain.json.text.contains("secret"))
        #expect(whole.text.contains("n-secret school") && !whole.text.contains("n-secret road"))
        #expect(plain.text.contains("another lead unit: 1 (50.0 %)") && plain.text.contains("7 confidential"))
        #expect(plain.json["leads"]?["changed"] == .integer(1) && plain.json["confidential"] == .integer(7) && plain.json["changes"] == nil)
        #expect(plain.json["handled"]?["rightNow"] == .integer(1) && plain.json["handled"]?["rightThen"] == .integer(0))
        #expect(whole.json["changes"]?.elements.first?["rule"] == .string("schools"))
    }

    @Test("of no cases says so without dividing by them")
    func nothing() throws {
        let report = ReplayReport(
            replay: try Self.replay([]), since: try #require(LocalDate("2026-01-01")), county: "c-1", model: "t-1", confidential: 0,
            listsCases: true)

        #expect(report.text.hasPrefix("0 cases since 2026-01-01, by county c-1 and topic model t-1\n") && !report.text.contains("nan"))
    }
}

@Suite("The table of loads")
struct UnitLoadTextTests {
    @Test("has the unit with most open cases first, and times that a person can read")
    func table() throws {
        let answer = try JSONValue(
            parsing: Array(
                #"{"units":[{"unit":"a","open":2,"helping":1,"received":0,"given":3,"accepted":0,"medianSeconds":null},{"unit":"b","open":12,"helping":0,"received":4,"given":0,"accepted":9,"medianSeconds":187200}]}"#
                    .utf8))

        let lines = UnitCommand.Load.text(answer).split(separator: "\n")
        #expect(lines.count == 3 && lines[1].hasPrefix("b") && lines[1].hasSuffix("2 d 4 h") && lines[2].hasSuffix("-"))
        #expect(
            [59, 60, 3599, 3600, 86_399, 86_400].map { UnitCommand.Load.duration($0) } == [
                "59 s", "1 min 0 s", "59 min 59 s", "1 h 0 min", "23 h 59 min", "1 d 0 h",
            ])
    }
}
