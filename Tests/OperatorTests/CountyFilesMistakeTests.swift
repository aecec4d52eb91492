import Foundation
import Operator
import Testing

/// A change that spoils the smallest county, and the one mistake that must be found.
struct Spoiling: Sendable, CustomTestStringConvertible {
    var file: String
    var old: String
    var new: String
    var line: Int
    var words: String
    var testDescription: String { "\(file):\(line) \(words)" }

    init(_ file: String, _ old: String, _ new: String, _ line: Int, _ words: String) {
        (self.file, self.old, self.new, self.line, self.words) = (file, old, new, line, words)
    }
}

@Suite struct CountyFilesMistakeTests {
    @Test("The smallest county has no mistakes")
    func smallest() throws {
        #expect(try CountyFilesFixture.smallest.mistakes() == [])
    }

    static let spoilings: [Spoiling] = [
        // county.yaml
        Spoiling("county.yaml", "code: tiny", "code: Tiny", 1, "may hold only a-z"),
        Spoiling("county.yaml", "code: tiny\n", "", 1, "lacks \"code\""),
        Spoiling("county.yaml", "time-zone:", "timezone:", 3, "Did you mean \"time-zone\"?"),
        Spoiling("county.yaml", "Asia/Shanghai", "Asia/Atlantis", 3, "is not in"),
        Spoiling("county.yaml", "Asia/Shanghai", "../../../etc/passwd", 3, "is not in"),
        Spoiling("county.yaml", "\"09:00-12:00\"", "\"09:00-25:00\"", 4, "no span of time"),
        Spoiling("county.yaml", "\"09:00-12:00\"", "\"12:00-09:00\"", 4, "end before they begin"),
        Spoiling("county.yaml", "\"13:00-17:00\"", "\"11:00-17:00\"", 4, "overlap"),
        Spoiling("county.yaml", "desk: desk", "desk: dusk", 5, "no unit code \"dusk\". Did you mean \"desk\"?"),
        Spoiling("county.yaml", "standby-desk: edu", "standby-desk: desk", 6, "the dispatch desk itself"),
        Spoiling("county.yaml", "{zh: 小县, en: Tiny}", "小县", 2, "is text, not a group"),
        Spoiling("county.yaml", ", en: Tiny", "", 2, "lacks \"en\""),
        Spoiling("county.yaml", "en: Tiny", "en: \"\"", 2, "is empty"),
        // units.yaml
        Spoiling("units.yaml", "code: edu", "code: desk", 4, "already used in line 3"),
        Spoiling("units.yaml", "parent: county, kind: bureau", "parent: conty, kind: bureau", 4, "Did you mean \"county\"?"),
        Spoiling("units.yaml", "parent: county, kind: bureau", "parent: edu, kind: bureau", 4, "edu → edu"),
        Spoiling("units.yaml", "parent: county, kind: bureau", "kind: bureau", 4, "second unit without a parent"),
        Spoiling("units.yaml", "code: county, kind", "code: county, parent: edu, kind", 2, "county → edu → county"),
        Spoiling("units.yaml", "kind: bureau", "kind: burau", 4, "Did you mean \"bureau\"?"),
        Spoiling("county.yaml", "code: tiny\n", "code: tiny\ndigest-at: 5pm\n", 2, "is no time of day"),
        Spoiling("county.yaml", "code: tiny\n", "code: tiny\ndigest-at: \"20:00\"\n", 2, "outside of the working hours"),
        Spoiling("units.yaml", "kind: bureau", "kind: bureau, email: edu at county", 4, "is no mail address"),
        Spoiling("units.yaml", "kind: bureau", "kind: bureau, phone: 12a", 4, "is no phone number"),
        Spoiling("units.yaml", "kind: bureau", "kind: bureau, language: fr", 4, "is not known"),
        Spoiling(
            "units.yaml", "kind: bureau", "kind: bureau, members: [{person: a-1, role: officer, email: a@b}]", 4, "is no mail address"),
        Spoiling("units.yaml", "kind: bureau", "kind: ministry", 4, "Write one of: county, bureau"),
        Spoiling("units.yaml", "kind: bureau, ", "", 4, "lacks \"kind\""),
        Spoiling("units.yaml", "region: r-north, ", "", 5, "never found by place"),
        Spoiling("units.yaml", "region: r-north", "region: r-south", 5, "no region code \"r-south\""),
        Spoiling("units.yaml", "kind: bureau", "kind: township, region: r-north", 5, "are both the township"),
        Spoiling("units.yaml", "units:", "units: []\nextra:", 2, "knows no \"extra\""),
        Spoiling("units.yaml", "kind: bureau", "kind: bureau, heirs: [desk]", 4, "no \"successor\""),
        Spoiling("units.yaml", "kind: bureau", "kind: bureau, successor: county, heirs: [dusk]", 4, "no unit code \"dusk\""),
        Spoiling("units.yaml", "kind: bureau", "kind: bureau, ended: 2026-11-24", 4, "has no \"successor\""),
        Spoiling("units.yaml", "kind: bureau", "kind: bureau, successor: desk, ended: 2026-02-30", 4, "no date that exists"),
        Spoiling("units.yaml", "kind: bureau", "kind: bureau, successor: edu", 4, "names itself"),
        Spoiling(
            "units.yaml", "code: desk, parent: county, kind: desk, name: {zh: 岗, en: Desk}}\n  - {code: edu, parent: county, kind: bureau",
            "code: desk, parent: county, kind: desk, name: {zh: 岗, en: Desk}, successor: edu}\n  - {code: edu, parent: county, kind: bureau, successor: desk",
            3, "took over from each other in a circle: desk → edu → desk"),
        // regions.yaml
        Spoiling("regions.yaml", "code: r-north", "code: r", 3, "already used in line 2"),
        Spoiling("regions.yaml", "parent: r,", "parent: r-north,", 3, "stand below themselves"),
        Spoiling("regions.yaml", "parent: r,", "parent: q,", 3, "no region code \"q\""),
        Spoiling("regions.yaml", "name: {zh: 北乡", "nam: {zh: 北乡", 3, "Did you mean \"name\"?"),
        // topics.yaml
        Spoiling("topics.yaml", "code: school-fees", "code: school", 5, "already used in line 2"),
        Spoiling(
            "topics.yaml", "name: {zh: 收费, en: Fees}",
            "name: {zh: 收费, en: Fees}\n        topics: [{code: a, name: {zh: a, en: a}, topics: [{code: b, name: {zh: b, en: b}}]}]", 7,
            "at most 3 levels"),
        // rules.yaml
        Spoiling("rules.yaml", "topics: [school]", "topics: [skool]", 5, "Did you mean \"school\"?"),
        Spoiling("rules.yaml", "topics: [school]", "regions: [moon]", 5, "no region code \"moon\""),
        Spoiling("rules.yaml", "unit: edu", "unit: edo", 7, "Did you mean \"edu\"?"),
        Spoiling("rules.yaml", "pack: base", "pack: bass", 7, "Did you mean \"base\"?"),
        Spoiling("rules.yaml", "pack: base", "topic: nothing-like-it", 7, "no topic code"),
        Spoiling("rules.yaml", "pack: base", "urgency: fast", 7, "the urgency \"fast\" is not known"),
        Spoiling("rules.yaml", "any: [学校, 老师]", "any: [学校, 学校]", 6, "twice"),
        Spoiling("rules.yaml", "any: [学校, 老师]", "any: [a]", 6, "cannot be looked for"),
        Spoiling("rules.yaml", "any: [学校, 老师]", "any: []", 6, "empty list"),
        Spoiling("rules.yaml", "any: [学校, 老师]", "any: [[学校]]", 6, "is a list, not text"),
        Spoiling("rules.yaml", "any: [学校, 老师]", "any: [学校]\n      none: [学校]", 7, "both wants and forbids"),
        Spoiling("rules.yaml", "topics: [school]", "kinds: [complaint]", 5, "is not known"),
        Spoiling("rules.yaml", "when:", "if:", 4, "knows no \"if\""),
        Spoiling("rules.yaml", "then: {unit: edu, pack: base}", "then: {}", 7, "lacks \"unit\""),
        Spoiling(
            "rules.yaml", "  - id: school", "  - {id: every, reason: {zh: 一, en: all}, then: {unit: edu}}\n  - id: school", 3,
            "\"every\" before it takes every case"),
        Spoiling(
            "rules.yaml", "  - id: school",
            "  - {id: wide, reason: {zh: 一, en: w}, when: {topics: [school], any: [老师, 学校, 校长]}, then: {unit: edu}}\n  - id: school", 3,
            "takes all cases that it would"),
        Spoiling(
            "rules.yaml", "  - id: school",
            "  - {id: school, reason: {zh: 一, en: w}, when: {kinds: help}, then: {unit: edu}}\n  - id: school", 3, "already used"),
        // packs
        Spoiling("packs/base.yaml", "term: 15 days", "term: -15 days", 14, "is negative"),
        Spoiling("packs/base.yaml", "term: 15 days", "term: 0 days", 14, "is zero"),
        Spoiling("packs/base.yaml", "term: 15 days", "term: 15", 14, "no term"),
        Spoiling("packs/base.yaml", "term: 15 days", "term: 15 weeks", 14, "no term"),
        Spoiling("packs/base.yaml", "term: 15 days", "term: 99999 days", 14, "longer than ten years"),
        Spoiling("packs/base.yaml", "term: 15 days", "term: 2 hours\n    roll: next-workday", 15, "cannot roll"),
        Spoiling("packs/base.yaml", "from: case.registered", "from: case.registerd", 13, "Did you mean \"case.registered\"?"),
        Spoiling("packs/base.yaml", "from: case.registered", "from: case.accepted", 16, "both starts and ends"),
        Spoiling("packs/base.yaml", "    ends-with: [case.accepted]", "    kinds: [claim]", 11, "nothing ends this clock"),
        Spoiling("packs/base.yaml", "warnings: [50, 99]", "warnings: [99, 50]", 5, "not in ascending order"),
        Spoiling("packs/base.yaml", "warnings: [50, 99]", "warnings: [50, 100]", 5, "out of range"),
        Spoiling("packs/base.yaml", "from: case.registered", "from: clock.passed", 13, "go round in circles"),
        Spoiling(
            "packs/base.yaml", "    - {after: 1 workday, audience: [supervisor]}",
            "    - {after: 1 workday, audience: [supervisor]}\n    - {after: 2 days, audience: [leader]}", 9, "different units"),
        Spoiling("packs/base.yaml", "warnings: [50, 99]", "warnings: &again [50, 99]\n  warned: *again", 5, "anchor or alias"),
        Spoiling(
            "packs/base.yaml", "term: 15 days",
            "term: 15 days\n    extension: {times: 2, longest: 10 days, citation: {zh: 一, en: one}}", 15,
            "longer than the term of 15 days"),
        Spoiling("packs/base.yaml", "warnings: [50, 99]", "warnings: [half]", 5, "no whole number"),
        Spoiling("packs/base.yaml", "  warned: [officer]\n", "", 5, "only make sense together"),
        Spoiling("packs/base.yaml", "audience: [supervisor]", "audience: [superviser]", 9, "Did you mean \"supervisor\"?"),
        Spoiling("packs/base.yaml", "ends-with: [case.accepted]", "ends-with: [case.accepted]\n    lapses: yes", 17, "Write true or false"),
        Spoiling(
            "packs/base.yaml", "ends-with: [case.accepted]",
            "ends-with: [case.accepted]\n    lapses: true\n    ladder: {at-due: [officer]}", 18,
            "urges nobody"),
        Spoiling("packs/base.yaml", "citation: {zh: 条例, en: Regulation}\n", "", 1, "lacks \"citation\""),
        Spoiling("packs/base.yaml", "code: base", "code: base\napplies: {urgencies: [urgent]}", 1, "would have no clocks"),
        Spoiling(
            "packs/base.yaml", "from: case.registered", "from: case.assigned", 1, "no clock that runs from the registration of any case"),
        Spoiling(
            "packs/base.yaml", "term: 15 days", "term: set-when-started", 1, "no clock that runs from the registration of any case"),
        Spoiling(
            "packs/base.yaml", "term: 15 days", "term: 15 days\n    kinds: [claim, help]", 1,
            "no clock that runs from the registration of"),
        Spoiling(
            "packs/base.yaml", "ends-with: [case.accepted]", "ends-with: [case.assigned]", 1,
            "no clock that runs from the registration of any case"),
        // duties
        Spoiling(
            "county.yaml", "standby-desk: edu", "standby-desk: edu\nduties: [{level: county, days: 29, per: month}]", 7, "out of range"),
        Spoiling("county.yaml", "standby-desk: edu", "standby-desk: edu\nduties: [{level: city, days: 1, per: month}]", 7, "is not known"),
        Spoiling(
            "county.yaml", "standby-desk: edu",
            "standby-desk: edu\nduties:\n  - {level: county, days: 1, per: month}\n  - {level: county, days: 2, per: week}", 9,
            "has a duty already"),
        // calendars
        Spoiling("calendars/2026.yaml", "2026-04-04..2026-04-06", "2026-02-28..2026-02-30", 6, "no date that exists"),
        Spoiling("calendars/2026.yaml", "2026-04-04..2026-04-06", "2026-04-06..2026-04-04", 6, "ends before it begins"),
        Spoiling("calendars/2026.yaml", "2026-04-04..2026-04-06", "2026-04-04-2026-04-06", 6, "no date that exists"),
        Spoiling("calendars/2026.yaml", "2026-04-04..2026-04-06", "2026-01-03..2026-01-03", 6, "also a holiday in calendars/2026.yaml:5"),
        Spoiling("calendars/2026.yaml", "2026-04-04..2026-04-06", "2027-04-04..2027-04-06", 6, "does not lie in 2026"),
        Spoiling("calendars/2026.yaml", "2026-04-04..2026-04-06", "2026-04-04..2026-09-06", 6, "longer than a month"),
        Spoiling("calendars/2026.yaml", "make-up: [2026-01-04]", "make-up: [2026-01-05]", 7, "is a Monday"),
        Spoiling("calendars/2026.yaml", "make-up: [2026-01-04]", "make-up: [2026-01-03]", 7, "also a holiday"),
        Spoiling("calendars/2026.yaml", "make-up: [2026-01-04]", "make-up: [2026-01-04, 2026-01-04]", 7, "twice"),
        Spoiling("calendars/2026.yaml", "year: 2026", "year: twenty", 1, "no whole number"),
        Spoiling("calendars/2026.yaml", "published: true", "published: maybe", 2, "Write true or false"),
        Spoiling("calendars/2026.yaml", "notice: 通知\n", "", 1, "lacks \"notice\""),
        // templates
        Spoiling(
            "templates/receipt.yaml", "      {{title}}\n      {{#county}}", "      {{title}}\n      {{titel}} {{#county}}", 7,
            "Did you mean \"title\"?"),
        Spoiling("templates/warned.yaml", "{{title}}", "{{queryCode}}", 6, "no field \"queryCode\""),
        Spoiling("templates/receipt.yaml", "{{/county}}", "", 7, "never closed"),
        Spoiling("templates/receipt.yaml", "{{#county}}", "", 7, "closes no open section"),
        Spoiling("templates/receipt.yaml", "{{title}}", "{{> other}}", 6, "not allowed"),
        Spoiling("templates/receipt.yaml", "{{title}}", "{{title", 6, "never closed"),
        Spoiling("templates/receipt.yaml", "id: receipt", "id: recipt", 1, "Did you mean \"receipt\"?"),
        Spoiling("templates/receipt.yaml", "language: zh", "language: fr", 3, "Write one of: zh, en"),
        Spoiling("templates/receipt.yaml", "language: en", "language: zh", 8, "already a text"),
        Spoiling("templates/receipt.yaml", "language: en", "channel: pigeon\n    language: en", 8, "is not known"),
        // any file
        Spoiling("regions.yaml", "  - {code: r,", "\t- {code: r,", 2, "a tab"),
        Spoiling("regions.yaml", "{zh: 县, en: County}", "&a {zh: 县, en: County}", 2, "anchor or alias"),
        Spoiling("regions.yaml", "{zh: 县, en: County}", "*a", 2, "anchor or alias"),
        Spoiling("regions.yaml", "zh: 县", "zh: !!binary 县", 2, "a tag"),
        Spoiling("regions.yaml", "zh: 县", "zh: \"\u{7}\"", 2, "control character"),
        Spoiling("regions.yaml", "regions:", "regions", 2, "Correct the YAML"),
        Spoiling("regions.yaml", "{zh: 县, en: County}}", "{zh: 县, en: County}", 3, "Correct the YAML"),
        Spoiling("regions.yaml", "name: {zh: 北乡", "code: x, name: {zh: 北乡", 3, "\"code\" is given twice"),
        Spoiling("regions.yaml", "{zh: 县, en: County}", String(repeating: "[", count: 40), 2, "nested too deeply"),
    ]

