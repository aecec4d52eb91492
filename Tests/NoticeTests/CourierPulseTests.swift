import Models
import Postgres
import TestSupport
import Testing

@testable import Notification

/// What becomes of notices whose process dies, or seems to.
@Suite("The pulse of couriers", .timeLimit(.minutes(3)))
struct CourierPulseTests {
    private let silence = Duration.milliseconds(300)

    /// A house whose couriers do not run, and two processes that deliver its notices.
    private func house(
        _ cases: Int, silence: Duration? = nil
    ) async throws -> (house: NoticeHouse, first: CourierPulse, second: CourierPulse) {
        let folder = try TestDirectory()
        let house = try await NoticeHouse([FileCarrier(directory: folder.path)], petitioners: ["file"], units: ["file"])
        try await house.register(0..<cases) { number in
            PetitionerContact(name: "李华\(number)", phone: "000 1234 \(1000 + number)", email: nil, address: nil, code: "CODE\(number)")
        }
        func pulse(_ number: UInt64, _ trays: [NoticeTray]) -> CourierPulse {
            CourierPulse(
                UniqueID(high: 0x0193_0000_0000_7000, low: 0x8000_0000_0000_0000 | number), client: house.client, trays: trays,
                logger: house.log.logger, silence: silence ?? self.silence)
        }
        return (house, pulse(1, house.trays), pulse(2, []))
    }

    /// Lets a process show itself and take everything; says how much that was.
    private func lend(_ house: NoticeHouse, to pulse: CourierPulse) async throws -> Int {
        _ = try await pulse.beat()
        try await house.hurry()
        return try await NoticeBook(client: house.client, courier: pulse.id).take(10, of: "file").owed.count
    }

    @Test("gives back within moments what a dead process had in hand, and what waits for another try only then")
    func takeover() async throws {
        let (house, dead, living) = try await house(4)
        #expect(try await lend(house, to: dead) == 4)
        // One of them came back with a pause, which is nobody's loan.
        let book = NoticeBook(client: house.client, courier: dead.id)
        let paused: NoticeID = try #require(try await house.client.run("SELECT id FROM notices ORDER BY id LIMIT 1").first).value(0)
        try await house.client.run("UPDATE notices SET lent_to = NULL, next_at = now() + interval '1 hour' WHERE id = \(paused)")

        #expect(try await living.beat() == 0)
        #expect(try await book.take(10, of: "file").owed.isEmpty)
        try await eventually("the dead one's notices are taken over") { try await living.beat() == 3 }

        let taken = try await NoticeBook(client: house.client, courier: living.id).take(10, of: "file").owed
        #expect(taken.count == 3 && taken.allSatisfy { $0.attempts == 3 && $0.notice.id != paused })
        #expect(try await house.client.run("SELECT id FROM couriers").count == 1)
        await house.close()
    }

    @Test("leaves what a living process has in hand")
    func living() async throws {
        let (house, first, second) = try await house(2)
        #expect(try await lend(house, to: first) == 2)

        let end = ContinuousClock.now + silence * 4
        while .now < end {
            _ = try await first.beat()
            #expect(try await second.beat() == 0)
        }

        #expect(await first.isFresh)
        #expect(try await house.client.run("SELECT id FROM notices WHERE lent_to = \(first.id)").count == 2)
        await house.close()
    }

    @Test("makes a process that was taken for dead drop what waits in its trays")
    func heldUp() async throws {
        let (house, first, second) = try await house(2)
        let tray = try #require(house.trays.first)
        #expect(try await lend(house, to: first) == 2)
        try await eventually("it is taken for dead") { try await second.beat() == 2 }
        #expect(await !first.isFresh)

        _ = try await first.beat()

        #expect(await tray.take(10).isEmpty)
        #expect(await first.isFresh)
        await house.close()
    }

    @Test("gives back what it was lent without hearing of it, because the answer was lost, and nothing that it has")
    func strays() async throws {
        let (house, first, _) = try await house(4, silence: .seconds(1))
        let tray = try #require(house.trays.first)
        let book = NoticeBook(client: house.client, courier: first.id)
        #expect(try await lend(house, to: first) == 4)
        let known = await tray.take(10)
        _ = await tray.forget()
        await tray.add([known[0]])
        first.hold([known[1].notice.id], of: "file")
        #expect(await house.client.losses == 0)
        #expect(try await first.giveBackStrays() == 0)

        await #expect(throws: PostgresError.self) { try await house.client.run("SELECT pg_terminate_backend(pg_backend_pid())") }
        #expect(try await first.giveBackStrays() == 0)
        try await eventually("what nobody knows of is given back") { try await first.giveBackStrays() == 2 }

        let taken = try await book.take(10, of: "file").owed
        #expect(Set(taken.map(\.notice.id)) == Set(known[2...].map(\.notice.id)) && taken.allSatisfy { $0.attempts == 3 })
        // It is lent anew, and whoever has it is only about to say so.
        #expect(try await first.giveBackStrays() == 0)
        #expect(try await house.client.run("SELECT id FROM notices WHERE lent_to = \(first.id)").count == 4)
        await house.close()
    }

    @Test("gives everything back when a process ends")
    func ended() async throws {
        let (house, first, second) = try await house(2)
        #expect(try await lend(house, to: first) == 2)

        try await first.end()

        #expect(try await NoticeBook(client: house.client, courier: second.id).take(10, of: "file").owed.count == 2)
        #expect(try await house.client.run("SELECT id FROM couriers").isEmpty)
        await house.close()
    }
}
