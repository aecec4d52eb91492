import CaseFlow
import Models
import Postgres
import TestSupport
import Testing

@testable import Notification

@Suite("The list of notices for staff", .timeLimit(.minutes(3)))
struct NoticeListTests {
    private func person(_ role: Role, _ unit: UnitCode) -> ActingPerson {
        ActingPerson(role: role, unit: unit, person: PersonCode(validated: "\(unit)-\(role.rawValue)"))
    }

    @Test("shows those of the cases that somebody may know of, and of a confidential one only to its circle")
    func access() async throws {
        let house = try await NoticeHouse([], petitioners: ["file"], units: ["file"])
        try await house.register(0..<1) { _ in PetitionerContact(name: "n", phone: "1", code: "C") }
        try await house.register(
            1..<2, { _ in PetitionerContact(name: "n", phone: "1", code: "C") }, accused: .init(units: [TestCounty.education], persons: []))
        for number in 0..<2 {
            try await house.tell(
                CaseAssigned(
                    unit: TestCounty.roads, rule: nil, reason: LocalizedText(zh: "道路", en: "roads"), topic: nil, urgency: .ordinary,
                    pack: RulePackCode(validated: "national"), previous: nil, handOffs: 0), of: number, 1)
        }
        try await house.client.run("UPDATE notices SET phase = 'failed', last_answer = 'x'")
        let list = NoticeAPI(store: house.worker.store, seal: house.seal)
        func seen(_ person: ActingPerson) async throws -> Set<String> {
            let (notices, next) = try await list.page(nil, of: nil, after: .beginning, limit: 50, for: person)
            #expect(next == nil)
            return Set(
                notices.compactMap { notice in
                    guard case .object(let members) = notice, case .string(let subject)? = members["case"] else { return nil }
                    return subject
                })
        }
        let (open, confidential) = (NoticeHouse.subject(0).description, NoticeHouse.subject(1).description)

        #expect(try await seen(person(.officer, TestCounty.roads)) == [open, confidential])
        #expect(try await seen(person(.officer, TestCounty.works)).isEmpty || TestCounty.works == TestCounty.roads)
        #expect(try await seen(person(.officer, TestCounty.education)).isEmpty)
        #expect(try await seen(person(.auditor, TestCounty.county)) == [open])
        #expect(try await seen(ActingPerson(role: .administrator)) == [open])
        #expect(try await seen(person(.subscriber, TestCounty.roads)).isEmpty)
        await house.close()
    }

    @Test("goes on where a page ended, each notice once")
    func pages() async throws {
        let house = try await NoticeHouse([], petitioners: ["file"], units: ["file"])
        try await house.register(0..<7) { _ in PetitionerContact(name: "n", phone: "1", code: "C") }
        let list = NoticeAPI(store: house.worker.store, seal: house.seal)

        var (found, place): ([JSONValue], NoticePlace?) = ([], .beginning)
        while let after = place {
            let (notices, next) = try await list.page(.due, of: nil, after: after, limit: 3, for: ActingPerson(role: .administrator))
            found += notices
            place = next
        }

        #expect(found.count == 7 && Set(found.map(\.text)).count == 7)
        await house.close()
    }
}
