import HTTPTypes
import ServiceKit
import Testing

@testable import Intake

@Suite("The brake on guesses")
struct GuessBrakeTests {
    private let start = ContinuousClock.now

    /// Whether a guess at `number` may be looked at, so many seconds after the start; it misses unless told.
    private func allows(_ brake: GuessBrake, _ number: String, after seconds: Int = 0, missing: Bool = true) async -> Bool {
        do throws(Problem) {
            try await brake.take(number, at: start + .seconds(seconds))
            await brake.settle(number, missed: missing, at: start + .seconds(seconds))
            return true
        } catch { return false }
    }

    @Test("counts guesses that are on their way at the same time")
    func parallel() async {
        let brake = GuessBrake(start: start)

        let passed = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<200 { group.addTask { await allows(brake, "a") } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }

        #expect(passed == 5)
        #expect(await allows(brake, "b"))
    }

    @Test("lets a number rest for a minute after the fifth miss, and says for how long")
    func rests() async throws {
        let brake = GuessBrake(start: start)
        for second in 0..<5 { #expect(await allows(brake, "a", after: second * 50)) }

        #expect(await !allows(brake, "a", after: 259))
        let problem = await #expect(throws: Problem.self) { try await brake.take("a", at: start + .seconds(230)) }
        #expect(problem?.status == .tooManyRequests)
        #expect(problem?.headers[.retryAfter] == "30")
        #expect(await allows(brake, "a", after: 260))
    }

    @Test("does not count right codes")
    func rightCodes() async {
        let brake = GuessBrake(start: start)
        let passed = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 { group.addTask { await allows(brake, "a", missing: false) } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        for _ in 0..<5 { #expect(await allows(brake, "a")) }

        #expect(passed == 50)
        #expect(await !allows(brake, "a", missing: false))
    }

    @Test("has room for any number of numbers, which then share what is counted")
    func bounded() async {
        let brake = GuessBrake(places: 1, start: start)
        for number in 0..<5 { #expect(await allows(brake, "\(number)")) }

        #expect(await !allows(brake, "5"))
        #expect(await allows(brake, "5", after: 60))
    }
}
