import Models

/// A small county for tests: four units, three rules, two packs whose ladders are short enough to be climbed.
public enum TestCounty {
    public static let desk = UnitCode(validated: "desk")
    public static let education = UnitCode(validated: "edu")
    public static let roads = UnitCode(validated: "roads")

    /// The definition; with `revised`, schools go to the county itself, so that the version differs.
    public static func definition(revised: Bool = false) -> CountyDefinition {
        func name(_ text: String) -> LocalizedText { LocalizedText(zh: text, en: text) }
        func unit(_ code: UnitCode, _ parent: UnitCode?, _ kind: UnitKind) -> CountyUnit {
            CountyUnit(code: code, parent: parent, kind: kind, name: name(code.text))
        }
        let county = UnitCode(validated: "county")
        let registered = EventType(CaseRegistered.type)
        let assigned = EventType(CaseAssigned.type)
        guard let registered, let assigned, let accepted = EventType("case.accepted"), let informed = EventType("petitioner.informed"),
            let offsets = UTCOffsets(zone: "Asia/Shanghai", beginnings: [0], seconds: [28_800])
        else {
            preconditionFailure("these literals are well-formed event types and offsets; a change of their forms broke this test county")
        }
        let ladder = Ladder(
            warnings: [50, 90], warned: [.officer], atDue: [.officer, .unitHead],
            afterDue: [LateRung(after: Term(3, .workday), audience: [.supervisor])])
        func pack(_ code: String, _ applies: PackConditions, _ term: Term) -> RulePack {
            RulePack(
                code: RulePackCode(validated: code), name: name(code), citation: name("Article 22"), applies: applies,
                clocks: [
                    PackClock(
                        name: .dispose, title: name("dispose"), from: registered, term: term, citation: name("Article 22"),
                        endsWith: [accepted]),
                    PackClock(
                        name: .inform, title: name("inform"), from: assigned, term: Term(15, .day), citation: name("Article 23"),
                        endsWith: [informed]),
                ], ladder: ladder)
        }
        func rule(_ id: String, _ words: [String], _ unit: UnitCode, pack: String? = nil) -> Rule {
            Rule(
                id: RuleCode(validated: id), reason: name(id), when: RuleConditions(anyWords: words),
                then: RuleAction(lead: .unit(unit), pack: pack.map { RulePackCode(validated: $0) }))
        }
        return CountyDefinition(
            code: CountyCode(validated: "test-county"), name: name("test county"), offsets: offsets,
            workingHours: [WorkingHours(opens: 9 * 3600, closes: 17 * 3600)], quietHours: nil, desk: desk, standbyDesk: county,
            units: [
                unit(county, nil, .county), unit(desk, county, .desk), unit(education, county, .bureau), unit(roads, county, .bureau),
            ],
            regions: [], topics: [],
            rules: [
                rule("fire", ["fire"], roads, pack: "emergency"), rule("schools", ["school"], revised ? county : education),
                rule("roads", ["road"], roads),
            ],
            packs: [
                pack("national", PackConditions(), Term(15, .day)),
                pack("emergency", PackConditions(urgencies: [.emergency]), Term(2, .hour)),
            ], years: [], overlays: [], templates: [])
    }
}
