import Models
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import Intake

@Suite("Hashes and query codes", .timeLimit(.minutes(2)))
struct HashKeyGuardTests {
    @Test("come from the key that the house began with, or intake does not start")
    func guarded() async throws {
        func seal(_ secret: UInt8, after older: UInt8...) throws -> SealKey {
            func bytes(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }
            return try #require(SealKey(secret: bytes(secret), older: older.map(bytes)))
        }
        try await CaseShelf.with(CountyIndex(TestCounty.whole())) { shelf in
            try await HashKeyGuard.check(seal(1), on: shelf.client)
            try await HashKeyGuard.check(seal(2, after: 1), on: shelf.client)
            try await HashKeyGuard.check(seal(3, after: 1, 2), on: shelf.client)
            let (first, other) = (try seal(1).id, try seal(2).id)
            for wrong in [try seal(2), try seal(3, after: 2, 1)] {
                let failure = await #expect(throws: StartupFailure.self) { try await HashKeyGuard.check(wrong, on: shelf.client) }
                #expect(failure.map { "\($0)".contains(first) && "\($0)".contains(other) } == true)
            }
        }
    }
}
