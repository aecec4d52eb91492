import CaseFlow
import Models
import Postgres
import TestSupport
import Testing

@testable import Notification
@testable import Operator

/// What couriers do with notices whose ways fail in one manner or another, step by step.
@Suite("Notices that wait", .timeLimit(.minutes(3)))
struct PatienceTests {
    private let contact = PetitionerContact(name: "n", phone: "1", code: "C")

    private func house(_ first: ScriptedCarrier, _ second: ScriptedCarrier) async throws -> NoticeHouse {
        try await NoticeHouse([first, second], petitioners: [first.name, second.name], units: [second.name])
    }

    /// Lets both couriers work on what is due in the table, once.
    private func step(_ house: NoticeHouse) async throws {
        try await house.hurry()
        for courier in house.couriers { _ = try await courier.once() }
    }

    private func row(_ house: NoticeHouse) async throws -> [String] {
        try await house.client.run("SELECT concat_ws(' ', way, attempts, phase) FROM notices ORDER BY created_at, id").map {
            try $0.value(0)
        }
    }

    @Test("lose no try while nothing gets through, and one each time that others do")
    func fairness() async throws {
        let (first, second) = (ScriptedCarrier("a") { _ in .down("x") }, ScriptedCarrier("b") { _ in .delivered })
        let house = try await house(first, second)
        try await house.register(0..<6) { _ in contact }

        try await step(house)
        // The first try was lent with the notice itself.
        #expect(Set(try await row(house)) == ["a 1 due"])

        // Another courier, whose breaker is closed: five of six get through now.
        let last = NoticeHouse.subject(5).description
        let others = ScriptedCarrier("a") { $0.number.hasSuffix("100005-1") ? .down("x") : .delivered }
        let courier = NoticeCourier(
            worker: house.worker, seal: house.seal, carrier: others, routes: house.routes, trays: [:], logger: house.log.logger)
        try await house.hurry()
        _ = try await courier.once()
        #expect(try await house.count("delivered") == 5)
        #expect(try await house.client.run("SELECT attempts FROM notices WHERE subject = \(last)::uuid").first?.value(0) == 2)
        for _ in 3...24 {
            try await house.hurry()
            // Something else that goes out keeps the way open.
            try await house.owe(1, to: TestCounty.roads, of: 0)
            try await house.client.run("UPDATE notices SET way = 'a' WHERE template = 'assigned' AND phase = 'due'")
            _ = try await courier.once()
        }
        #expect(try await row(house).contains("b 1 due"))
        await house.close()
    }

    @Test("go to the next way when one is down too long: in an emergency after minutes")
    func emergencies() async throws {
        let (first, second) = (ScriptedCarrier("a") { _ in .down("x", rest: .seconds(60)) }, ScriptedCarrier("b") { _ in .delivered })
        let house = try await house(first, second)
        try await house.register(0..<2) { _ in contact }
        try await house.client.run("UPDATE notices SET urgent = true WHERE subject = \(NoticeHouse.subject(0))")

        try await step(house)
        #expect(try await house.count("due", way: "a") == 2)
        try await house.client.run("UPDATE notices SET since = now() - interval '6 minutes'")
        try await step(house)

        #expect(second.letters.map(\.number) == ["20260921-100000-1"] || second.letters.isEmpty)
        try await step(house)
        #expect(second.letters.map(\.number) == ["20260921-100000-1"])
        try await house.client.run("UPDATE notices SET since = now() - interval '13 hours' WHERE phase = 'due'")
        try await step(house)
        try await step(house)
        #expect(second.letters.count == 2 && first.letters.count == 2)
        await house.close()
    }

