import CaseFlow
import Intake
import Models
import Operator
import TestSupport
import Testing

@testable import Routing

/// Who may know of a case in which somebody is accused: every role for every unit, at every stage, before and after a merger.
@Suite("Whoever is accused cannot tell that the case exists")
struct AccessTests {
    /// Whom a case accuses, and which units of the test county must stay out because of it.
    private struct Accusation {
        var accused: CaseRegistered.Accused
        var denied: Set<UnitCode>
        /// The county after works has taken over the duties of roads.
        var deniedAfterMerger: Set<UnitCode>
    }

    private typealias County = TestCounty

    private var accusations: [Accusation] {
        let below: Set<UnitCode> = [
            County.county, County.desk, County.education, County.school, County.discipline, County.roads, County.works,
        ]
        return [
            .init(
                accused: .init(units: [County.education]), denied: [County.education, County.school],
                deniedAfterMerger: [County.education, County.school]),
            .init(accused: .init(units: [County.school]), denied: [County.school], deniedAfterMerger: [County.school]),
            .init(accused: .init(units: [County.roads]), denied: [County.roads], deniedAfterMerger: [County.roads, County.works]),
            .init(accused: .init(units: [County.works]), denied: [County.works], deniedAfterMerger: [County.roads, County.works]),
            .init(
                accused: .init(persons: [Self.accusedHead]), denied: [County.education, County.school],
                deniedAfterMerger: [County.education, County.school]),
            .init(accused: .init(units: [County.desk]), denied: [County.desk], deniedAfterMerger: [County.desk]),
            .init(accused: .init(units: [County.discipline]), denied: [County.discipline], deniedAfterMerger: [County.discipline]),
            .init(accused: .init(units: [County.county]), denied: below, deniedAfterMerger: below),
        ]
    }

    private static let accusedHead = PersonCode(validated: "edu-head")
    private static let units = TestCounty.whole().units.map(\.code)

    private static func people(_ person: PersonCode) -> [ActingPerson] {
        Role.allCases.flatMap { role in units.map { ActingPerson(role: role, unit: $0, person: person) } }
    }

