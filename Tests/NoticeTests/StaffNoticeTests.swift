import CaseFlow
import Models
import Postgres
import TestSupport
import Testing

@testable import Notification

/// Notices to members of the staff, in a house whose couriers do not run.
@Suite("Notices to the staff", .timeLimit(.minutes(3)))
struct StaffNoticeTests {
    private static let officer = PersonCode(validated: "roads-1")
    private static let head = PersonCode(validated: "roads-head")
    private static let leader = PersonCode(validated: "leader-1")

    private func house() async throws -> NoticeHouse {
        try await NoticeHouse([], petitioners: ["file"], units: ["file"]) { definition in
            func add(_ unit: UnitCode, _ person: PersonCode, _ role: Role, _ email: String?, _ language: Language? = nil) {
                guard let index = definition.units.firstIndex(where: { $0.code == unit }) else { return }
                let member = UnitMember(person: person, role: role, email: email, language: language)
                definition.units[index].members = (definition.units[index].members ?? []) + [member]
            }
            add(TestCounty.roads, Self.officer, .officer, "roads-1@county.example", .en)
            add(TestCounty.roads, Self.head, .unitHead, "head@county.example")
            add(TestCounty.roads, PersonCode(validated: "roads-2"), .officer, nil)
            add(TestCounty.county, Self.leader, .leader, "leader@county.example")
            definition.workingHours = [WorkingHours(opens: 9 * 3600, closes: 18 * 3600)]
            definition.digestAt = 17 * 3600
            definition.templates += [
                NoticeTemplate(id: .assigned, language: .en, channel: .any, subject: "for {{leadUnit}}", body: "{{urgency}}"),
                NoticeTemplate(id: .supervised, language: .en, channel: .any, subject: "supervised", body: "{{title}}"),
            ]
            definition.templates.removeAll { $0.id == .digest || $0.id == .supervised && $0.language == .zh }
            definition.templates += [
                NoticeTemplate(id: .digest, language: .zh, channel: .any, subject: "{{day}} {{count}}", body: "{{lines}}"),
                NoticeTemplate(id: .supervised, language: .zh, channel: .any, subject: "督办 {{caseNumber}}", body: "{{title}}"),
            ]
        }
    }

    private func recipients(_ house: NoticeHouse, _ template: TemplateID) async throws -> [String] {
        try await house.client.run("SELECT recipient FROM notices WHERE template = \(template.rawValue) ORDER BY recipient")
            .map { try $0.value(0) }
    }

    private func assigned(_ urgency: Urgency) -> CaseAssigned {
        CaseAssigned(
            unit: TestCounty.roads, rule: nil, reason: LocalizedText(zh: "道路", en: "roads"), topic: nil, urgency: urgency,
            pack: RulePackCode(validated: "national"), previous: nil, handOffs: 0)
    }

    private let supervised = CaseSupervised(
        by: ActingPerson(role: .supervisor, unit: TestCounty.county, person: PersonCode(validated: "s-1")), reason: .pushedAway, note: "n")

    @Test("go to officers and heads with an address, in their language, and to leaders once a day")
    func digest() async throws {
        let house = try await house()
        try await house.register(0..<2) { _ in PetitionerContact(name: "n", phone: "1", code: "C") }
        for number in 0..<2 {
            try await house.tell(assigned(.ordinary), of: number, 1)
            try await house.tell(supervised, of: number, 2)
        }
        let sweep = DigestSweep(store: house.worker.store, routes: house.routes, logger: house.log.logger)
        // A Monday.
        let day = try #require(LocalDate("2026-11-30"))
        let offsets = TestCounty.whole().offsets
        func at(_ date: LocalDate, _ hour: Int64) -> Instant { offsets.instant(date, .seconds(hour * 3600)) }

        let early = try await sweep.once(at: at(day, 16))
        let weekend = try await sweep.once(at: at(day - 1, 18))
        let due = try await sweep.once(at: at(day, 17))
        try await house.tell(supervised, of: 0, 3)
        _ = try await sweep.once(at: at(day, 18))
        let today = try await recipients(house, .digest)
        _ = try await sweep.once(at: at(day + 1, 17))

        #expect([early, weekend, due] == [0, 0, 1])
        #expect(
            try await recipients(house, .assigned)
                == Array(repeating: ["person:roads-1", "person:roads-head", "unit:roads"], count: 2).flatMap { $0 }.sorted())
        #expect(today == ["person:leader-1"])
        #expect(try await recipients(house, .digest) == ["person:leader-1", "person:leader-1"])
        #expect(try await !recipients(house, .supervised).contains("person:leader-1"))
        let writer = NoticeWriter(store: house.worker.store, seal: house.seal, channel: .mail)
        try await house.hurry()
        let notices = try await NoticeBook(client: house.client).take(100, of: "file").owed.map(\.notice)
        let first = try #require(notices.filter { $0.template == .digest }.min { $0.time < $1.time })
        let letter = try await writer.write(first, current: house.worker.store.book(with: []).current?.index)
        #expect(letter.email == "leader@county.example" && letter.subject == "2026-11-30 2")
        #expect(letter.body == "- 督办 20260921-100000-1 the road 0\n- 督办 20260921-100001-1 the road 1")
        // A digest that waits says nothing of what its reader may know of no more.
        try await house.tell(OfficerRecused(by: ActingPerson(role: .supervisor), person: Self.leader, reason: "kin"), of: 0, 4)
        let shorter = try await writer.write(first, current: house.worker.store.book(with: []).current?.index)
        #expect(shorter.subject == "2026-11-30 1" && shorter.body == "- 督办 20260921-100001-1 the road 1")
        try await house.tell(OfficerRecused(by: ActingPerson(role: .supervisor), person: Self.leader, reason: "kin"), of: 1, 3)
        await #expect(throws: NoticeError.self) { try await writer.write(first, current: house.worker.store.book(with: []).current?.index) }
        let own = try #require(notices.first { $0.template == .assigned && $0.recipient == .person(Self.officer) })
        let english = try await writer.write(own, current: house.worker.store.book(with: []).current?.index)
        #expect(english.language == .en && english.body == "ordinary" && english.email == "roads-1@county.example")
        await house.close()
    }

    @Test("reach leaders at once in an emergency")
    func emergencies() async throws {
        let house = try await house()
        try await house.register(0..<1) { _ in PetitionerContact(name: "n", phone: "1", code: "C") }

        try await house.tell(assigned(.emergency), of: 0, 1)
        try await house.tell(supervised, of: 0, 2)

        #expect(try await recipients(house, .assigned).contains("person:leader-1"))
        #expect(try await recipients(house, .supervised).contains("person:leader-1"))
        #expect(try await house.client.run("SELECT 1 FROM digest_lines").isEmpty)
        await house.close()
    }

    @Test("never reach who is accused, nor anybody outside the circle of a confidential case")
    func accused() async throws {
        let house = try await house()
        try await house.register(
            0..<1, { _ in PetitionerContact(name: "n", phone: "1", code: "C") }, accused: .init(units: [], persons: [Self.officer]))

        try await house.tell(assigned(.emergency), of: 0, 1)
        try await house.tell(supervised, of: 0, 2)

        let told = try await recipients(house, .assigned) + recipients(house, .supervised)
        #expect(!told.contains("person:roads-1") && !told.contains("person:leader-1"))
        #expect(try await house.client.run("SELECT 1 FROM digest_lines").isEmpty)
        await house.close()
    }
}
