import CaseFlow
import Logging
import Models
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Routing

/// Issues as they stand in the tables: gathered, told once, handed to another process, and cooled down.
@Suite("Issues are kept", .timeLimit(.minutes(3)))
struct IssueKeeperTests {
    /// What was stated, in place of routing, which states each name once.
    private final class Told: Sendable {
        private let names = Mutex<[ClaimKey: IssueHeating]>([:])

        var all: [IssueHeating] { names.withLock { Array($0.values) } }

        func take(_ heating: IssueHeating, _ name: ClaimKey) -> Answer {
            names.withLock { names in
                if names[name] != nil { return .repeated([]) }
                names[name] = heating
                return .done([])
            }
        }
    }

    private static func county() -> CountyDefinition {
        var definition = TestCounty.whole()
        definition.rules.insert(
            Rule(
                id: RuleCode(validated: "hush"), reason: LocalizedText(zh: "密", en: "hush"), when: RuleConditions(anyWords: ["hush"]),
                then: RuleAction(lead: .unit(TestCounty.works), confidential: true)), at: 0)
        definition.hotIssues = HotIssueRule(days: 30, least: 3, cases: 100, people: 100, growth: 0, likes: 0, alarm: 800)
        return definition
    }

    private static func keeper(_ house: HouseCases, _ told: Told) throws -> IssueKeeper {
        let index = try CountyIndex(county())
        return IssueKeeper(
            client: house.client, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, county: { index },
            state: { heating, _, name in told.take(heating, name) })
    }

    private static func count(_ house: HouseCases, _ sql: SQL) async throws -> Int {
        try await house.client.run(sql).first?.value(0) ?? 0
    }

    @Test("one process gathers, tells each level once, and hands on to another that goes on under the same names")
    func keeping() async throws {
        var house = try await HouseCases(Self.county())
        try await house.client.run("SET search_path TO routing")
        let (told, words) = (Told(), "the concrete plant beside the new town makes noise all night")
        for number in 0..<4 { try await house.add("\(words), house \(number)") }
        try await house.add("hush: \(words), house 9")
        try await house.add("a lamp is out at the river bank road since monday")
        let (first, second) = (try Self.keeper(house, told), try Self.keeper(house, told))

        #expect(try await first.pass(at: house.now) == 5)
        #expect(try await second.pass(at: house.now) == 0)

        #expect(try await Self.count(house, "SELECT count(*) FROM matters") == 5)
        #expect(try await Self.count(house, "SELECT count(*) FROM matters_waiting") == 0)
        #expect(try await Self.count(house, "SELECT count(*) FROM issues") == 1)
        #expect(try await Self.count(house, "SELECT count(*) FROM issue_cases") == 4)
        #expect(try await Self.count(house, "SELECT count(*) FROM likenesses WHERE subject > other AND likeness >= 600") >= 3)
        let issue = try #require(try await IssueRows(client: house.client).list(of: nil, after: nil, limit: 10).first)
        #expect(issue.heat == IssueHeat(cases: 4, people: 4, growth: issue.heat.growth, likes: 0, index: 800))
        #expect(told.all.map(\.level) == [1] && told.all.first?.heat.cases == 4)
        _ = try await first.pass(at: house.now)
        #expect(told.all.count == 1)

        // The first falls silent in the middle of its work.
        try await house.add("\(words), house 4")
        try await house.add("\(words), house 5")
        try await house.client.run("UPDATE issue_keeper SET at = now() - interval '1 minute'")
        #expect(try await second.pass(at: house.now) == 2)
        #expect(try await first.pass(at: house.now) == 0)

        #expect(try await Self.count(house, "SELECT count(*) FROM issues") == 1)
        let grown = try #require(try await IssueRows(client: house.client).issue(issue.subject))
        #expect(grown.heat.cases == 6 && grown.heat.index == 1_200)
        #expect(Set(told.all.map(\.level)) == [1, 2] && grown.told == 2)

        // Nobody has written of it for longer than counts.
        try await house.client.run("UPDATE matters SET registered_at = registered_at - interval '31 days'")
        _ = try await second.pass(at: house.now + .seconds(120))
        let cold = try #require(try await IssueRows(client: house.client).issue(issue.subject))
        #expect(cold.heat.index == 0 && cold.told == 0 && cold.wave == 1)
        #expect(told.all.count == 2)
    }

    @Test("a process that fails in the middle has forgotten nothing and put down nothing twice")
    func failure() async throws {
        var house = try await HouseCases(Self.county())
        try await house.client.run("SET search_path TO routing")
        let told = Told()
        for number in 0..<3 { try await house.add("the concrete plant beside the new town makes noise, house \(number)") }
        let keeper = try Self.keeper(house, told)
        try await house.client.run("ALTER TABLE issue_cases RENAME TO gone")

        await #expect(throws: PostgresError.self) { _ = try await keeper.pass(at: house.now) }
        try await house.client.run("ALTER TABLE gone RENAME TO issue_cases")
        #expect(try await Self.count(house, "SELECT count(*) FROM matters_waiting") == 3)
        #expect(try await keeper.pass(at: house.now) == 3)

        #expect(try await Self.count(house, "SELECT count(*) FROM issue_cases") == 3)
        #expect(try await Self.count(house, "SELECT count(*) FROM issues") == 1)
    }

    @Test("a unit has a part in an issue by its cases in that issue alone")
    func ownCases() async throws {
        var house = try await HouseCases(Self.county())
        try await house.client.run("SET search_path TO routing")
        for number in 0..<3 { try await house.add("the concrete plant beside the new town makes noise, house \(number)") }
        for number in 0..<3 { try await house.add("no bus has come to the village on the hill for weeks, stop \(number)") }
        _ = try await Self.keeper(house, Told()).pass(at: house.now)
        let rows = IssueRows(client: house.client)
        let issues = try await rows.list(of: nil, after: nil, limit: 10).map(\.subject)
        #expect(issues.count == 2)
        let (first, second) = (try #require(issues.first), try #require(issues.last))
        let unit = UnitCode(validated: "elsewhere")
        try await house.client.run(
            "UPDATE cases SET unit = \(unit.text) WHERE subject IN (SELECT subject FROM issue_cases WHERE issue = \(second))")

        #expect(try await rows.latestCases(of: [first], at: [unit]).isEmpty)
        let found = try await rows.latestCases(of: issues, at: [unit])

        #expect(found.keys.map { $0 } == [second] && found[second]?.count == 3)
        #expect(Set(found[second] ?? []) == Set(try await rows.cases(of: second, before: nil, limit: 10)))
    }
}
