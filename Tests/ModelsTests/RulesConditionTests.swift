import Models
import Testing

@Suite("Rules by session and by what is known of people")
struct RulesConditionTests {
    private func book(_ when: RuleConditions, confidential: Bool? = nil, lead: RuleLead? = nil) throws -> RuleBook {
        var rule = try CountyFixture.rule("r", when, try lead ?? .unit(CountyFixture.code("edu")))
        rule.then.confidential = confidential
        return try CountyFixture.book([rule])
    }

    @Test(
        "A condition on the session holds where it is said, and says nothing where it is not",
        arguments: [
            (true, true, true), (true, false, false), (false, true, false), (false, false, true), (nil, true, true), (nil, false, true),
        ])
    func session(wanted: Bool?, isFromSession: Bool, matches: Bool) throws {
        let facts = RuleFacts(kind: .claim, channel: .reception, isFromSession: isFromSession)

        #expect(try (book(RuleConditions(session: wanted)).decide(facts).rule != nil) == matches)
    }

    @Test("One of the tags is enough; no tag is not, and neither is another")
    func tags() throws {
        let book = try book(RuleConditions(tags: [.needy, .veteran]))
        func matches(_ tags: [HouseholdTag]) -> Bool {
            book.decide(RuleFacts(kind: .claim, channel: .web, tags: tags)).rule != nil
        }

        for tag in HouseholdTag.allCases { #expect(matches([tag]) == [.needy, .veteran].contains(tag), "\(tag)") }
        #expect(matches([.disabled, .veteran]) && !matches([]) && !matches([.disabled, .livingAlone]))
        #expect(try self.book(RuleConditions(tags: [])).decide(RuleFacts(kind: .claim, channel: .web)).rule != nil)
    }

    @Test("What is known of a case as it is registered is what its registration says")
    func facts() throws {
        let session = Subject(UniqueID(high: 1, low: 2))
        var registered = CaseRegistered(
            number: "n", kind: .help, channel: .forum, urgency: .urgent, title: "t", narrative: "w",
            topic: try CountyFixture.code("school"),
            region: nil, occurred: nil, anonymous: true, petitioners: [], registered: Instant(microseconds: 0), receipt: "00")
        let plain = RuleFacts(registered)
        registered.session = session
        registered.tags = [.leftBehind]
        let facts = RuleFacts(registered, of: session, on: LocalDate("2026-01-01"))

        #expect(!plain.isFromSession && plain.tags.isEmpty && plain.subject == nil && plain.topic?.text == "school")
        #expect(facts.isFromSession && facts.tags == [.leftBehind] && facts.subject == session && facts.registered != nil)
        #expect(facts.urgency == .urgent && !facts.isTopicSuggested && facts.title == "t" && facts.narrative == "w")
    }

    @Test("A case is confidential when any rule says so whose conditions hold, whichever names the lead unit")
    func confidential() throws {
        var rules = try ["first", "second", "third"].map {
            try CountyFixture.rule($0, RuleConditions(anyWords: ["school"]), .unit(CountyFixture.code("edu")))
        }
        rules[1].when = RuleConditions(anyWords: ["beaten"])
        rules[1].then.confidential = true
        rules[2].when = RuleConditions(topics: [try CountyFixture.code("road")], noWords: ["lamp"])
        rules[2].then.confidential = true
        let book = try CountyFixture.book(rules)
        func isConfidential(_ text: String, topic: String? = nil) throws -> Bool {
            let topic: TopicCode? = try topic.map { try CountyFixture.code($0) }
            return book.isConfidential(RuleFacts(kind: .claim, channel: .web, topic: topic, title: "x", narrative: text))
        }

        #expect(try !isConfidential("the school") && isConfidential("beaten at school") && isConfidential("BEATEN"))
        #expect(try isConfidential("x", topic: "road") && !isConfidential("a lamp", topic: "road") && !isConfidential("x", topic: "school"))
        #expect(book.decide(RuleFacts(kind: .claim, channel: .web, narrative: "beaten at school")).rule?.text == "first")
        #expect(try self.book(RuleConditions(), confidential: false).isConfidential(RuleFacts(kind: .claim, channel: .web)) == false)
        #expect(
            try self.book(RuleConditions(), confidential: true, lead: .villageOfRegion).isConfidential(
                RuleFacts(kind: .claim, channel: .web)))
    }

    @Test("Rules of before are read as before, and written as before, so that versions stay the same")
    func before() throws {
        let text =
            #"{"id":"r","reason":{"en":"r","zh":"r"},"then":{"lead":{"unit":"edu"}},"when":{"allWords":[],"anyWords":[],"channels":[],"kinds":[],"noWords":[],"regions":[],"titleWords":[],"topics":[],"urgencies":[]}}"#

        let rule = try JSONCoding.decode(Rule.self, from: Array(text.utf8))

        #expect(rule == (try CountyFixture.rule("r", RuleConditions(), .unit(CountyFixture.code("edu")))))
        #expect(try JSONValue(parsing: JSONCoding.encode(rule)).canonical == JSONValue(parsing: Array(text.utf8)).canonical)
    }

    @Test("Everything that a rule may say survives its JSON")
    func whole() throws {
        var rule = try CountyFixture.rule(
            "r", RuleConditions(session: false, tags: [.needy]), .leastLoaded([CountyFixture.code("edu"), CountyFixture.code("roads")]))
        rule.then.co = [RuleCoHandling(unit: try CountyFixture.code("roads"), task: "look", workdays: 3)]
        rule.then.confidential = true
        let definition = try CountyFixture.definition(rules: [rule])

        #expect(try CountyDefinition(canonicalJSON: definition.canonicalJSON()) == definition)
    }

    @Test("Rules that no file may hold are refused from elsewhere, too")
    func limits() throws {
        let (edu, roads): (UnitCode, UnitCode) = (try CountyFixture.code("edu"), try CountyFixture.code("roads"))
        func help(_ unit: UnitCode, _ task: String = "look", _ workdays: Int = 3) -> RuleCoHandling {
            RuleCoHandling(unit: unit, task: task, workdays: workdays)
        }
        func check(_ lead: RuleLead, _ co: [RuleCoHandling]? = nil) throws {
            var rule = try CountyFixture.rule("r", RuleConditions(), lead)
            rule.then.co = co
            try CountyFixture.definition(rules: [rule]).checkLimits()
        }

        try check(.leastLoaded([edu, roads]), [help(edu), help(try CountyFixture.code("north"))])
        let nobody: UnitCode = try CountyFixture.code("nobody")
        for lead in [
            RuleLead.leastLoaded([edu]), .leastLoaded([]), .leastLoaded([edu, edu]), .leastLoaded([edu, roads, edu]),
            .leastLoaded([edu, nobody]),
        ] {
            #expect(throws: CountyError.self, "\(lead)") { try check(lead) }
        }
        let helps = [
            [help(nobody)], [help(roads), help(roads)], [help(roads, "", 3)], [help(roads, "look", 0)], [help(roads, "look", 61)],
            [help(roads, String(repeating: "x", count: 2001))],
        ]
        for co in helps { #expect(throws: CountyError.self, "\(co.count)") { try check(.unit(edu), co) } }
    }
}