    @Test("leave a way that takes them and never answers, too, and one that asks for a long rest, in time")
    func silence() async throws {
        let (first, second) = (ScriptedCarrier("a") { _ in .dropped("no answer") }, ScriptedCarrier("b") { _ in .delivered })
        let house = try await house(first, second)
        try await house.register(0..<1) { _ in contact }
        try await house.client.run("UPDATE notices SET urgent = true")
        for _ in 0..<6 { try await step(house) }
        #expect(second.letters.isEmpty)

        try await house.client.run("UPDATE notices SET since = now() - interval '6 minutes'")
        first.answers(.dropped("no answer"))
        try await step(house)
        try await step(house)
        #expect(second.letters.count == 1)

        // It is known to rest for an hour when another emergency comes.
        let busy = ScriptedCarrier("a") { _ in .down("busy", rest: .seconds(3600)) }
        let courier = NoticeCourier(
            worker: house.worker, seal: house.seal, carrier: busy, routes: house.routes, trays: [:], logger: house.log.logger)
        try await house.register(1..<3) { _ in contact }
        try await house.client.run("UPDATE notices SET urgent = true, since = now() WHERE phase = 'due'")
        for _ in 0..<2 {
            try await house.hurry()
            _ = try await courier.once()
        }
        #expect(
            try await house.client.run("SELECT max(extract(epoch FROM next_at - now())) < 302 FROM notices WHERE phase = 'due'").first?
                .value(0) == true)
        await house.close()
    }

    @Test("go out before all others when lives may depend on them")
    func precedence() async throws {
        let (first, second) = (ScriptedCarrier("a") { _ in .delivered }, ScriptedCarrier("b") { _ in .delivered })
        let house = try await house(first, second)
        try await house.register(0..<20) { _ in contact }
        try await house.client.run("UPDATE notices SET urgent = true WHERE subject = \(NoticeHouse.subject(17))")

        try await step(house)

        #expect(first.letters.first?.number == "20260921-100017-1" && first.letters.count == 20)
        await house.close()
    }

    @Test("are told delivered by another way than the one that failed before, once")
    func again() async throws {
        let (first, second) = (ScriptedCarrier("a") { _ in .impossible("no") }, ScriptedCarrier("b") { _ in .impossible("no") })
        let house = try await house(first, second)
        try await house.running {
            try await house.register(0..<1) { _ in contact }
            try await eventually { try await house.count("failed") == 1 }
        }
        let failed = try await NoticeDesk(client: house.administrator).list(phase: nil, number: nil, limit: 10)
        #expect(failed.count == 1)

        second.answers(.delivered)
        #expect(try await NoticeDesk(client: house.administrator).retry(failed.map(\.id), way: nil) == 1)
        #expect(try await NoticeBook(client: house.client).adopt(by: house.routes) == 1)
        // It passes from one way to the other within the process.
        try await house.running { try await eventually { try await house.count("delivered") == 1 } }

        #expect(try await house.told(NoticeFailed.type) == 1)
        #expect(try await house.told(NoticeDelivered.type) == 1)
        await house.close()
    }

    @Test("use the number that was corrected meanwhile")
    func corrections() async throws {
        let (first, second) = (ScriptedCarrier("a") { _ in .later("busy") }, ScriptedCarrier("b") { _ in .delivered })
        let house = try await house(first, second)
        try await house.register(0..<1) { _ in contact }
        try await step(house)

        let sealed = try house.seal.seal(PetitionerContact(name: "n", phone: "2", code: "C"))
        try await house.tell(
            PersonCorrected(by: ActingPerson(role: .clerk), index: 0, petitioner: .init(person: "p", contact: sealed)), of: 0, 2,
            from: .intake)
        try await step(house)

        #expect(first.letters.map(\.phone) == ["1", "2"])
        await house.close()
    }

    @Test("wait alone when they cannot be read")
    func unreadable() async throws {
        let (first, second) = (ScriptedCarrier("a") { _ in .delivered }, ScriptedCarrier("b") { _ in .delivered })
        let house = try await house(first, second)
        try await house.register(0..<3) { _ in contact }
        try await house.client.run("UPDATE notices SET fields = '\\x00' WHERE subject = \(NoticeHouse.subject(1))")

        try await step(house)

        #expect(try await [house.count("delivered"), house.count("due")] == [2, 1])
        #expect(
            try await house.client.run("SELECT next_at > now() + interval '50 minutes' FROM notices WHERE phase = 'due'").first?.value(0)
                == true)
        #expect(house.log.lines.contains { $0.hasPrefix("error notices cannot be read") })
        await house.close()
    }

    @Test("use the last of several corrections, whatever came in one batch, and after a failure, too")
    func laterCorrections() async throws {
        let (first, second) = (ScriptedCarrier("a") { _ in .impossible("no") }, ScriptedCarrier("b") { _ in .impossible("no") })
        let house = try await house(first, second)
        try await house.register(0..<1) { _ in contact }
        try await step(house)
        try await step(house)
        #expect(try await house.count("failed") == 1)

        let numbers = try ["2", "3"].map { try house.seal.seal(PetitionerContact(name: "n", phone: $0, code: "C")) }
        try await house.tell(
            numbers.map { PersonCorrected(by: ActingPerson(role: .clerk), index: 0, petitioner: .init(person: "p", contact: $0)) }, of: 0,
            2,
            from: .intake)
        let failed = try await NoticeDesk(client: house.administrator).list(phase: nil, number: nil, limit: 10)
        _ = try await NoticeDesk(client: house.administrator).retry(failed.map(\.id), way: nil)
        _ = try await NoticeBook(client: house.client).adopt(by: house.routes)
        first.answers(.delivered)
        try await step(house)

        #expect(first.letters.map(\.phone) == ["1", "3"])
        await house.close()
    }

    @Test("go to nobody who has withdrawn from the case, and fail nobody by that")
    func recusal() async throws {
        let officer = PersonCode(validated: "roads-1")
        let carrier = ScriptedCarrier("b") { _ in .delivered }
        let house = try await NoticeHouse([carrier], petitioners: ["a"], units: ["b"]) { definition in
            guard let index = definition.units.firstIndex(where: { $0.code == TestCounty.roads }) else { return }
            definition.units[index].members = [UnitMember(person: officer, role: .officer, email: "roads-1@county.example")]
        }
        try await house.register(0..<1) { _ in contact }
        try await house.tell(
            CaseAssigned(
                unit: TestCounty.roads, rule: nil, reason: LocalizedText(zh: "道路", en: "roads"), topic: nil, urgency: .ordinary,
                pack: RulePackCode(validated: "national"), previous: nil, handOffs: 0), of: 0, 1)
        try await house.tell(
            OfficerRecused(by: ActingPerson(role: .unitHead, unit: TestCounty.roads), person: officer, reason: "kin"), of: 0, 2)

        try await step(house)

        #expect(carrier.letters.map(\.recipient) == [.unit(TestCounty.roads)])
        #expect(try await house.count("withdrawn") == 1)
        #expect(try await house.told(NoticeFailed.type) == 0)
        await house.close()
    }
}
