import InMemory
import Models
import Testing

@testable import CaseFlow

@Suite("How far a process runs ahead of others", .timeLimit(.minutes(1)))
struct PaceTests {
    private func name(_ number: Int) -> Subject { Subject(UniqueID(high: 1, low: UInt64(number))) }

    private func event(_ source: Source, of subject: Subject, _ sequence: Int64 = 1) throws -> CaseEvent {
        CaseEvent(
            id: EventID(UniqueID(high: 9, low: UInt64(sequence))), source: source, subject: subject, type: Adder.Number.type, version: 1,
            time: Instant(microseconds: 1), sequence: sequence, after: .init(), county: "", traceparent: "t",
            data: try Adder.Number(value: 1).bytes())
    }

    @Test("whoever takes up nothing is not waited for, the slowest of those who do is")
    func slowest() throws {
        let (pace, now) = (Pace(behind: [.routing, .deadline], recent: .seconds(3600)), ContinuousClock.now)
        pace.began((1...40).map(name))
        #expect(pace.ahead(at: now) == 0)

        pace.heard([try event(.routing, of: name(30))], at: now)
        #expect(pace.ahead(at: now) == 10)
        pace.heard([try event(.deadline, of: name(35)), try event(.deadline, of: name(12))], at: now + .seconds(1))
        #expect(pace.ahead(at: now + .seconds(1)) == 10)
        // Routing has been silent for two seconds.
        #expect(pace.ahead(at: now + .seconds(2)) == 5)
        #expect(pace.ahead(at: now + .seconds(3)) == 0)

        pace.heard([try event(.routing, of: name(36))], at: now + .seconds(9))
        #expect(pace.ahead(at: now + .seconds(9)) == 4)
        // What comes later of a case does not say that it is taken up; nobody is behind with what others began, or who is not looked at.
        let others = [try event(.routing, of: name(39), 2), try event(.routing, of: name(99)), try event(.notification, of: name(1))]
        pace.heard(others, at: now + .seconds(10))
        #expect(pace.ahead(at: now + .seconds(10)) == 4)
        pace.heard([try event(.routing, of: name(40))], at: now + .seconds(10))
        #expect(pace.ahead(at: now + .seconds(10)) == 0)
    }

    @Test("whoever works on what was begun long ago is not waited for before it comes to what is new")
    func catchingUp() throws {
        let (pace, now) = (Pace(behind: [.routing], recent: .seconds(3600)), ContinuousClock.now)
        for number in 1...20_000 { pace.began([name(number)]) }

        pace.heard((1...10_000).map { name($0) }.compactMap { try? event(.routing, of: $0) }, at: now)
        #expect(pace.ahead(at: now) == 0)
        pace.heard([try event(.routing, of: name(16_000))], at: now)
        #expect(pace.ahead(at: now) == 4_000)
    }

    @Test("what was begun some seconds ago is waited for no more: only a burst is held back")
    func recently() throws {
        let (pace, now) = (Pace(behind: [.routing], silence: .seconds(3600), recent: .seconds(2)), ContinuousClock.now)
        pace.began([name(1)], at: now)
        pace.heard([try event(.routing, of: name(1))], at: now)
        // Ten a second, of which no other is taken up.
        for number in 2...100 { pace.began([name(number)], at: now + .milliseconds(100 * number)) }

        let ahead = pace.ahead(at: now + .seconds(10))
        #expect((20...40).contains(ahead))
        #expect(pace.ahead(at: now + .seconds(13)) < ahead)
        #expect(pace.ahead(at: now + .seconds(16)) == 0)
        // After a rest a burst counts from its beginning.
        pace.began((200..<300).map(name), at: now + .seconds(60))
        #expect(pace.ahead(at: now + .seconds(61)) == 100)
    }

    private typealias Store = InMemoryStore<Int, String>
    private typealias Desk = CommandDesk<Adder, Store>

    /// A desk that may run one case ahead, has begun the first and knows it to be taken up.
    private func makeDesk(waiting longest: Duration = .seconds(3)) async throws -> (Pace, Desk, CaseWorker<Adder, Store>, Store) {
        let pace = Pace(behind: [.intake], most: 1, longest: longest, silence: .seconds(3600), recent: .seconds(3600))
        let store = Store(clock: { Instant(microseconds: 7) })
        let worker = CaseWorker(process: Adder(), store: store, pace: pace) { _ in }
        let desk = Desk(worker: worker)
        _ = try await begin(1, at: desk)
        _ = try await worker.handle([event(.intake, of: name(1))])
        return (pace, desk, worker, store)
    }

    private func begin(_ number: Int, at desk: Desk) async throws -> Answer {
        try await desk.submit(Request(subject: name(number), isFirst: true, command: .add(number % 100)))
    }

    @Test("a desk that has run ahead begins no case until one is taken up, and all else passes")
    func desk() async throws {
        let (pace, desk, worker, store) = try await makeDesk(waiting: .seconds(40))
        #expect(pace.ahead() == 0)
        _ = try await begin(2, at: desk)
        #expect(pace.ahead() == 1)

        let next = Task { try await begin(3, at: desk) }
        for _ in 0..<100_000 {
            if await desk.isHolding { break }
            await Task.yield()
        }
        #expect(await desk.isHolding)
        for number in 0..<100 {
            await Task.yield()
            _ = try await desk.submit(Request(subject: name(2), command: .add(number)))
        }
        #expect(await store.states[name(3)] == nil)
        _ = try await worker.handle([event(.intake, of: name(2))])

        #expect(try await next.value == .done(Array("3".utf8)))
        #expect(await store.states[name(3)] == 3)
    }

    @Test("a desk does not wait for cases that were refused or known before")
    func nothingBegun() async throws {
        let (pace, desk, _, _) = try await makeDesk()

        _ = try await desk.submit(Request(subject: name(2), isFirst: true, command: .add(1000)))
        let claim = (ClaimKey(digest: [7]), [UInt8(7)])
        for _ in 0..<3 { _ = try await desk.submit(Request(subject: name(1), isFirst: true, command: .add(5), idempotency: claim)) }

        #expect(pace.ahead() == 0)
        _ = try await begin(3, at: desk)
        #expect(pace.ahead() == 1)
    }

    @Test("a desk that has run ahead waits as long as it may, and then begins a case though none has been taken up")
    func longest() async throws {
        let (pace, desk, _, _) = try await makeDesk(waiting: .milliseconds(20))

        let start = ContinuousClock.now
        for number in 2...6 { _ = try await begin(number, at: desk) }

        #expect(pace.ahead() == 5)
        #expect(.now - start >= .milliseconds(4 * 20))
    }

    @Test("those that begin cases wait no more when they have become many, so that none is refused for waiting")
    func crowded() async throws {
        let (pace, desk, _, _) = try await makeDesk()

        let answered = try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            for number in 2...3000 { group.addTask { (number, try await begin(number, at: desk)) } }
            var count = 0
            for try await (number, answer) in group {
                if case .done = answer { count += 1 }
                // So many are answered though nobody has taken up anything; then everything is.
                if count == 1900 { pace.heard(try (2...3000).map { try event(.intake, of: name($0)) }) }
                if count > 1900 { pace.heard([try event(.intake, of: name(number))]) }
            }
            return count
        }

        #expect(answered == 2999)
    }
}
