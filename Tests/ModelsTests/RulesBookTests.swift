import Models
import Testing

@Suite struct RulesBookTests {
    private func unit(_ text: String) throws -> RuleLead { .unit(try CountyFixture.code(text)) }

    @Test("The first rule whose conditions all hold decides")
    func firstWins() throws {
        let book = try CountyFixture.book([
            CountyFixture.rule("both", RuleConditions(allWords: ["学校", "食堂"]), unit("exams")),
            CountyFixture.rule("one", RuleConditions(anyWords: ["操场", "学校"], noWords: ["公路"]), unit("edu"), topic: "school"),
            CountyFixture.rule("other", RuleConditions(kinds: [.claim], channels: [.web]), unit("roads")),
        ])

        let both = book.decide(RuleFacts(kind: .claim, channel: .web, title: "学校", narrative: "食堂太贵"))
        let one = book.decide(RuleFacts(kind: .claim, channel: .web, narrative: "学校收费"))
        let other = book.decide(RuleFacts(kind: .claim, channel: .web, narrative: "学校门前公路"))
        let none = book.decide(RuleFacts(kind: .help, channel: .web, narrative: "不知道"))

        #expect(both.unit.text == "exams" && both.rule?.text == "both" && both.words == ["学校", "食堂"])
        #expect(one.unit.text == "edu" && one.topic?.text == "school" && one.words == ["学校"])
        #expect(other.unit.text == "roads" && other.rule?.text == "other" && other.words.isEmpty)
        #expect(none.unit.text == "desk" && none.rule == nil && none.reason.en.contains("no rule"))
    }

    @Test("A word of the title does not count when it stands in the narrative, nor does one half in each")
    func titles() throws {
        let book = try CountyFixture.book([
            CountyFixture.rule("title", RuleConditions(titleWords: ["公路"]), unit("roads")),
            CountyFixture.rule("text", RuleConditions(anyWords: ["校车"]), unit("edu")),
        ])

        #expect(book.decide(RuleFacts(kind: .claim, channel: .web, title: "公路坏了", narrative: "校车")).rule?.text == "title")
        #expect(book.decide(RuleFacts(kind: .claim, channel: .web, title: "求助", narrative: "公路坏了，校车不来")).rule?.text == "text")
        #expect(book.decide(RuleFacts(kind: .claim, channel: .web, title: "学校", narrative: "车")).rule == nil)
    }

    @Test("A topic or region counts with all that stands below it")
    func subtrees() throws {
        let book = try CountyFixture.book([
            CountyFixture.rule("t", RuleConditions(topics: [CountyFixture.code("school")]), unit("edu")),
            CountyFixture.rule("r", RuleConditions(regions: [CountyFixture.code("r-north")]), unit("roads")),
        ])
        func decide(_ topic: String?, _ region: String?) throws -> String? {
            book.decide(
                RuleFacts(
                    kind: .claim, channel: .web, topic: try topic.map { try CountyFixture.code($0) },
                    region: try region.map { try CountyFixture.code($0) })
            ).rule?.text
        }

        #expect(try decide("school-fees-meals", nil) == "t")
        #expect(try decide("road", "r-hill-1") == "r")
        #expect(try decide("road", "r-south") == nil)
        #expect(try decide("unknown", "unknown") == nil)
        #expect(try decide(nil, nil) == nil)
    }

    @Test("A unit that follows from the region is found, and without a region the next rule is tried")
    func resolved() throws {
        let book = try CountyFixture.book([
            CountyFixture.rule("village", RuleConditions(kinds: [.help]), .villageOfRegion),
            CountyFixture.rule("township", RuleConditions(kinds: [.help]), .townshipOfRegion),
            CountyFixture.rule("else", RuleConditions(), unit("roads")),
        ])
        func decide(_ region: String?) throws -> String {
            book.decide(RuleFacts(kind: .help, channel: .web, region: try region.map { try CountyFixture.code($0) })).unit.text
        }

        #expect(try decide("r-hill-1") == "hill")
        #expect(try decide("r-north") == "north")
        #expect(try decide("r-south") == "roads")
        #expect(try decide(nil) == "roads")
    }

    @Test("A unit that is accused never gets the case, and neither does a desk that is accused")
    func denied() throws {
        let index = try CountyIndex(
            CountyFixture.definition(rules: [
                CountyFixture.rule("edu", RuleConditions(anyWords: ["学校"]), unit("exams")),
                CountyFixture.rule("all", RuleConditions(), unit("roads")),
            ]))
        let book = RuleBook(index)
        let facts = RuleFacts(kind: .accusation, channel: .letter, narrative: "学校")
        func decide(_ accused: [String]) throws -> Ruling {
            book.decide(facts, denied: index.denied(try accused.map { try CountyFixture.code($0) }))
        }

        let withheld = try decide(["edu"])
        #expect(withheld.unit.text == "desk" && withheld.withheld?.text == "edu" && withheld.rule == nil && withheld.isImpartial)
        #expect(try decide(["edu", "petitions"]).unit.text == "discipline")
        #expect(try decide(["edu", "petitions", "discipline"]).unit.text == "county")
        let nobody = try decide(["county"])
        #expect(nobody.unit.text == "discipline" && !nobody.isImpartial && nobody.reason.en.contains("higher level"))
        for accused in [["edu"], ["petitions", "edu"], ["discipline", "exams"], ["north", "edu", "roads"]] {
            let closed = index.denied(try accused.map { try CountyFixture.code($0) })
            #expect(!closed.contains(try decide(accused).unit))
        }
    }

    @Test("Urgency and pack follow the rule, and else the case")
    func urgency() throws {
        let packs = [try CountyFixture.pack("base"), try CountyFixture.pack("fast", PackConditions(urgencies: [.emergency]))]
        let rules = [try CountyFixture.rule("gas", RuleConditions(anyWords: ["燃气泄漏"]), unit("roads"), urgency: .emergency)]
        let book = RuleBook(try CountyIndex(CountyFixture.definition(rules: rules, packs: packs)))

        let gas = book.decide(RuleFacts(kind: .help, channel: .hotline, narrative: "楼下燃气泄漏"))
        let plain = book.decide(RuleFacts(kind: .help, channel: .hotline, urgency: .urgent))

        #expect(gas.urgency == .emergency && gas.pack.text == "fast")
        #expect(plain.urgency == .urgent && plain.pack.text == "base")
    }
}