    /// The case at every stage that a confidential one comes to, each with a word for what it has gone through.
    private func stages(_ kind: CaseKind, _ accusation: Accusation) throws -> [(stage: String, play: PlayedCase)] {
        var plays: [(String, PlayedCase)] = []
        var play = try PlayedCase("the road to the school", kind: kind, accused: accusation.accused)
        func note(_ word: String) { plays.append((word, play)) }
        func lead() throws -> ActingPerson { PlayedCase.officer(try play.life.lead) }
        note("assigned")
        if let dispatcher = try dispatcher(of: play), try play.life.lead == play.life.desk,
            let other = Self.units.first(where: { !accusation.denied.contains($0) && (try? play.life.lead) != $0 })
        {
            try play.desk(.reassign(to: other, reason: "x"), by: dispatcher)
            note("reassigned")
        }
        try play.desk(.accept(officer: nil), by: lead())
        note("accepted")
        let helper = Self.units.first { !accusation.denied.contains($0) && (try? play.life.lead) != $0 }
        if let helper {
            try play.desk(.addCoHandler(helper, task: "x", workdays: 2), by: PlayedCase.head(try play.life.lead))
            note("co-handling")
            try play.desk(.answerAsCoHandler(text: "x"), by: PlayedCase.officer(helper))
        }
        try play.desk(.answer(PlayedCase.answer), by: lead())
        note("answered")
        var reviewed = play
        try play.order(.rate(.satisfied, note: nil))
        try play.desk(.close(.explained, note: nil), by: lead())
        note("closed")
        play = reviewed
        guard (try? play.order(.requestReview(reason: "x"))) != nil else { return plays }
        note("under review")
        try play.desk(.answerReview(PlayedCase.answer), by: PlayedCase.officer(try #require(try play.life.reviewer)))
        note("reviewed")
        reviewed = play
        guard (try? play.order(.requestFinalReview(reason: "x"))) != nil else { return plays }
        note("under final review")
        try play.desk(.answerFinalReview(PlayedCase.answer), by: PlayedCase.officer(try #require(try play.life.reviewer)))
        note("terminated")
        return plays
    }

    private func dispatcher(of play: PlayedCase) throws -> ActingPerson? {
        ActingPerson(role: .dispatcher, unit: try play.life.desk, person: PersonCode(validated: "d"))
    }

    @Test("No role for a unit that must stay out sees anything at any stage, by the county of then and of now")
    func denied() throws {
        let (old, merged) = (try CountyIndex(County.whole()), try CountyIndex(County.whole(merged: true)))
        for accusation in accusations {
            #expect(old.denied(accusation.accused) == accusation.denied)
            #expect(merged.denied(accusation.accused) == accusation.deniedAfterMerger)
            for kind in [CaseKind.accusation, .claim] {
                for (stage, play) in try stages(kind, accusation) {
                    let life = try play.life
                    for person in Self.people(PersonCode(validated: "somebody")) {
                        guard let unit = person.unit else { continue }
                        let what: Comment = "\(person.role) of \(unit), \(stage), accused: \(accusation.denied)"
                        if accusation.denied.contains(unit) {
                            #expect(life.access(of: person, in: old, current: old) == .none, what)
                        }
                        if accusation.deniedAfterMerger.contains(unit) || accusation.denied.contains(unit) {
                            #expect(life.access(of: person, in: old, current: merged) == .none, what)
                        }
                    }
                    #expect(play.violations == [], "\(stage), accused: \(accusation.denied)")
                }
            }
        }
    }

    @Test("A person who is accused sees nothing, for whatever unit they act")
    func accusedPerson() throws {
        let county = try CountyIndex(County.whole())
        let stranger = PersonCode(validated: "listed-nowhere")
        for code in [Self.accusedHead, stranger] {
            let play = try PlayedCase("the road", accused: .init(persons: [code]))
            for person in Self.people(code) { #expect(try play.life.access(of: person, in: county, current: county) == .none) }
        }
    }

    @Test("A person of a higher authority who is accused stands for it, one of the county itself does not")
    func accusedAbove() throws {
        let person = PersonCode(validated: "accused-person")
        func denied(_ unit: UnitCode) throws -> Set<UnitCode> {
            var definition = County.whole()
            for index in definition.units.indices where definition.units[index].code == unit {
                definition.units[index].members = [.init(person: person, role: .officer)]
            }
            return try CountyIndex(definition).denied(.init(persons: [person]))
        }
        #expect(try denied(County.city) == [County.city])
        #expect(try denied(County.county) == [])
    }

    @Test("A confidential case is known only to those who work on it, its desk's dispatchers and the leader in charge")
    func circle() throws {
        let county = try CountyIndex(County.whole())
        for accusation in accusations {
            for kind in [CaseKind.accusation, .claim] {
                for (stage, play) in try stages(kind, accusation) {
                    let life = try play.life
                    for person in Self.people(PersonCode(validated: "somebody")) {
                        let isInside =
                            person.unit.map { life.handlers.contains($0) } ?? false
                            || person.role == .dispatcher && person.unit == life.desk
                        let access = life.access(of: person, in: county, current: county)
                        if isInside, ![.petitioner, .subscriber, .administrator].contains(person.role) {
                            #expect(access > .none, "\(person.role) of \(life.lead), \(stage)")
                        } else {
                            #expect(access == .none, "\(person.role) of \(person.unit?.text ?? "-"), \(stage)")
                        }
                    }
                }
            }
        }
    }

    @Test("A unit that came to share the duties of an accused one loses the case that it had, and one that may know of it takes over")
    func mergedHandler() throws {
        let (old, merged) = (try CountyIndex(County.whole()), try CountyIndex(County.whole(merged: true)))
        var play = try PlayedCase("the road", accused: .init(units: [County.works]))
        #expect(try play.life.lead == County.roads)

        for person in Self.people(PersonCode(validated: "somebody")) where person.unit == County.roads {
            let isStaff = ![.petitioner, .subscriber, .administrator].contains(person.role)
            #expect(try (play.life.access(of: person, in: old, current: old) > .none) == isStaff, "\(person.role)")
            #expect(try play.life.access(of: person, in: old, current: merged) == .none, "\(person.role)")
        }
        let heir = SuccessionRules.heir(County.works, of: County.roads, in: try play.life, began: old, now: merged)
        try takeOver(&play, County.whole(merged: true), from: County.roads, to: heir)
    }

    /// Publishes a county, gives a part of a case away as a succession does, and sees that who gets it works on the case.
    private func takeOver(
        _ play: inout PlayedCase, _ definition: CountyDefinition, from: UnitCode, to unit: UnitCode?,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let unit = try #require(unit, sourceLocation: sourceLocation)
        let (old, new) = (try CountyIndex(County.whole()), try CountyIndex(definition))
        try play.publish(definition)
        try play.desk(.succeed(from: from, to: unit), by: ActingPerson(role: .administrator))
        let officer = PlayedCase.officer(unit)
        #expect(try play.life.lead == unit, sourceLocation: sourceLocation)
        #expect(try play.life.access(of: officer, in: old, current: new) == .handling, sourceLocation: sourceLocation)
        try play.desk(.accept(officer: nil), by: officer)
        #expect(play.violations == [], sourceLocation: sourceLocation)
    }

    @Test("An accused unit that is abolished into the one above it brings that alone along, and the county itself not at all")
    func abolished() throws {
        let nursery = UnitCode(validated: "nursery")
        func county(_ ended: UnitCode, into heir: UnitCode) -> CountyDefinition {
            var definition = County.whole()
            definition.units.append(
                CountyUnit(code: nursery, parent: County.education, kind: .bureau, name: LocalizedText(zh: "n", en: "n")))
            for index in definition.units.indices where definition.units[index].code == ended {
                definition.units[index].successor = heir
            }
            return definition
        }
        // The education bureau has the case in which the school is accused, and takes over its duties.
        let definition = county(County.school, into: County.education)
        let (old, new) = (try CountyIndex(County.whole()), try CountyIndex(definition))
        var play = try PlayedCase("the school", accused: .init(units: [County.school]))
        #expect(try play.life.lead == County.education)
        #expect(try play.life.denied(in: old, current: new) == [County.school, County.education])
        #expect(try play.life.denied(in: new, current: new) == [County.school, County.education])
        #expect(SuccessionRules.touched(by: County.school, in: new) == [County.education])
        let taker = SuccessionRules.taker(from: County.education, in: try play.life, began: old, now: new)
        #expect(taker == County.desk)
        try takeOver(&play, definition, from: County.education, to: taker)

        // The county takes over what the accused education bureau did: whoever has the case keeps it.
        let whole = try CountyIndex(county(County.education, into: County.county))
        let kept = try PlayedCase("the road", accused: .init(units: [County.education]))
        #expect(try kept.life.denied(in: old, current: whole) == [County.education, County.school, nursery])
        #expect(SuccessionRules.taker(from: County.roads, in: try kept.life, began: old, now: whole) == nil)
        #expect(try kept.life.access(of: PlayedCase.officer(County.roads), in: old, current: whole) == .handling)
    }

    @Test("What is said to move before a unit has ended is what moves then")
    func foretold() throws {
        let (old, merged) = (try CountyIndex(County.whole()), try CountyIndex(County.whole(merged: true)))
        let foretold = try SuccessionRules.county(old, after: County.roads, goesTo: County.works)
        let accused = CaseRegistered.Accused(units: [County.works])

        #expect(foretold.denied(accused) == merged.denied(accused) && foretold.denied(accused) != old.denied(accused))
        #expect(try SuccessionRules.county(merged, after: County.roads, goesTo: County.works).version == merged.version)
    }

    @Test("A review goes past every unit that must stay out")
    func reviewer() throws {
        let county = try CountyIndex(County.whole())
        #expect(county.reviewer(of: County.roads, denied: []) == County.county)
        #expect(county.reviewer(of: County.roads, denied: [County.county]) == County.city)

        var play = try PlayedCase("the road", kind: .accusation, accused: .init(units: [County.county]))
        #expect(try play.life.lead == County.city)
        try play.desk(.accept(officer: nil), by: PlayedCase.officer(County.city))
        try play.desk(.answer(PlayedCase.answer), by: PlayedCase.officer(County.city))
        #expect(throws: Refusal.self) { try play.order(.requestReview(reason: "x")) }
        #expect(play.violations == [])
    }

    @Test("The dispatchers of what has the dispatch desk's duties now know of its older confidential cases, unless they must stay out")
    func mergedDesk() throws {
        let old = try CountyIndex(County.whole())
        func county(_ heir: UnitCode) throws -> CountyIndex {
            var definition = County.whole()
            for index in definition.units.indices where definition.units[index].code == County.desk {
                definition.units[index].successor = heir
            }
            return try CountyIndex(definition)
        }
        func dispatcher(_ unit: UnitCode) -> ActingPerson {
            ActingPerson(role: .dispatcher, unit: unit, person: PersonCode(validated: "d"))
        }
        let life = try PlayedCase("the road", kind: .accusation, accused: .init(units: [County.education])).life
        #expect(life.desk == County.desk && life.lead == County.discipline)

        #expect(life.access(of: dispatcher(County.works), in: old, current: old) == .none)
        #expect(life.access(of: dispatcher(County.works), in: old, current: try county(County.works)) == .handling)
        #expect(life.access(of: dispatcher(County.roads), in: old, current: try county(County.works)) == .none)
        #expect(life.access(of: dispatcher(County.education), in: old, current: try county(County.education)) == .none)
    }

    @Test("Nobody is told, and the feed has its entries for the circle alone")
    func silence() throws {
        for accusation in accusations {
            for kind in [CaseKind.accusation, .claim] {
                for (stage, play) in try stages(kind, accusation) {
                    let told = play.notices.compactMap { $0.split(separator: ":").last.map(String.init) }
                    #expect(Set(told).isDisjoint(with: accusation.denied.map(\.text)), "\(stage): \(play.notices)")
                    #expect(play.record.openEntries == 0 && !play.circles.isEmpty, "\(stage)")
                    #expect(Set(play.circles.joined()).isDisjoint(with: accusation.denied), "\(stage): \(play.circles)")
                }
            }
        }
    }

    @Test("Taking over another unit's cases opens no case to those who may not see it")
    func succession() throws {
        var play = try PlayedCase("the road", kind: .accusation, accused: .init(units: [County.education]))
        let order = DeskOrder.succeed(from: County.discipline, to: County.works)
        for person in Self.people(PersonCode(validated: "somebody")) where person.role != .administrator {
            // The desk's dispatchers know of it, and are told that the step is not theirs.
            guard person.unit != County.discipline, person.role != .dispatcher || person.unit != County.desk else { continue }
            let refusal = #expect(throws: Refusal.self) { try play.desk(order, by: person) }
            #expect(refusal == .unknownCase, "\(person)")
        }
    }

    @Test("A case that had ended is not given back to a unit that must stay out now")
    func reopened() throws {
        var play = try PlayedCase("the road", kind: .claim, accused: .init(units: [County.education, County.desk]))
        try play.desk(.accept(officer: nil), by: PlayedCase.officer(County.roads))
        try play.desk(.answer(PlayedCase.answer), by: PlayedCase.officer(County.roads))
        try play.order(.rate(.satisfied, note: nil))
        try play.desk(.close(.explained, note: nil), by: PlayedCase.officer(County.roads))
        // Education has taken over the duties of roads.
        var merged = County.whole()
        for index in merged.units.indices where merged.units[index].code == County.roads {
            merged.units[index].successor = County.education
        }
        try play.publish(merged)
        try play.desk(.reopen(reason: "x"), by: try #require(try dispatcher(of: play)))

        #expect(try play.life.lead == County.discipline)
        #expect(play.violations == [])
    }

    @Test("No case is merged with a confidential one, in either direction")
    func merger() throws {
        let first = CaseID(UniqueID(high: 1, low: 1))
        func rule(_ play: PlayedCase, into isConfidential: Bool, by person: ActingPerson) -> String? {
            var play = play
            let target = MergeTarget(
                id: first, number: "1", registered: Instant(microseconds: 0), stage: .accepted, isConfidential: isConfidential,
                hasSamePerson: true)
            do { try play.order(.merge(target), by: person) } catch { return (error as? Refusal)?.rule }
            return nil
        }

        let (claim, accusation) = (try PlayedCase(), try PlayedCase("the road", kind: .accusation))
        #expect(rule(claim, into: true, by: PlayedCase.clerk) == "confidential")
        #expect(rule(accusation, into: false, by: try #require(try dispatcher(of: accusation))) == "confidential")
        #expect(rule(claim, into: false, by: PlayedCase.clerk) == nil)
    }
}
