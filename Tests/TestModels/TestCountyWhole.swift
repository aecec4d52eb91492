import Models

extension TestCounty {
    public static let county = UnitCode(validated: "county")
    public static let school = UnitCode(validated: "school")
    public static let discipline = UnitCode(validated: "discipline")
    public static let city = UnitCode(validated: "city")
    public static let works = UnitCode(validated: "works")

    /// A county with units two deep, members, an authority above it, and a pack with the clocks of a whole life.
    ///
    /// Schools go to the education bureau, roads to the roads office, accusations to the discipline inspection. With `merged`, the works
    /// office has taken over the roads office's duties.
    public static func whole(merged: Bool = false) -> CountyDefinition {
        func name(_ text: String) -> LocalizedText { LocalizedText(zh: text, en: text) }
        func unit(
            _ code: UnitCode, _ parent: UnitCode?, _ kind: UnitKind, reviewedBy: UnitCode? = nil, members: [UnitMember]? = nil,
            successor: UnitCode? = nil
        ) -> CountyUnit {
            CountyUnit(
                code: code, parent: parent, kind: kind, name: name(code.text), members: members, reviewedBy: reviewedBy,
                successor: successor)
        }
        func event(_ text: String) -> EventType {
            guard let type = EventType(text) else { preconditionFailure("\(text) is no event type: correct this test county") }
            return type
        }
        func clock(
            _ name: ClockName, _ from: String, _ term: Term?, _ ends: [String], kinds: [CaseKind] = [], lapses: Bool = false,
            pause: LocalizedText? = nil, extensionRule: PackExtension? = nil
        ) -> PackClock {
            let ends = ends + ["case.withdrawn", "case.closed", "case.merged", "case.settled"]
            return PackClock(
                name: name, title: LocalizedText(zh: name.text, en: name.text), from: event(from), kinds: kinds, term: term,
                citation: LocalizedText(zh: "条例", en: "Regulation"), endsWith: ends.map(event), lapses: lapses, pause: pause,
                extensionRule: extensionRule)
        }
        var definition = definition()
        definition.standbyDesk = discipline
        definition.units = [
            unit(county, nil, .county, reviewedBy: city), unit(city, nil, .higherLevel), unit(desk, county, .desk),
            unit(
                education, county, .bureau,
                members: [.init(person: PersonCode(validated: "edu-head"), role: .unitHead)]),
            unit(school, education, .volunteerTeam), unit(discipline, county, .bureau),
            unit(roads, county, .bureau, successor: merged ? works : nil), unit(works, county, .bureau),
        ]
        definition.rules = [
            Rule(
                id: RuleCode(validated: "accusations"), reason: name("accusation"), when: RuleConditions(kinds: [.accusation]),
                then: RuleAction(lead: .unit(discipline))),
            Rule(
                id: RuleCode(validated: "schools"), reason: name("schools"), when: RuleConditions(anyWords: ["school"]),
                then: RuleAction(lead: .unit(education))),
            Rule(
                id: RuleCode(validated: "roads"), reason: name("roads"), when: RuleConditions(anyWords: ["road"]),
                then: RuleAction(lead: .unit(merged ? works : roads))),
        ]
        let decided = ["case.accepted", "case.not-accepted", "case.redirected"]
        let ladder = Ladder(
            warnings: [50, 90], warned: [.officer], atDue: [.officer, .unitHead],
            afterDue: [LateRung(after: Term(3, .workday), audience: [.supervisor])])
        /// A pack whose terms are the national ones, or as many hours.
        func pack(_ code: String, _ applies: PackConditions, in unit: TermUnit) -> RulePack {
            RulePack(
                code: RulePackCode(validated: code), name: name(code), citation: name("Regulation"), applies: applies,
                clocks: [
                    clock(.dispose, "case.registered", Term(15, unit), decided),
                    clock(.inform, "case.assigned", Term(15, unit), decided),
                    clock(.objection, "case.assigned", Term(5, .workday), decided, lapses: true),
                    clock(
                        .handle, "case.accepted", Term(60, unit), ["case.answered", "case.redirected"],
                        extensionRule: PackExtension(times: 1, longest: Term(30, .day), citation: name("Article 34"))),
                    clock(.reviewWindow, "answer.served", Term(30, unit), ["review.requested"], lapses: true),
                    clock(.review, "review.requested", Term(30, unit), ["review.answered"]),
                    clock(.finalWindow, "review.served", Term(30, unit), ["final-review.requested"], lapses: true),
                    clock(.finalReview, "final-review.requested", Term(30, unit), ["final-review.answered"], pause: name("a hearing")),
                    clock(.coHandle, "co-handling.assigned", nil, ["co-handling.answered", "co-handling.excused"]),
                    clock(.assist, "assistance.opened", nil, ["assistance.ended"]),
                ], ladder: ladder)
        }
        // Without a clock that informs, so that after the acceptance nothing of before it runs.
        var brief = pack("brief", PackConditions(kinds: [.inquiry], urgencies: [.ordinary]), in: .day)
        brief.clocks.removeAll { $0.name == .inform }
        definition.packs = [
            pack("national", PackConditions(), in: .day), pack("emergency", PackConditions(urgencies: [.emergency]), in: .hour),
            brief,
        ]
        definition.templates = TemplateID.allCases.map {
            NoticeTemplate(id: $0, language: .zh, channel: .any, subject: "{{caseNumber}}", body: "{{title}}")
        }
        return definition
    }
}
