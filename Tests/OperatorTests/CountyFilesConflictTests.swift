import Models
import Operator
import Testing

/// Rules that contradict each other, as the compiler finds them.
@Suite struct CountyFilesConflictTests {
    /// The mistakes of the smallest county with these rules, each `id` with its conditions and action as in the file.
    private func mistakes(_ rules: (id: String, when: String, then: String)...) throws -> [CountyMistake] {
        try county(rules).mistakes()
    }

    private func county(_ rules: [(id: String, when: String, then: String)]) -> CountyFilesFixture {
        var county = CountyFilesFixture.smallest
        county.files["rules.yaml"] =
            "rules:\n"
            + rules.map {
                "  - {id: \($0.id), reason: {zh: 一, en: r}\($0.when.isEmpty ? "" : ", when: {\($0.when)}"), then: {\($0.then)}}\n"
            }
            .joined()
        return county
    }

    @Test("A word that an earlier rule always takes for another unit is named with both rules, lines and the way out")
    func idleWord() throws {
        let found = try mistakes(
            ("a", "any: [垃圾, 路灯]", "unit: edu"), ("b", "any: [垃圾, 学校]", "unit: desk"), ("c", "title: [垃圾, 老师]", "unit: desk"))

        #expect(
            found.map(\.description) == [
                "rules.yaml:3: the rule \"b\" names the word \"垃圾\", but \"a\" (line 2) takes every such case for edu. Remove it or move \"b\" above line 2.",
                "rules.yaml:4: the rule \"c\" names the word \"垃圾\", but \"a\" (line 2) takes every such case for edu. Remove it or move \"c\" above line 2.",
            ])
    }

    @Test(
        "Each condition's alternatives are looked at, and a longer word or a lower topic counts",
        arguments: [
            ("kinds: [help]", "kinds: [help, claim]", "the kind \"help\""),
            ("channels: [web, visit]", "channels: [web, letter]", "the channel \"web\""),
            ("urgencies: [urgent]", "urgencies: [urgent, emergency]", "the urgency \"urgent\""),
            ("tags: [needy]", "tags: [needy, veteran]", "the tag \"needy\""),
            ("topics: [school]", "topics: [school-fees, other]", "the topic \"school-fees\""),
            ("regions: [r]", "regions: [r-north, elsewhere]", "the region \"r-north\""),
            ("any: [垃圾]", "any: [垃圾场, 学校]", "the word \"垃圾场\""), ("any: [ABC]", "any: [xabcx, 学校]", "the word \"xabcx\""),
            ("any: [垃圾]", "any: [垃圾场, 垃圾桶, 学校]", "the words \"垃圾场\", \"垃圾桶\""),
            ("title: [垃圾]", "title: [大垃圾, 学校]", "the word \"大垃圾\""), ("any: [垃圾]", "title: [垃圾, 学校]", "the word \"垃圾\""),
            ("all: [垃圾]", "any: [垃圾, 学校]", "the word \"垃圾\""), ("all: [垃圾, 学校]", "any: [垃圾, 路灯], all: [学校]", "the word \"垃圾\""),
            ("kinds: [help], session: true", "kinds: [help, claim], session: true", "the kind \"help\""),
            ("any: [垃圾], none: [学校桶]", "any: [垃圾, 老师], none: [学校]", "the word \"垃圾\""),
        ])
    func idle(earlier: String, later: String, words: String) throws {
        var county = county([("a", earlier, "unit: edu"), ("b", later, "unit: desk")])
        county.files["topics.yaml"]? += "\n  - {code: other, name: {zh: 它, en: other}}"
        county.files["regions.yaml"]? += "\n  - {code: elsewhere, parent: r, name: {zh: 外, en: out}}"
        // What lies beside the only region that is named is not below it.
        if earlier == "regions: [r]" { county = try county.replacing("regions: [r]", in: "rules.yaml", with: "regions: [r-north]") }

        let found = try county.mistakes()

        #expect(found.count == 1 && found.first?.line == 3 && found.first?.reason.contains(words) == true, "\(found.map(\.description))")
    }

    @Test(
        "What an earlier rule takes only sometimes, or for the same unit, is no mistake",
        arguments: [
            ("any: [垃圾], kinds: [help]", "unit: edu", "any: [垃圾, 学校]", "unit: desk"),
            ("title: [垃圾]", "unit: edu", "any: [垃圾, 学校]", "unit: desk"),
            ("any: [垃圾], none: [学校]", "unit: edu", "any: [垃圾, 老师]", "unit: desk"),
            ("any: [垃圾场]", "unit: edu", "any: [垃圾, 学校]", "unit: desk"),
            ("any: [垃圾], session: true", "unit: edu", "any: [垃圾, 学校]", "unit: desk"),
            ("any: [垃圾], tags: [needy]", "unit: edu", "any: [垃圾, 学校]", "unit: desk"),
            ("tags: [needy]", "unit: edu", "any: [垃圾, 学校]", "unit: desk"),
            ("any: [垃圾, 路灯]", "unit: edu", "any: [垃圾, 学校]", "unit: edu, urgency: urgent"),
            ("any: [垃圾]", "unit: township-of-region", "any: [垃圾, 学校]", "unit: desk"),
            ("session: true", "unit: edu", "session: false", "unit: desk"),
        ])
    func noConflict(earlier: String, first: String, later: String, second: String) throws {
        #expect(try mistakes(("a", earlier, first), ("b", later, second)) == [])
    }

    @Test("Two rules for the same cases that decide differently are one mistake that names both")
    func twins() throws {
        let found = try mistakes(
            ("a", "any: [垃圾, 学校], kinds: [help], session: true", "unit: edu"),
            ("b", "session: true, kinds: [help], any: [学校, 垃圾]", "unit: desk"))
        let ways = try mistakes(("a", "any: [垃圾]", "unit: edu"), ("b", "any: [垃圾]", "unit: edu, urgency: urgent"))
        let regions = try mistakes(
            ("a", "any: [垃圾]", "unit: township-of-region"), ("b", "any: [垃圾]", "unit: township-of-region, urgency: urgent"))

        #expect(
            found.map(\.line) == [3]
                && found[0].reason == "the rules \"a\" (line 2) and \"b\" have the same conditions and decide differently")
        for found in [ways, regions] { #expect(found.count == 1 && found[0].reason.contains("decide differently")) }
        #expect(try mistakes(("a", "any: [垃圾]", "unit: township-of-region"), ("b", "any: [垃圾]", "unit: edu")) == [])
        let same = try mistakes(("a", "any: [垃圾]", "unit: edu"), ("b", "any: [垃圾]", "unit: edu"))
        #expect(same.count == 1 && same[0].reason.contains("never reached"))
    }

    @Test("A rule that chooses among units takes every case, as one that names its unit does")
    func spreading() throws {
        let found = try mistakes(
            ("a", "any: [垃圾, 路灯]", "unit: {least-loaded: [edu, north]}"), ("b", "any: [垃圾, 学校]", "unit: desk"),
            ("c", "any: [路灯]", "unit: desk"))

        #expect(found.count == 2 && found[0].reason.contains("takes every such case for edu or north"))
        #expect(found.last?.reason.contains("\"c\" is never reached") == true)
    }

    @Test("A confidential rule with topics or regions is remarked on, and the county is compiled")
    func remarks() throws {
        func remarks(_ when: String, _ then: String) throws -> [CountyMistake] {
            try county([("a", when, then)]).compileWithRemarks().remarks
        }

        let remark = try #require(try remarks("topics: [school]", "unit: edu, confidential: true").first)
        #expect(remark.line == 2 && remark.reason.contains("registered with"))
        #expect(try remarks("regions: [r], any: [垃圾]", "unit: edu, confidential: true").count == 1)
        #expect(try remarks("any: [垃圾]", "unit: edu, confidential: true") == [])
        #expect(try remarks("topics: [school]", "unit: edu, confidential: false") == [])
        let definition = try county([("a", "topics: [school]", "unit: edu, confidential: true")]).compile().get()
        #expect(definition.rules.first?.then.confidential == true)
    }

    @Test("A county without words for a hot issue is told that nobody gets a notice of one")
    func withoutHeating() throws {
        var wordless = county([("a", "any: [垃圾]", "unit: edu")])
        wordless.files["templates/heating.yaml"] = nil

        let found = try wordless.compileWithRemarks()

        _ = try found.result.get()
        #expect(found.remarks.count == 1 && found.remarks.first?.reason.contains("\"heating\"") == true)
    }

    @Test("The sample county has nothing to remark on")
    func sample() {
        #expect(CountyCompiler.compileWithRemarks(directory: SampleCounty.directory).remarks == [])
    }

    @Test("Everything that a rule may say comes out of its file")
    func whole() throws {
        let definition = try county([
            (
                "a", "session: false, tags: [needy, veteran]",
                "unit: {least-loaded: [edu, north]}, co: [{unit: desk, task: 查看, workdays: 3}], confidential: true"
            )
        ]).compile().get()
        let rule = try #require(definition.rules.first)

        #expect(rule.when.session == false && rule.when.tags == [.needy, .veteran])
        #expect(rule.then.lead.units.map(\.text) == ["edu", "north"] && rule.then.confidential == true)
        #expect(rule.then.co == [RuleCoHandling(unit: try UnitCode(validating: "desk"), task: "查看", workdays: 3)])
    }

    @Test(
        "What a rule says wrongly is found in its line",
        arguments: [
            ("session: often", "unit: edu", "Write true or false"), ("tags: [rich]", "unit: edu", "is not known"),
            ("tags: [needy, needy]", "unit: edu", "twice"), ("tags: []", "unit: edu", "empty list"),
            ("any: [垃圾]", "unit: {least-loaded: [edu]}", "names one unit"),
            ("any: [垃圾]", "unit: {least-loaded: [edu, edo]}", "Did you mean \"edu\"?"),
            ("any: [垃圾]", "unit: {least-loaded: []}", "empty list"),
            ("any: [垃圾]", "unit: {least-loded: [edu, north]}", "Did you mean \"least-loaded\"?"),
            ("any: [垃圾]", "unit: edu, confidential: maybe", "Write true or false"),
            ("any: [垃圾]", "unit: edu, co: [{unit: edu, task: a, workdays: 1}]", "cannot help itself"),
            ("any: [垃圾]", "unit: edu, co: [{unit: dusk, task: a, workdays: 1}]", "Did you mean \"desk\"?"),
            ("any: [垃圾]", "unit: edu, co: [{unit: desk, task: a, workdays: 61}]", "out of range"),
            ("any: [垃圾]", "unit: edu, co: [{unit: desk, workdays: 3}]", "lacks \"task\""),
            ("any: [垃圾]", "unit: edu, co: [{unit: desk, task: a, workdays: 1}, {unit: desk, task: b, workdays: 2}]", "names desk twice"),
            ("any: [垃圾]", "unit: edu, co: desk", "not a group"),
        ])
    func wrong(when: String, then: String, words: String) throws {
        let found = try mistakes(("a", when, then))

        let isFound = found.contains { $0.line == 2 && $0.description.contains(words) }
        #expect(isFound && found.allSatisfy { $0.line == 2 }, "\(found.map(\.description))")
    }
}