    @Test("A mistake is found in its line, and the sentence says what and how", arguments: spoilings)
    func found(_ spoiling: Spoiling) throws {
        let county = try CountyFilesFixture.smallest.replacing(spoiling.old, in: spoiling.file, with: spoiling.new)

        let mistakes = try county.mistakes()

        let isFound = mistakes.contains { $0.file == spoiling.file && $0.line == spoiling.line && $0.description.contains(spoiling.words) }
        #expect(isFound, "\(mistakes.map(\.description).joined(separator: "\n"))")
        #expect(
            mistakes.allSatisfy {
                $0.line >= 1 && !$0.remedy.isEmpty && !$0.reason.hasSuffix(".") && $0.remedy.last.map { ".?".contains($0) } == true
            })
    }

    @Test("All mistakes are found at once, in the order of files and lines")
    func everyMistake() throws {
        var county = CountyFilesFixture.smallest
        let chosen = [
            Self.spoilings[0], Self.spoilings[7], Spoiling("calendars/2026.yaml", "2026-04-06", "2026-04-31", 6, "no date that exists"),
            Spoiling("rules.yaml", "[school]", "[skool]", 5, "skool"), Spoiling("rules.yaml", "edu", "ed", 7, "unit code \"ed\""),
            Spoiling("packs/base.yaml", "15 days", "15 dais", 14, "no term"),
            Spoiling("templates/passed.yaml", "{{title}}", "{{x}}", 6, "field"),
        ]
        for spoiling in chosen { county = try county.replacing(spoiling.old, in: spoiling.file, with: spoiling.new) }

        let mistakes = try county.mistakes()

        for spoiling in chosen {
            #expect(
                mistakes.contains { $0.file == spoiling.file && $0.line == spoiling.line && $0.description.contains(spoiling.words) },
                "\(spoiling.words)")
        }
        #expect(mistakes.count == chosen.count, "\(mistakes.map(\.description).joined(separator: "\n"))")
        #expect(mistakes == mistakes.sorted())
    }
}
