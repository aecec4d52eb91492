import HTTPTypes
import NIOCore
import ServiceKit
import Synchronization
import Testing

@testable import Intake

@Suite("The brake on guesses")
struct GuessBrakeTests {
    private let start = ContinuousClock.now

    private static func client(_ last: Int) throws -> ClientAddress {
        try #require(ClientAddress(SocketAddress(ipAddress: "198.51.\(last / 200).\(last % 200)", port: 1)))
    }

    /// Whether a guess at `number` may be looked at, so many seconds after the start; it misses unless told.
    private func allows(
        _ brake: GuessBrake, _ number: String, from client: ClientAddress?, after seconds: Int = 0, missing: Bool = true
    ) async -> Bool {
        do throws(Problem) {
            let guess = GuessBrake.Guess(number: number, client: client)
            try await brake.take(guess, at: start + .seconds(seconds))
            await brake.settle(guess, missed: missing, at: start + .seconds(seconds))
            return true
        } catch { return false }
    }

    @Test("counts guesses that are on their way at the same time")
    func parallel() async throws {
        let (brake, client) = (GuessBrake(start: start), try Self.client(1))

        let passed = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<200 { group.addTask { await allows(brake, "a", from: client) } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }

        #expect(passed == 5)
        #expect(await allows(brake, "b", from: client))
    }

    @Test("lets a number rest for a minute after the fifth miss from one address, and says for how long")
    func rests() async throws {
        let (brake, client) = (GuessBrake(start: start), try Self.client(1))
        for second in 0..<5 { #expect(await allows(brake, "a", from: client, after: second * 50)) }

        #expect(await !allows(brake, "a", from: client, after: 259))
        let problem = await #expect(throws: Problem.self) {
            try await brake.take(.init(number: "a", client: client), at: start + .seconds(230))
        }
        #expect(problem?.status == .tooManyRequests)
        #expect(problem?.headers[.retryAfter] == "30")
        #expect(await allows(brake, "a", from: client, after: 260))
    }

    @Test("does not let one address shut out another, nor those who share one")
    func others() async throws {
        let (brake, loopback) = (GuessBrake(start: start), try #require(ClientAddress(SocketAddress(ipAddress: "127.0.0.1", port: 1))))
        for _ in 0..<9 { _ = try await allows(brake, "a", from: Self.client(1)) }
        for _ in 0..<200 { #expect(await allows(brake, "a", from: loopback)) }

        #expect(try await !allows(brake, "a", from: Self.client(1), missing: false))
        #expect(try await allows(brake, "a", from: Self.client(2), missing: false))
        #expect(await allows(brake, "a", from: loopback, missing: false))
        #expect(await allows(brake, "a", from: nil, missing: false))
    }

    @Test("stops one address that tries many numbers")
    func manyNumbers() async throws {
        let brake = GuessBrake(start: start)
        for number in 0..<100 { #expect(try await allows(brake, "\(number)", from: Self.client(1), after: number / 2)) }

        let problem = await #expect(throws: Problem.self) {
            try await brake.take(.init(number: "new", client: try Self.client(1)), at: start + .seconds(59))
        }
        #expect(problem?.headers[.retryAfter] == "1")
        #expect(try await allows(brake, "new", from: Self.client(2), after: 59))
        #expect(try await allows(brake, "new", from: Self.client(1), after: 60))
    }

    @Test("stops a flood at one number from everywhere")
    func flood() async throws {
        let brake = GuessBrake(start: start)
        for number in 0..<300 { #expect(try await allows(brake, "a", from: Self.client(number))) }

        #expect(try await !allows(brake, "a", from: Self.client(301), after: 59))
        #expect(try await allows(brake, "b", from: Self.client(301), after: 59))
        #expect(try await allows(brake, "a", from: Self.client(301), after: 60))
    }

    @Test("does not count right codes")
    func rightCodes() async throws {
        let (brake, client) = (GuessBrake(start: start), try Self.client(1))
        let passed = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<500 { group.addTask { await allows(brake, "a", from: client, missing: false) } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        for _ in 0..<5 { #expect(await allows(brake, "a", from: client)) }

        #expect(passed == 500)
        #expect(await !allows(brake, "a", from: client, missing: false))
    }

    @Test("has room for any number of numbers, which then share what is counted")
    func bounded() async throws {
        let (brake, client) = (GuessBrake(places: 1, start: start), try Self.client(1))
        for number in 0..<5 { #expect(await allows(brake, "\(number)", from: client)) }

        #expect(await !allows(brake, "5", from: client))
        #expect(await allows(brake, "5", from: client, after: 60))
    }

    @Test("reports what missed and what was refused, once a minute at most")
    func reports() async throws {
        let counts = Mutex<[Int]>([])
        let (brake, client) = (GuessBrake(start: start) { count in counts.withLock { $0.append(count) } }, try Self.client(1))

        for second in 0..<7 { _ = await allows(brake, "a", from: client, after: second) }
        _ = await allows(brake, "b", from: client, after: 10, missing: false)
        #expect(counts.withLock { $0 } == [1])
        _ = await allows(brake, "b", from: client, after: 60)

        #expect(counts.withLock { $0 } == [1, 7])
    }
}
