import Models

/// A county of a few units, places and topics, for tests.
enum CountyFixture {
    static func code<C: Code>(_ text: String, _ type: C.Type = C.self) throws -> C { try C(validating: text) }

    static func unit(_ text: String, below parent: String?, _ kind: UnitKind, in region: String? = nil) throws -> CountyUnit {
        CountyUnit(
            code: try code(text), parent: try parent.map { try code($0) }, kind: kind, name: LocalizedText(zh: text, en: text),
            region: try region.map { try code($0) })
    }

    static func rule(_ id: String, _ when: RuleConditions, _ lead: RuleLead, urgency: Urgency? = nil, topic: String? = nil) throws -> Rule {
        Rule(
            id: try code(id), reason: LocalizedText(zh: id, en: id), when: when,
            then: RuleAction(lead: lead, urgency: urgency, topic: try topic.map { try code($0) }))
    }

    static func event(_ text: String) throws -> EventType {
        guard let type = EventType(text) else { throw CalendarFixture.FixtureError(text: text) }
        return type
    }

    static func pack(_ text: String, _ applies: PackConditions = PackConditions()) throws -> RulePack {
        let text = LocalizedText(zh: text, en: text)
        let ladder = Ladder(
            warnings: [50, 75, 85, 99], warned: [.officer], atDue: [.officer, .unitHead],
            afterDue: [
                LateRung(after: Term(1, .workday), audience: [.supervisor]), LateRung(after: Term(5, .workday), audience: [.leader]),
            ])
        let clocks = [
            PackClock(
                name: .dispose, title: text, from: try event("case.registered"), term: Term(15, .day), citation: text,
                endsWith: [try event("case.accepted")]),
            PackClock(
                name: .handle, title: text, from: try event("case.accepted"), kinds: [.claim], term: Term(60, .day), citation: text,
                endsWith: [try event("case.answered")]),
            PackClock(
                name: .objection, title: text, from: try event("case.assigned"), term: Term(5, .workday), citation: text, endsWith: [],
                lapses: true),
        ]
        return RulePack(code: try code(text.en), name: text, citation: text, applies: applies, clocks: clocks, ladder: ladder)
    }

    static func definition(rules: [Rule] = [], packs: [RulePack]? = nil) throws -> CountyDefinition {
        func topic(_ text: String, below parent: String?) throws -> CountyTopic {
            CountyTopic(code: try code(text), parent: try parent.map { try code($0) }, name: LocalizedText(zh: text, en: text))
        }
        func region(_ text: String, below parent: String?) throws -> CountyRegion {
            CountyRegion(code: try code(text), parent: try parent.map { try code($0) }, name: LocalizedText(zh: text, en: text))
        }
        return CountyDefinition(
            code: try code("test"), name: LocalizedText(zh: "试县", en: "Test"), offsets: try CalendarFixture.shanghai(), workingHours: [],
            quietHours: QuietHours(from: 75_600, until: 28_800), desk: try code("desk"), standbyDesk: try code("discipline"),
            units: [
                try unit("county", below: nil, .county), try unit("petitions", below: "county", .bureau),
                try unit("desk", below: "petitions", .desk), try unit("discipline", below: "county", .bureau),
                try unit("edu", below: "county", .bureau), try unit("exams", below: "edu", .bureau),
                try unit("roads", below: "county", .bureau), try unit("north", below: "county", .township, in: "r-north"),
                try unit("hill", below: "north", .village, in: "r-hill"),
            ],
            regions: [
                try region("r", below: nil), try region("r-north", below: "r"), try region("r-hill", below: "r-north"),
                try region("r-hill-1", below: "r-hill"), try region("r-south", below: "r"),
            ],
            topics: [
                try topic("school", below: nil), try topic("school-fees", below: "school"),
                try topic("school-fees-meals", below: "school-fees"),
                try topic("road", below: nil),
            ],
            rules: rules, packs: try packs ?? [pack("base")], years: try CalendarFixture.years(), overlays: [],
            templates: [
                NoticeTemplate(id: .receipt, language: .zh, channel: .any, subject: "回执", body: "{{caseNumber}}"),
                NoticeTemplate(id: .receipt, language: .en, channel: .any, subject: "receipt", body: "{{caseNumber}}"),
                NoticeTemplate(id: .receipt, language: .en, channel: .sms, subject: "sms", body: "{{caseNumber}}"),
                NoticeTemplate(id: .assigned, language: .zh, channel: .any, subject: "交办", body: "{{caseNumber}}"),
            ])
    }

    static func book(_ rules: [Rule]) throws -> RuleBook { RuleBook(try CountyIndex(definition(rules: rules))) }
}
