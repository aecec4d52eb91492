import Models
import TestSupport
import Testing

@testable import Operator

@Suite("The difference of two county definitions")
struct CountyDiffTests {
    private let old = TestCounty.whole()

    private func sentences(_ change: (inout CountyDefinition) -> Void) -> [String] {
        var new = old
        change(&new)
        return CountyDiff(from: old, to: new).changes.map(\.sentence)
    }

    @Test("is nothing between a definition and itself, in whatever order its units stand")
    func same() {
        #expect(sentences { $0.units.reverse() } == [])
    }

    @Test("names units that are new, gone, renamed, moved, taken over and led by others")
    func units() throws {
        let found = sentences { new in
            new.units.removeAll { $0.code == TestCounty.city }
            for index in new.units.indices {
                switch new.units[index].code {
                case TestCounty.school: new.units[index].parent = TestCounty.county
                case TestCounty.roads: new.units[index].successor = TestCounty.works
                case TestCounty.works: new.units[index].name = LocalizedText(zh: "工程", en: "Works")
                case TestCounty.education: new.units[index].members = [.init(person: PersonCode(validated: "new-head"), role: .unitHead)]
                default: break
                }
            }
            let name = LocalizedText(zh: "新局", en: "new bureau")
            new.units.append(CountyUnit(code: UnitCode(validated: "fresh"), parent: TestCounty.county, kind: .bureau, name: name))
        }

        #expect(
            found == [
                "Unit city (city) is gone.", "Unit fresh (新局 new bureau) is new, below county.",
                "Unit edu: edu-head is no unit-head of it any more.", "Unit edu: new-head is unit-head of it.",
                "Unit \(TestCounty.school) moves from edu to county.", "Unit roads ends; works takes over its duties (Article 24).",
                "Unit works was called works and is called 工程 Works.",
            ])
    }

    @Test("tells a rule that is tried in another place from those that made room for it")
    func rules() {
        let found = sentences { new in
            let first = new.rules.removeFirst()
            new.rules.append(first)
            new.rules[0].when.titleWords = ["classroom"]
            new.rules.append(
                Rule(
                    id: RuleCode(validated: "rest"), reason: .init(zh: "其余", en: "rest"), when: .init(),
                    then: .init(lead: .unit(TestCounty.desk))))
        }

        #expect(
            found == [
                "Rule rest (其余 rest) is new and is tried after accusations.", "Rule accusations is tried in another place: after roads.",
                "Rule schools: when/titleWords was none and is \"classroom\".",
            ])
        #expect(sentences { $0.rules.removeLast() } == ["Rule roads (roads) is gone."])
    }

    @Test("says what becomes of the terms of a pack, its clocks and its ladder")
    func packs() {
        let found = sentences { new in
            new.packs[0].clocks.removeLast()
            new.packs[0].clocks[0].term = Term(1, .workday)
            new.packs[0].clocks[1].lapses = true
            new.packs[0].ladder.warnings = [75]
        }

        #expect(
            found == [
                "Pack national has no clock assist any more.", "Pack national, clock dispose: the term was 15 days and is 1 workday.",
                "Pack national, clock inform: lapses was false and is true.", "Pack national: ladder/warnings was 50, 90 and is 75.",
            ])
    }

    @Test("goes day by day through the calendar, and through topics, regions, texts and duties")
    func others() throws {
        let day = try #require(LocalDate("2026-10-01"))
        let found = sentences { new in
            let name = LocalizedText(zh: "国庆", en: "National Day")
            new.years = [
                CalendarYear(
                    year: 2026, isPublished: true, notice: "", holidays: [.init(name: name, first: day, last: day + 1)],
                    makeUpDays: [day + 9])
            ]
            new.topics.append(CountyTopic(code: TopicCode(validated: "roads"), parent: nil, name: .init(zh: "路", en: "roads")))
            new.templates[0].body = "other"
            new.duties = [DutyRule(level: .county, days: 2, per: .month)]
            new.desk = TestCounty.county
        }

        #expect(
            found == [
                "The dispatch desk was desk and is county.", "The topic roads (路 roads) is new.", "The holidays of 2026 are published.",
                "2026-10-01 was an ordinary day and is a holiday (国庆 National Day).",
                "2026-10-02 was an ordinary day and is a holiday (国庆 National Day).",
                "2026-10-10 was an ordinary day and is a make-up working day.", "The text receipt/zh/any reads otherwise.",
                "Leaders of level township owe no days of duty any more.",
                "Leaders of level county owed 1 in each month and owe 2 in each month.",
            ])
    }

    @Test("names in sentences the open cases that it touches, ten of many, and no confidential one")
    func touched() {
        let touched = TouchedCases(
            units: ["roads": .init(numbers: ["c-1"]), "works": .init()], packs: ["national": .init(numbers: (1...20).map { "c-\($0)" })],
            rules: ["schools": .init(numbers: ["c-1", "c-2"], confidential: 1), "works": .init(confidential: 2)])

        #expect(
            touched.sentences == [
                "1 open case with unit roads: c-1.",
                "20 open cases under pack national, with the terms they began under: "
                    + "c-1, c-2, c-3, c-4, c-5, c-6, c-7, c-8, c-9, c-10 and 10 more, which --json lists.",
                "3 open cases sent by rule schools, where they stay: c-1, c-2, and 1 confidential.",
                "2 open cases sent by rule works, where they stay: 2 confidential.",
            ])
    }
}
