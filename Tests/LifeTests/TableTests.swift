import CaseFlow
import Deadline
import Intake
import Models
import Routing
import TestSupport
import Testing

/// Every stage, step and role against the table: what it allows moves the case, everything else is refused in a sentence.
@Suite("The table of a case's life is what the services do")
struct TableTests {
    private let county: CountyIndex

    init() throws { county = try CountyIndex(TestCounty.whole()) }

    /// What becomes of a case that is registered in one way.
    private struct Course {
        var kind: CaseKind
        var accused: CaseRegistered.Accused?
        /// Who gets it.
        var lead: UnitCode
    }

    private static let ordinary = Course(kind: .claim, lead: TestCounty.roads)
    /// It accuses the education bureau, so that neither that nor the school below it may learn that it exists.
    private static let confidential = Course(
        kind: .accusation, accused: .init(units: [TestCounty.education]), lead: TestCounty.discipline)
    private static let accused: Set<UnitCode> = [TestCounty.education, TestCounty.school]

    private static func target(_ serial: UInt64) -> MergeTarget {
        MergeTarget(
            id: CaseID(UniqueID(high: 1, low: serial)), number: "\(serial)", registered: Instant(microseconds: 0), stage: .accepted,
            hasSamePerson: true)
    }

    /// A case brought to each stage by lawful steps.
    private func cases(_ course: Course) throws -> [PlayedCase] {
        let officer = PlayedCase.officer(course.lead)
        var cases: [PlayedCase] = []
        func play(_ stage: Stage, isRoutingBehind: Bool = false, _ steps: (inout PlayedCase) throws -> Void = { _ in }) throws {
            var play = try PlayedCase(kind: course.kind, accused: course.accused, isRoutingBehind: isRoutingBehind)
            try steps(&play)
            #expect(try play.stage == stage)
            cases.append(play)
        }
        func answered(_ play: inout PlayedCase) throws {
            try play.desk(.accept(officer: nil), by: officer)
            try play.desk(.answer(PlayedCase.answer), by: officer)
        }
        func reviewed(_ play: inout PlayedCase) throws {
            try answered(&play)
            try play.order(.requestReview(reason: "x"))
            try play.desk(.answerReview(PlayedCase.answer), by: PlayedCase.officer(TestCounty.county))
        }
        // Its assignment has not arrived, and routing does not know of it.
        try play(.registered, isRoutingBehind: true)
        try play(.assigned)
        try play(.accepted) { try $0.desk(.accept(officer: nil), by: officer) }
        try play(.notAccepted) { try $0.desk(.notAccept(.outsidePowers, explanation: "x", lawfulWay: "y"), by: officer) }
        try play(.redirected) { try $0.desk(.redirect(.litigation, explanation: "x"), by: officer) }
        try play(.answered) { try answered(&$0) }
        try play(.underReview) {
            try answered(&$0)
            try $0.order(.requestReview(reason: "x"))
        }
        try play(.answered) { try reviewed(&$0) }
        try play(.underFinalReview) {
            try reviewed(&$0)
            try $0.order(.requestFinalReview(reason: "x"))
        }
        try play(.terminated) {
            try reviewed(&$0)
            try $0.order(.requestFinalReview(reason: "x"))
            try $0.desk(.answerFinalReview(PlayedCase.answer), by: PlayedCase.officer(TestCounty.city))
        }
        try play(.closed) {
            try answered(&$0)
            try $0.order(.rate(.satisfied, note: nil))
            try $0.desk(.close(.explained, note: nil), by: officer)
        }
        try play(.withdrawn) { try $0.order(.withdraw(reason: nil)) }
        if course.accused == nil {
            // A case that accuses somebody goes its own way and is not merged.
            try play(.merged) { try $0.order(.merge(Self.target(1)), by: PlayedCase.clerk) }
            try play(.registered) {
                try $0.order(.merge(Self.target(1)), by: PlayedCase.clerk)
                $0.leaveRoutingBehind()
                try $0.order(.unmerge(reason: "x"), by: PlayedCase.clerk)
            }
        }
        return cases
    }

    /// Somebody of each role, and for units' people somebody of each standing.
    private func people(_ course: Course) -> [ActingPerson] {
        var units = [course.lead, TestCounty.works, TestCounty.county, TestCounty.city, TestCounty.education]
        if course.accused != nil { units.append(TestCounty.school) }
        // Those of the desk, and where a unit is accused the same of that and of the unit that handles the case.
        let desks = course.accused == nil ? [TestCounty.desk] : [TestCounty.desk, TestCounty.education, course.lead]
        let countywide: [ActingPerson] = [Role.clerk, .dispatcher, .supervisor, .leader, .auditor].flatMap { role in
            desks.map {
                ActingPerson(role: role, unit: $0, person: PersonCode(validated: "somebody"))
            }
        }
        return units.flatMap { [PlayedCase.officer($0), PlayedCase.head($0)] } + countywide + [
            ActingPerson(role: .administrator), .petitioner,
            ActingPerson(role: .subscriber, unit: TestCounty.roads, person: PersonCode(validated: "system")),
        ]
    }

    private func deskOrders() -> [DeskOrder] {
        [
            .accept(officer: nil), .notAccept(.terminated, explanation: "x", lawfulWay: "y"), .redirect(.arbitration, explanation: "x"),
            .raiseObjection(proposed: TestCounty.works, reason: "x"), .confirmObjection(to: nil), .refuseObjection(reason: "x"),
            .reassign(to: TestCounty.works, reason: "x"), .addCoHandler(TestCounty.education, task: "x", workdays: 1),
            .excuseCoHandler(TestCounty.works, reason: "x"), .answerAsCoHandler(text: "x"), .answer(PlayedCase.answer),
            .answerReview(PlayedCase.answer), .answerFinalReview(PlayedCase.answer), .close(.explained, note: nil), .reopen(reason: "x"),
            .supervise(.overdue, note: "x"), .takeCharge, .recuse(reason: "x"), .openAssistance(TestCounty.works, task: "x", workdays: 5),
            .endAssistance(serial: 1, outcome: "x"), .succeed(from: TestCounty.roads, to: TestCounty.works),
        ]
    }

