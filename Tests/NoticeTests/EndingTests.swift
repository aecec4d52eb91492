import Models
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Notification

/// A courier that is told to end while the ledger cannot be told of what it has delivered.
@Suite("A courier that ends", .timeLimit(.minutes(1)))
struct EndingTests {
    /// A way that reaches everybody and does something meanwhile.
    private final class Meddler: NoticeCarrier {
        let name = "meddler"
        private let deed = Mutex<(@Sendable () async -> Void)?>(nil)

        func meanwhile(_ deed: @escaping @Sendable () async -> Void) { self.deed.withLock { $0 = deed } }

        func deliver(_ letters: [NoticeLetter], within limit: Duration) async -> [NoticeOutcome] {
            await deed.withLock { $0 }?()
            return letters.map { _ in .delivered }
        }
    }

    @Test("writes down what no ledger is told of, also when it can tell the ledger nothing")
    func rest() async throws {
        let carrier = Meddler()
        let house = try await NoticeHouse([carrier], petitioners: [carrier.name], units: [carrier.name])
        try await house.register(0..<1) { _ in
            PetitionerContact(name: "李华", phone: "000 1234 1000", email: nil, address: nil, code: "CODE")
        }
        try await house.owe(1, to: TestCounty.works, of: 0)
        try await house.hurry()
        let courier = house.couriers[0]
        carrier.meanwhile {
            _ = try? await house.administrator.run("ALTER TABLE notification.case_clock RENAME TO away")
            withUnsafeCurrentTask { $0?.cancel() }
        }
        let delivery = await Task { try await courier.once() }.result

        #expect(throws: (any Error).self) { try delivery.get() }
        let phases = try await house.client.run("SELECT recipient LIKE 'unit:%', phase FROM notices ORDER BY 1").map {
            (try $0.value(0, as: Bool.self), try $0.value(1, as: String.self))
        }
        #expect(phases.map(\.0) == [false, true] && phases.map(\.1) == ["due", "delivered"])
        #expect(try await house.answers(of: carrier.name) == ["delivered"])
        await house.close()
    }
}
