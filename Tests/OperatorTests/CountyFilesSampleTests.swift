import Foundation
import Models
import Operator
import TestSupport
import Testing

/// The county that the repository ships.
enum SampleCounty {
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("deploy/county").path

    private static let compiled = CountyCompiler.compile(directory: directory)

    private static let prepared = Result { RuleBook(try CountyIndex(try definition())) }

    static func definition() throws -> CountyDefinition { try compiled.get() }

    static func rules() throws -> RuleBook { try prepared.get() }
}

@Suite struct CountyFilesSampleTests {
    @Test("The sample county compiles without a mistake")
    func compiles() throws {
        let definition = try SampleCounty.definition()

        let index = try CountyIndex(definition)
        #expect(definition.code.text == "chengxi")
        #expect(definition.units.filter { $0.kind == .township }.count == 8)
        #expect(definition.topics.count == 12 * (1 + 4 * (1 + 3)))
        #expect(index.version.hasPrefix("c-") && index.version.utf8.count == 18)
    }

    @Test("The sample county's files give the same version however often they are compiled")
    func sameVersion() throws {
        let again = try CountyCompiler.compile(directory: SampleCounty.directory).get()

        #expect(try again.version() == SampleCounty.definition().version())
        #expect(try CountyDefinition(canonicalJSON: again.canonicalJSON()) == again)
    }

    @Test("Every pack of the sample county has a clock from registration and one objection, and cites its source")
    func packs() throws {
        for pack in try SampleCounty.definition().packs {
            #expect(pack.clocks.contains { $0.from.description == "case.registered" }, "\(pack.code)")
            #expect(pack.clock(.objection)?.lapses == true, "\(pack.code)")
            #expect(pack.clocks.allSatisfy { !$0.citation.zh.isEmpty && !$0.citation.en.isEmpty })
        }
    }

    @Test("Every notice of the sample county is written in both languages")
    func notices() throws {
        let index = try CountyIndex(SampleCounty.definition())
        for id in Set(index.definition.templates.map(\.id)) {
            for language in Language.allCases { #expect(index.template(id, language)?.language == language, "\(id)") }
        }
    }

    @Test(
        "The worked examples beside the project come out of the sample county's calendars",
        .enabled(if: SharedData.path("golden-calendar.csv") != nil, SharedData.absence))
    func golden() throws {
        let calendar = try SampleCounty.definition().calendar()
        let rows = try SharedData.rows("golden-calendar.csv")
        #expect(!rows.isEmpty)
        for row in rows {
            let start = try #require(LocalDate(row["start"] ?? ""))
            let unit = try #require(TermUnit(rawValue: row["unit"] ?? ""))
            let roll = try #require(DueRoll(rawValue: row["roll"] ?? ""))
            let count = try #require(Int(row["term"] ?? ""))

            let due = calendar.due(from: start, term: Term(count, unit), roll: roll)

            #expect(due.date.description == row["due"], "\(row)")
            #expect(due.isProvisional == (row["note"] ?? "").hasPrefix("provisional"), "\(row)")
        }
    }
}
