import Models
import Postgres
import PrivateServers
import Synchronization
import TestSupport
import Testing

@testable import Notification
@testable import Operator

/// Couriers whose database goes away while they have notices in hand.
@Suite("Couriers without their database", .timeLimit(.minutes(5)))
struct OutageTests {
    /// A way that reaches everybody, and whose first delivery the database does not outlive.
    private final class LastWord: NoticeCarrier {
        let name = "last-word"
        private let server: PostgresServer
        private let taken = Mutex<[NoticeID]>([])
        private let killed = Mutex(false)

        var hasKilled: Bool { killed.withLock { $0 } }
        var deliveries: [NoticeID] { taken.withLock { $0 } }

        init(_ server: PostgresServer) { self.server = server }

        func deliver(_ letters: [NoticeLetter], within limit: Duration) async -> [NoticeOutcome] {
            let isFirst = taken.withLock { taken in
                defer { taken += letters.map(\.id) }
                return taken.isEmpty
            }
            if isFirst {
                try? await server.kill()
                killed.withLock { $0 = true }
            }
            return letters.map { _ in .delivered }
        }
    }

    @Test("keep what became of them until it is back, and deliver nothing twice")
    func keepsOutcomes() async throws {
        let server = try await PostgresServer()
        let url = try await server.database()
        try await Schemas.migrate(adminURL: url, passwords: [:]) { _ in }
        let carrier = LastWord(server)
        let house = try await NoticeHouse([carrier], petitioners: ["last-word"], units: ["last-word"], at: url)

        try await house.running {
            try await house.register(0..<3) { number in
                PetitionerContact(name: "李华\(number)", phone: "000 1234 \(1000 + number)", email: nil, address: nil, code: "CODE\(number)")
            }
            try await eventually("something is delivered, and the database is gone") { carrier.hasKilled }
            try await server.restart()
            // Less than what they are lent for, after which another delivery would begin.
            try await eventually(within: .seconds(20), "every end is recorded") { (try? await house.count("delivered")) == 3 }
        }

        #expect(carrier.deliveries.count == 3 && Set(carrier.deliveries).count == 3)
        #expect(try await house.answers(of: "last-word") == ["delivered", "delivered", "delivered"])
        #expect(try await house.told(NoticeDelivered.type) == 3)
        await house.close()
        await server.remove()
    }
}
