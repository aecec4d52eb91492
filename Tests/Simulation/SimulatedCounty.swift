import CaseFlow
import Models
import TestModels

/// The county of a simulation: the whole test county, with rules that ask others to help, spread work and keep cases confidential.
///
/// Its editions differ in who has whose duties and in the days that are worked.
struct SimulatedCounty {
    private(set) var editions: [CountyDefinition] = []
    /// Every edition that may have been published.
    private(set) var book = CountyBook()

    /// The next edition; every other has the roads office's duties with the works office.
    mutating func revise(_ world: SimulatedWorld) -> CountyDefinition {
        var definition = Self.definition(merged: editions.count % 2 == 1)
        if !editions.isEmpty { definition.years = [Self.year(2026, world), Self.year(2027, world)] }
        if let edition = try? CountyBook.Edition(definition) { book.add(edition) }
        editions.append(definition)
        return definition
    }

    private static func definition(merged: Bool) -> CountyDefinition {
        var definition = TestCounty.whole(merged: merged)
        func help(_ unit: UnitCode) -> RuleCoHandling { RuleCoHandling(unit: unit, task: "t", workdays: 2) }
        for index in definition.rules.indices {
            switch definition.rules[index].id.text {
            case "accusations": definition.rules[index].then.co = [help(TestCounty.education), help(TestCounty.roads)]
            case "roads": definition.rules[index].then.co = [help(TestCounty.education), help(TestCounty.works)]
            default: break
            }
        }
        definition.rules.append(
            Rule(
                id: RuleCode(validated: "fires"), reason: LocalizedText(zh: "火", en: "fires"), when: RuleConditions(anyWords: ["fire"]),
                then: RuleAction(
                    lead: .leastLoaded([TestCounty.works, TestCounty.roads, TestCounty.education]), co: [help(TestCounty.school)],
                    confidential: true)))
        return definition
    }

    /// A year whose holidays are drawn by lot.
    private static func year(_ year: Int, _ world: SimulatedWorld) -> CalendarYear {
        let holidays = (1...12).compactMap { month -> Holiday? in
            let first = 1 + world.pick(20)
            guard world.chance(0.5), let from = LocalDate(year: year, month: month, day: first),
                let to = LocalDate(year: year, month: month, day: first + world.pick(7))
            else { return nil }
            return Holiday(name: LocalizedText(zh: "节", en: "holiday"), first: from, last: to)
        }
        return CalendarYear(year: year, isPublished: world.chance(0.8), notice: "n", holidays: holidays, makeUpDays: [])
    }
}
