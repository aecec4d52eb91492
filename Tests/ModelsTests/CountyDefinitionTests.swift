import Models
import Testing

@Suite struct CountyDefinitionTests {
    @Test("A definition survives its canonical JSON, and its version names its content")
    func survives() throws {
        let definition = try CountyFixture.definition(rules: [
            CountyFixture.rule("a", RuleConditions(topics: [CountyFixture.code("school")], noWords: ["x/\"y\""]), .townshipOfRegion)
        ])
        let bytes = try definition.canonicalJSON()
        var other = definition
        other.name.en = "Other"

        let read = try CountyDefinition(canonicalJSON: bytes)

        #expect(read == definition)
        #expect(try read.canonicalJSON() == bytes)
        #expect(try read.version() == definition.version())
        #expect(try other.version() != definition.version())
        #expect(try definition.version().wholeMatch(of: /c-[0-9a-f]{16}/) != nil)
        #expect(try CountyDefinition.isVersion(definition.version()))
    }

    @Test(
        "What has another form is no version",
        arguments: ["", "\0", "c-", "c-0123456789abcde\0", "c-0123456789abcdeF", "d-0123456789abcdef"])
    func versionForm(text: String) {
        #expect(!CountyDefinition.isVersion(text))
    }

    @Test("What is no definition is refused with a sentence", arguments: ["", "{}", "[]", "null", "{\"code\": \"A B\"}"])
    func refuses(_ text: String) {
        #expect(throws: CountyError.self) { try CountyDefinition(canonicalJSON: Array(text.utf8)) }
    }

    @Test("An index of a definition that does not fit together is refused")
    func misfits() throws {
        var noPack = try CountyFixture.definition()
        noPack.packs = [try CountyFixture.pack("p", PackConditions(kinds: [.claim]))]
        var noDesk = try CountyFixture.definition()
        noDesk.desk = try CountyFixture.code("nowhere")
        var circle = try CountyFixture.definition()
        circle.units[0].parent = try CountyFixture.code("edu")

        for definition in [noPack, noDesk, circle] {
            #expect(throws: CountyError.self) { try CountyIndex(definition) }
        }
    }

    @Test("A definition under whose packs a case would have no clock is refused, also when only a rule gives it that pack")
    func clocklessPacks() throws {
        func definition(_ rules: [Rule] = [], change: (inout RulePack) throws -> Void) throws -> CountyDefinition {
            var special = try CountyFixture.pack("special", PackConditions(kinds: [.claim]))
            try change(&special)
            return try CountyFixture.definition(rules: rules, packs: [CountyFixture.pack("base"), special])
        }
        let sound = try definition { $0.clocks[0].kinds = [.claim] }
        let rightOnly = try definition { $0.clocks[0].endsWith = [try CountyFixture.event("case.assigned")] }
        let handedOn = try definition {
            $0.clocks[0].endsWith = [try CountyFixture.event("case.assigned")]
            $0.clocks[2].lapses = false
        }
        let late = try definition { $0.clocks[0].from = try CountyFixture.event("case.accepted") }
        let open = try definition { $0.clocks[0].term = nil }
        let otherKind = try definition { $0.clocks[0].kinds = [.help] }
        let breaksOff = try definition {
            $0.clocks[0].endsWith = [try CountyFixture.event("case.assigned")]
            $0.clocks.removeLast()
        }
        var rule = try CountyFixture.rule("r", RuleConditions(kinds: [.help]), .unit(CountyFixture.code("edu")))
        rule.then.pack = try CountyFixture.code("special")
        let byRule = try definition([rule]) { $0.clocks[0].kinds = [.claim] }

        for fits in [sound, handedOn] { try fits.checkLimits() }
        for clockless in [late, open, otherKind, breaksOff, rightOnly, byRule] {
            let error = #expect(throws: CountyError.self) { try clockless.checkLimits() }
            #expect(error?.description.contains("the rule pack special has no clock") == true)
        }
    }

    @Test("Numbers that would stop a service are refused before anything is made of them")
    func limits() throws {
        let (day, other) = (try #require(LocalDate("2026-01-01")), try #require(LocalDate("9998-01-01")))
        let changes: [(inout CountyDefinition) throws -> Void] = [
            { $0.packs[0].clocks[0].term = Term(Int.max, .day) }, { $0.packs[0].clocks[0].term = Term(0, .workday) },
            { $0.packs[0].ladder.warnings = [Int.max] }, { $0.packs[0].ladder.warnings = [50, 50] },
            { $0.packs[0].ladder.afterDue = [LateRung(after: Term(1 << 40, .hour), audience: [.leader])] },
            { $0.workingHours = [WorkingHours(opens: 0, closes: Int.max)] }, { $0.quietHours = QuietHours(from: -1, until: 5) },
            { $0.years[0].holidays = [Holiday(name: LocalizedText(zh: "假", en: "off"), first: day, last: other)] },
            { $0.years[0].year = -5 },
            { $0.rules = [try CountyFixture.rule("r", RuleConditions(), .unit(try CountyFixture.code("nobody")))] },
        ]

        try CountyFixture.definition().checkLimits()
        for change in changes {
            var definition = try CountyFixture.definition()
            try change(&definition)
            #expect(throws: CountyError.self) { try definition.checkLimits() }
        }
        var untilMidnight = try CountyFixture.definition()
        untilMidnight.quietHours = QuietHours(from: 75_600, until: 86_400)
        try untilMidnight.checkLimits()
    }

    @Test("A region is served by the unit of the nearest region around it")
    func servants() throws {
        let index = try CountyIndex(CountyFixture.definition())

        #expect(index.township(of: try CountyFixture.code("r-hill-1"))?.text == "north")
        #expect(index.village(of: try CountyFixture.code("r-hill-1"))?.text == "hill")
        #expect(index.village(of: try CountyFixture.code("r-north")) == nil)
        #expect(index.township(of: try CountyFixture.code("r-south")) == nil)
        #expect(index.township(of: try CountyFixture.code("unknown")) == nil)
    }

    @Test("A template falls back to the common wording, then to Chinese")
    func templates() throws {
        let index = try CountyIndex(CountyFixture.definition())

        #expect(index.template(.receipt, .en, .sms)?.subject == "sms")
        #expect(index.template(.receipt, .en, .mail)?.subject == "receipt")
        #expect(index.template(.receipt, .zh, .sms)?.subject == "回执")
        #expect(index.template(.assigned, .en)?.subject == "交办")
        #expect(index.template(.warned, .zh) == nil)
    }
}
