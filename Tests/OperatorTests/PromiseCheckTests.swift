import Intake
import Models
import TestSupport
import Testing

@testable import Operator

@Suite("The promise is held against what is on record")
struct PromiseCheckTests {
    private func reassigned(to unit: UnitCode, from previous: UnitCode?) -> CaseAssigned {
        CaseAssigned(
            unit: unit, rule: nil, reason: LocalizedText(zh: "转交", en: "handed over"), topic: nil, urgency: .ordinary,
            pack: RulePackCode(validated: "national"), previous: previous, handOffs: 1)
    }

    @Test("A sound case has no breach, also when its clocks have run out and it was handed over")
    func sound() throws {
        var file = try CheckedCase()
        #expect(file.violations() == [])

        try file.pass(.seconds(40 * 86_400))
        #expect(Set(file.record.notices.map(\.template)) == ["receipt", "assigned", "warned", "passed"])
        #expect(file.violations() == [])

        try file.take(reassigned(to: TestCounty.education, from: TestCounty.roads), by: .routing)
        #expect(file.violations() == [])
        #expect(try CheckedCase(anonymous: true).violations() == [])
    }

    @Test("A notice that is missing is found, whatever it tells of", arguments: ["receipt", "assigned", "warned", "passed"])
    func missingNotice(template: String) throws {
        var file = try CheckedCase()
        try file.pass(.seconds(40 * 86_400))

        let found = file.violations { record in
            if let index = record.notices.firstIndex(where: { $0.template == template }) { record.notices.remove(at: index) }
        }

        #expect(found.contains { $0.hasPrefix("invariant 6") && $0.contains("the \(template) notice") && $0.contains("missing") })
    }

    @Test("A notice that no event calls for, one to another unit and one that cannot be read are found")
    func foreignNotices() throws {
        let file = try CheckedCase()

        let doubled = file.violations { record in
            record.notices.append(
                .init(id: NoticeID(UniqueID(high: 1, low: 1)), template: "warned", recipient: .unit(TestCounty.roads), phase: .due))
        }
        let elsewhere = file.violations { record in
            for index in record.notices.indices where record.notices[index].template == "assigned" {
                record.notices[index].recipient = .unit(TestCounty.education)
            }
        }
        let unreadable = file.violations { $0.unreadableNotices = 1 }

        #expect(doubled.contains { $0.contains("no event calls for the warned notice") })
        #expect(elsewhere.contains { $0.contains("the assigned notice to") && $0.contains("missing") })
        #expect(unreadable.contains { $0.contains("cannot be read") })
    }

    @Test("A warning that came while the case was handed over may have gone to either unit")
    func warnedWhileHandedOver() throws {
        var file = try CheckedCase()
        try file.take(reassigned(to: TestCounty.education, from: TestCounty.roads), by: .routing)

        try file.pass(.seconds(8 * 86_400), after: SourcePositions(intake: 1, routing: 1))

        // The ledger has the hand-over first; notification may have had it second.
        #expect(file.record.notices.contains { $0.template == "warned" && $0.recipient == .unit(TestCounty.education) })
        #expect(file.violations() == [])
        #expect(file.violations { $0.sendWarnings(to: TestCounty.roads) } == [])
        #expect(file.violations { $0.sendWarnings(to: TestCounty.desk) } != [])
    }

    @Test("A feed entry that is missing is found")
    func missingFeedEntry() throws {
        let file = try CheckedCase()

        #expect(file.violations { $0.feed.removeLast() }.contains { $0.hasPrefix("invariant 6") && $0.contains("feed") })
    }

    @Test("A second assignment that does not say whom the case was taken from is found")
    func silentAssignment() throws {
        var file = try CheckedCase()

        try file.take(reassigned(to: TestCounty.education, from: nil), by: .routing)

        #expect(file.violations().contains { $0.hasPrefix("invariant 4") })
    }

    @Test("A session has no breach, and its record is what its ledger says")
    func sessions() throws {
        let clerk = ActingPerson(role: .clerk)
        let plan = SessionPlanned(
            by: clerk, kind: .visit, leader: PersonCode(validated: "l-1"), unit: TestCounty.roads, level: .county, place: "p",
            starts: CheckedCase.registered, ends: CheckedCase.registered + .seconds(60))
        let file = try CheckedCase(session: [
            plan, SessionOpened(by: clerk, at: CheckedCase.registered), VisitorQueued(by: clerk, number: 1, contact: nil),
            VisitorServed(by: clerk, number: 1, case: nil, left: false), SessionClosed(by: clerk, summary: "s", reached: 1),
        ])

        #expect(file.record.intake?.session?.phase == .closed)
        #expect(file.violations() == [])
        let changed = file.violations { $0.intake?.session?.reached = 2 }
        #expect(changed.contains { $0.hasPrefix("invariant 7") && $0.contains("another state than intake") })
        #expect(file.violations { $0.intake?.session = nil } != [])
        #expect(file.violations { $0.lines.removeLast() } != [])
    }
}