    private func orders(_ now: Instant) -> [CaseOrder] {
        [
            .settle(unit: TestCounty.works, PlayedCase.answer), .addMaterial("x"), .withdraw(reason: nil), .rate(.satisfied, note: nil),
            .requestReview(reason: "x"), .requestFinalReview(reason: "x"),
            .merge(Self.target(2)),
            .unmerge(reason: "x"), .correct(index: 0, .init(person: "q", contact: SealedText(text: "s"))), .recordService(.post, on: now),
            .recordReturnCall(reached: true, nil, note: nil), .unmask(reason: "x"),
        ]
    }

    /// Takes a step and holds what comes of it against the table, as far as the service that decides it knows of the case.
    private func check(
        _ step: CaseStep, by person: ActingPerson, on before: PlayedCase, _ take: (inout PlayedCase) throws -> Void
    ) throws -> Bool {
        var play = before
        let row = try #require(Lifecycle.transition(step))
        let life = before.life(knownTo: row.decidedBy)
        let allowed = (try? life?.judge(step, by: person, in: county)) != nil
        let sees = life.map { $0.access(of: person, in: county, current: county) > .none } ?? false
        let isAccused = try before.life.accused != nil && person.unit.map(Self.accused.contains) ?? false
        // A petitioner has shown the query code; an administrator moves what a unit has that has ended, and learns nothing of it.
        let isLetIn = sees || person == .petitioner && row.decidedBy == .intake || person.role == .administrator && step == .succeed
        let what: Comment = "\(step) by \(person.role) of \(person.unit?.text ?? "-") at \(life?.stage.rawValue ?? "-")"
        do {
            try take(&play)
            #expect(allowed && isLetIn && !isAccused, what)
            // A case whose merger is undone is assigned again at once, as soon as routing hears of it.
            let again = step == .unmerge ? Stage.assigned : nil
            #expect(try play.life(knownTo: row.decidedBy)?.stage == again ?? row.to ?? #require(life).stage, what)
            try play.catchUp()
            #expect(play.violations == [], what)
            return true
        } catch let refusal as Refusal {
            #expect(refusal.sentence.count > 10 && refusal.sentence.first?.isUppercase != true && !refusal.sentence.hasSuffix("."))
            if isAccused { #expect(refusal.kind == .unknown, what) }
            switch refusal.kind {
            case .unknown: #expect(!sees, what)
            case .forbidden:
                #expect(isLetIn, what)
                #expect(
                    !allowed || Self.ofTheCase.contains(refusal.rule), what)
            case .conflict, .invalid, .changed:
                #expect(isLetIn, what)
                #expect(allowed || refusal.rule == "wrong-stage", "\(step): \(refusal)")
            case .unavailable: Issue.record("\(step) by \(person.role): \(refusal)")
            }
            return false
        }
    }

    /// Takes every step as everybody on a case at every stage; says which were taken at all.
    private func tryEverything(_ course: Course) throws -> Set<CaseStep> {
        var taken: Set<CaseStep> = []
        for play in try cases(course) {
            for person in people(course) {
                for order in deskOrders() {
                    if try check(order.step, by: person, on: play, { try $0.desk(order, by: person) }) { taken.insert(order.step) }
                }
                for order in orders(play.now) {
                    if try check(order.step, by: person, on: play, { try $0.order(order, by: person) }) { taken.insert(order.step) }
                }
                for order in [ClockCommand.Order.pause(.finalReview, note: "x"), .resume(.finalReview), .rebase(reason: "x")] {
                    let step = CaseStep.ofClock(order)
                    if try check(step, by: person, on: play, { try $0.change(order, by: person) }) { taken.insert(step) }
                }
                if try check(.extend, by: person, on: play, { try $0.extend(10, by: person) }) { taken.insert(.extend) }
            }
        }
        return taken
    }

    /// Rules that only a look at the case can tell.
    private static let ofTheCase = ["common-superior-decides", "dispatcher-decides", "does-not-handle", "not-its-task", "not-its-clock"]

    /// These need a unit asked for help, an objection, a paused clock, other terms, a task or the end of a unit before them; the stories take them.
    private static let later: Set<CaseStep> = [
        .confirmObjection, .refuseObjection, .excuseCoHandler, .answerAsCoHandler, .endAssistance, .succeed, .resumeClock, .rebaseClocks,
    ]

    @Test("Every stage, step and role moves the case or is refused in a sentence")
    func everything() throws {
        let taken = try tryEverything(Self.ordinary)

        #expect(taken.union(Self.later) == Set(CaseStep.allCases), "never taken: \(Set(CaseStep.allCases).subtracting(taken))")
    }

    @Test("Every stage, step and role of a case that accuses a unit: its people and those below it are told that there is none")
    func everythingConfidential() throws {
        let taken = try tryEverything(Self.confidential)

        // Whom the case accuses is asked for no help, and it is merged with none.
        let others = Set(CaseStep.allCases).subtracting(taken.union(Self.later))
        #expect(others == [.addCoHandler, .merge, .unmerge], "never taken: \(others)")
    }
}

extension CaseStep {
    fileprivate static func ofClock(_ order: ClockCommand.Order) -> CaseStep {
        switch order {
        case .pause: .pauseClock
        case .resume: .resumeClock
        case .rebase: .rebaseClocks
        }
    }
}
