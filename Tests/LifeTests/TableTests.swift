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

    /// A case brought to each stage by lawful steps.
    private func cases() throws -> [PlayedCase] {
        let roads = PlayedCase.officer(TestCounty.roads)
        var cases: [PlayedCase] = []
        func play(_ stage: Stage, _ steps: (inout PlayedCase) throws -> Void) throws {
            var play = try PlayedCase()
            try steps(&play)
            #expect(try play.stage == stage)
            cases.append(play)
        }
        func answered(_ play: inout PlayedCase) throws {
            try play.desk(.accept(officer: nil), by: roads)
            try play.desk(.answer(PlayedCase.answer), by: roads)
        }
        try play(.assigned) { _ in }
        try play(.accepted) { try $0.desk(.accept(officer: nil), by: roads) }
        try play(.notAccepted) { try $0.desk(.notAccept(.outsidePowers, explanation: "x", lawfulWay: "y"), by: roads) }
        try play(.redirected) { try $0.desk(.redirect(.litigation, explanation: "x"), by: roads) }
        try play(.answered) { try answered(&$0) }
        try play(.underReview) {
            try answered(&$0)
            try $0.order(.requestReview(reason: "x"))
        }
        try play(.answered) {
            try answered(&$0)
            try $0.order(.requestReview(reason: "x"))
            try $0.desk(.answerReview(PlayedCase.answer), by: PlayedCase.officer(TestCounty.county))
        }
        try play(.underFinalReview) {
            try answered(&$0)
            try $0.order(.requestReview(reason: "x"))
            try $0.desk(.answerReview(PlayedCase.answer), by: PlayedCase.officer(TestCounty.county))
            try $0.order(.requestFinalReview(reason: "x"))
        }
        try play(.terminated) {
            try answered(&$0)
            try $0.order(.requestReview(reason: "x"))
            try $0.desk(.answerReview(PlayedCase.answer), by: PlayedCase.officer(TestCounty.county))
            try $0.order(.requestFinalReview(reason: "x"))
            try $0.desk(.answerFinalReview(PlayedCase.answer), by: PlayedCase.officer(TestCounty.city))
        }
        try play(.closed) {
            try answered(&$0)
            try $0.order(.rate(.satisfied, note: nil))
            try $0.desk(.close(.solved, note: nil), by: roads)
        }
        try play(.withdrawn) { try $0.order(.withdraw(reason: nil)) }
        try play(.merged) {
            try $0.order(
                .merge(
                    MergeTarget(
                        id: CaseID(UniqueID(high: 1, low: 1)), number: "1", registered: Instant(microseconds: 0), stage: .accepted,
                        hasSamePerson: true)),
                by: PlayedCase.clerk)
        }
        return cases
    }

    /// Somebody of each role, and for units' people somebody of each standing.
    private var people: [ActingPerson] {
        let units = [TestCounty.roads, TestCounty.works, TestCounty.county, TestCounty.city, TestCounty.education]
        let countywide = [Role.clerk, .dispatcher, .supervisor, .leader, .auditor].map {
            ActingPerson(role: $0, unit: TestCounty.desk, person: PersonCode(validated: "somebody"))
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
            .merge(
                MergeTarget(
                    id: CaseID(UniqueID(high: 1, low: 2)), number: "2", registered: Instant(microseconds: 0), stage: .accepted,
                    hasSamePerson: true)),
            .unmerge(reason: "x"), .correct(index: 0, .init(person: "q", contact: SealedText(text: "s"))), .recordService(.post, on: now),
            .recordReturnCall(reached: true, nil, note: nil), .unmask(reason: "x"),
        ]
    }

    /// Takes a step and holds what comes of it against the table.
    private func check(
        _ step: CaseStep, by person: ActingPerson, on before: PlayedCase, _ take: (inout PlayedCase) throws -> Void
    ) throws -> Bool {
        var play = before
        let life = try play.life
        let allowed = (try? life.judge(step, by: person, in: county)) != nil
        let sees = life.access(of: person, in: county, current: county) > .none
        do {
            try take(&play)
            #expect(allowed, "\(step) by \(person.role) at \(life.stage)")
            let row = try #require(Lifecycle.transition(step))
            // A case whose merger is undone is assigned again at once.
            let after = step == .unmerge ? .assigned : row.to ?? life.stage
            #expect(try play.stage == after, "\(step) by \(person.role) at \(life.stage)")
            #expect(play.violations == [], "\(step) by \(person.role) at \(life.stage)")
            return true
        } catch let refusal as Refusal {
            #expect(refusal.sentence.count > 10 && refusal.sentence.first?.isUppercase != true && !refusal.sentence.hasSuffix("."))
            switch refusal.kind {
            case .unknown: #expect(!sees)
            case .forbidden:
                #expect(!allowed || ["common-superior-decides", "dispatcher-decides", "does-not-handle"].contains(refusal.rule))
            case .conflict, .invalid, .changed: #expect(allowed || refusal.rule == "wrong-stage", "\(step): \(refusal)")
            case .unavailable: Issue.record("\(step) by \(person.role): \(refusal)")
            }
            return false
        }
    }

    @Test("Every stage, step and role moves the case or is refused in a sentence")
    func everything() throws {
        var taken: Set<CaseStep> = []
        for play in try cases() {
            for person in people {
                for order in deskOrders() {
                    if try check(order.step, by: person, on: play, { try $0.desk(order, by: person) }) { taken.insert(order.step) }
                }
                for order in orders(play.now) {
                    if try check(order.step, by: person, on: play, { try $0.order(order, by: person) }) { taken.insert(order.step) }
                }
                if try check(.extend, by: person, on: play, { try $0.extend(10, by: person) }) { taken.insert(.extend) }
            }
        }

        // These need a unit asked for help, an objection, a task or the end of a unit before them; the stories take them.
        let later: Set<CaseStep> = [
            .confirmObjection, .refuseObjection, .excuseCoHandler, .answerAsCoHandler, .endAssistance, .succeed,
        ]
        #expect(taken.union(later) == Set(CaseStep.allCases), "never taken: \(Set(CaseStep.allCases).subtracting(taken))")
    }
}
