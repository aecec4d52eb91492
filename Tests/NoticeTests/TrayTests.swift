import Models
import Postgres
import TestSupport
import Testing

@testable import Notification

/// What waits in the memory of one process for its way, and in the table at the same time.
@Suite("A tray of notices", .timeLimit(.minutes(3)))
struct TrayTests {
    private func contact(_ number: Int) -> PetitionerContact {
        PetitionerContact(name: "李华\(number)", phone: "000 1234 \(1000 + number)", email: nil, address: nil, code: "CODE\(number)")
    }

    /// A house whose courier does not run, with notices in its tray, and another process's view of the table.
    private func house(_ cases: Range<Int>) async throws -> (house: NoticeHouse, tray: NoticeTray, book: NoticeBook) {
        let folder = try TestDirectory()
        let house = try await NoticeHouse([FileCarrier(directory: folder.path)], petitioners: ["file"], units: ["file"])
        try await house.register(cases) { contact($0) }
        return (house, try #require(house.trays.first), NoticeBook(client: house.client))
    }

    @Test("is lent what waits in it for longer, with the contact that the table has by then")
    func renewed() async throws {
        let (house, tray, book) = try await house(0..<3)
        let later = ContinuousClock.now + .seconds(9)
        #expect(await tray.aging().isEmpty)
        let aged = await tray.aging(at: later)
        #expect(aged.count == 3)
        let corrected = try house.seal.seal(contact(7))
        let first = try #require(aged.first?.notice.id)
        try await house.client.run("UPDATE notices SET contact = \(corrected.text) WHERE id = \(first)")

        let renewals = try await book.renew(aged, of: "file")
        await tray.keep(renewals, of: aged, asked: later)

        let taken = await tray.take(10, at: later + .seconds(14))
        #expect(Set(taken.map(\.notice.id)) == Set(aged.map(\.notice.id)))
        #expect(taken.first { $0.notice.id == first }?.notice.contact == corrected)
        await house.close()
    }

    @Test("drops what another process has taken meanwhile")
    func takenByOthers() async throws {
        let (house, tray, book) = try await house(0..<3)
        let aged = await tray.aging(at: .now + .seconds(9))
        let lost = try #require(aged.last?.notice.id)
        try await house.client.run("UPDATE notices SET next_at = now() WHERE id = \(lost)")
        let others = try await book.take(10, of: "file").owed
        #expect(others.map(\.notice.id) == [lost])

        await tray.keep(try await book.renew(aged, of: "file"), of: aged, asked: .now)

        #expect(Set(await tray.take(10).map(\.notice.id)) == Set(aged.map(\.notice.id)).subtracting([lost]))
        await house.close()
    }

    @Test("gives back what it has no room for, and the next sweep takes it under the number of its first try")
    func withoutRoom() async throws {
        let (house, tray, book) = try await house(0..<2)
        let waiting = await tray.take(10)
        #expect(waiting.count == 2)
        // As many as it holds of one, and then the other.
        await tray.add(Array(repeating: waiting[0], count: 4000) + [waiting[1]])

        let excess = await tray.takeExcess()
        #expect(excess == [waiting[1].notice.id])
        #expect(try await book.take(10, of: "file").owed.isEmpty)
        try await book.giveBack(excess, of: "file")

        let swept = try await book.take(10, of: "file").owed
        #expect(swept.map(\.notice.id) == excess && swept.map(\.attempts) == [1])
        #expect(await tray.takeExcess().isEmpty)
        await house.close()
    }

    @Test("gives back what has waited in it for too long")
    func late() async throws {
        let (house, tray, book) = try await house(0..<2)
        #expect(try await book.take(10, of: "file").owed.isEmpty)

        #expect(await tray.take(10, at: .now + .seconds(16)).isEmpty)
        let excess = await tray.takeExcess()
        try await book.giveBack(excess, of: "file")

        let swept = try await book.take(10, of: "file").owed
        #expect(excess.count == 2 && Set(swept.map(\.notice.id)) == Set(excess) && swept.allSatisfy { $0.attempts == 1 })
        await house.close()
    }
}
