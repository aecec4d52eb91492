import CaseFlow
import Models
import Postgres
import TestSupport
import Testing

@testable import Operator
@testable import Routing

/// What is read of the cases of a house: loads of units, and cases of the past for other rules.
@Suite("Cases of a house are read", .timeLimit(.minutes(3)))
struct RoutingReadingTests {
    private static func officer(_ unit: UnitCode) -> ActingPerson {
        ActingPerson(role: .officer, unit: unit, person: PersonCode(validated: "\(unit)-officer"))
    }
    private static let dispatcher = ActingPerson(role: .dispatcher, unit: TestCounty.desk, person: PersonCode(validated: "dispatcher-1"))
    private static let answer = AnswerText(claim: "c", facts: "f", opinion: .support, conclusion: "d", basis: "l")

    /// The test county, where a rule keeps cases with one word confidential and roads asks works to help.
    private static func county() -> CountyDefinition {
        var definition = TestCounty.whole()
        definition.rules[2].then.co = [RuleCoHandling(unit: TestCounty.education, task: "look", workdays: 3)]
        definition.rules.append(
            Rule(
                id: RuleCode(validated: "hush"), reason: LocalizedText(zh: "密", en: "hush"), when: RuleConditions(anyWords: ["hush"]),
                then: RuleAction(lead: .unit(TestCounty.works), confidential: true)))
        return definition
    }

    /// Two open roads, one answered at works, one accusation, two that a rule keeps confidential.
    private static func house() async throws -> HouseCases {
        var house = try await HouseCases(county())
        try await house.add("a road", (.accept(officer: nil), officer(TestCounty.roads)))
        try await house.add("a road, again")
        try await house.add(
            "a road and a lamp", topic: nil, (.excuseCoHandler(TestCounty.education, reason: "r"), dispatcher),
            (.reassign(to: TestCounty.works, reason: "r"), dispatcher), (.accept(officer: nil), officer(TestCounty.works)),
            (.answer(answer), officer(TestCounty.works)))
        try await house.add("a road", kind: .accusation)
        try await house.add("hush", (.accept(officer: nil), officer(TestCounty.works)))
        try await house.add("hush, a road", tags: [.needy])
        return house
    }

    @Test("Loads count open work, parts, hand-offs and acceptances, and nothing of confidential cases")
    func loads() async throws {
        let house = try await Self.house()
        try await house.client.run("SET search_path TO routing")
        // Years ago by the clock of the database, as far as these cases go.
        try await house.client.run("UPDATE unit_moves SET at = now() - interval '1 hour'")
        let book = LoadBook(client: house.client)

        let count = try await book.count()
        let open = try await book.open()

        let (roads, works) = (try #require(count.units[TestCounty.roads]), try #require(count.units[TestCounty.works]))
        #expect(roads.open == 2 && roads.given == 1 && roads.accepted == 1 && roads.medianSeconds == 3600 && roads.received == 0)
        #expect(works.open == 1 && works.received == 1 && works.accepted == 1 && works.given == 0)
        #expect(count.units[TestCounty.education]?.helping == 2 && count.units[TestCounty.discipline] == nil)
        #expect(open.open(of: TestCounty.roads) == 2 && open.open(of: TestCounty.discipline) == 0)
        try await house.client.run("UPDATE unit_moves SET at = now() - interval '91 days' WHERE unit = 'works'")
        try await book.forget()
        #expect(try await house.client.run("SELECT count(*) FROM unit_moves").first?.value(0) == 2)
        // Within some seconds the same is told.
        #expect(try await book.count().units == count.units)
        await house.client.close()
    }

    @Test("Past cases are placed by other rules and compared, and confidential ones are only counted")
    func replay() async throws {
        let house = try await Self.house()
        var definition = Self.county()
        definition.rules.insert(
            Rule(
                id: RuleCode(validated: "lamps"), reason: LocalizedText(zh: "灯", en: "lamps"), when: RuleConditions(anyWords: ["lamp"]),
                then: RuleAction(lead: .unit(TestCounty.works), topic: nil)), at: 0)
        let edition = try CountyBook.Edition(definition)
        func read(since: Instant) async throws -> (RoutingReplay, Int) {
            try await house.client.withTransaction { transaction in
                try await transaction.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                var replay = RoutingReplay(edition, topics: TopicShelf())
                let hidden = try await PastCases(transaction: transaction, since: since).forEach { replay.take($0) }
                return (replay, hidden)
            }
        }

        let (replay, hidden) = try await read(since: Instant(microseconds: 0))
        #expect(replay.cases == 3 && hidden == 3 && replay.settled == 0 && replay.unassigned == 0)
        #expect(replay.leads == [RoutingReplay.Move(from: "roads", to: "works"): 1] && replay.topics == [:])
        #expect(replay.hits == RoutingReplay.Hits(cases: 1, then: 0, now: 1, both: 0))
        #expect(replay.before == [TestCounty.roads: 3] && replay.after == [TestCounty.roads: 2, TestCounty.works: 1])
        #expect(replay.changes.map(\.rule?.text) == ["lamps"] && replay.newlyConfidential == 0)
        let none = try await read(since: house.now + .seconds(1))
        #expect(none.0.cases == 0 && none.1 == 0)
        await house.client.close()
    }

    @Test("No topic model learns from a case that a rule keeps confidential")
    func examples() async throws {
        var definition = Self.county()
        definition.topics = [
            CountyTopic(code: TopicCode(validated: "traffic"), parent: nil, name: LocalizedText(zh: "交通", en: "traffic"))
        ]
        var house = try await HouseCases(definition)
        let topic = TopicCode(validated: "traffic")
        try await house.add("a road", topic: topic)
        try await house.add("hush", topic: topic)
        try await house.client.run("UPDATE intake.cases SET stage = 'closed'")

        let examples = try await HouseExamples(client: house.client).examples(atMost: 10)
        #expect(examples.map(\.topic) == ["traffic"] && examples.allSatisfy { $0.text.contains("road") })
        // The mark on the case itself is enough.
        try await house.client.run("UPDATE intake.cases SET circle = NULL")
        #expect(try await HouseExamples(client: house.client).examples(atMost: 10).count == 1)
        await house.client.close()
    }
}
