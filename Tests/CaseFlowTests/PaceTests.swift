import InMemory
import Models
import Testing

@testable import CaseFlow

@Suite("How far a service runs ahead of others", .timeLimit(.minutes(1)))
struct PaceTests {
    private func name(_ millisecond: Int64) -> Subject {
        Subject(.version7(at: Instant(microseconds: millisecond * 1000), random: (7, 7)))
    }

    private func event(_ source: Source, of subject: Subject, _ sequence: Int64 = 1) throws -> CaseEvent {
        CaseEvent(
            id: EventID(UniqueID(high: 9, low: UInt64(sequence))), source: source, subject: subject, type: Adder.Number.type, version: 1,
            time: Instant(microseconds: 1), sequence: sequence, after: .init(), county: "", traceparent: "t",
            data: try Adder.Number(value: 1).bytes())
    }

    @Test("whoever takes up nothing is not waited for, the slowest of those who do is")
    func slowest() throws {
        let (pace, now) = (Pace(), ContinuousClock.now)
        for millisecond in 1...40 { pace.began([name(Int64(millisecond)), name(Int64(millisecond))]) }
        #expect(pace.ahead(at: now) == 0)

        pace.heard([try event(.routing, of: name(30))], at: now)
        #expect(pace.ahead(at: now) == 20)
        pace.heard([try event(.deadline, of: name(35)), try event(.deadline, of: name(12))], at: now + .seconds(1))
        #expect(pace.ahead(at: now + .seconds(1)) == 20)
        // Routing has been silent for two seconds.
        #expect(pace.ahead(at: now + .seconds(2)) == 10)
        #expect(pace.ahead(at: now + .seconds(3)) == 0)

        pace.heard([try event(.routing, of: name(36))], at: now + .seconds(9))
        #expect(pace.ahead(at: now + .seconds(9)) == 8)
        // What comes later of a case does not say that it is taken up, nor does an earlier case.
        pace.heard([try event(.routing, of: name(39), 2), try event(.routing, of: name(20))], at: now + .seconds(10))
        #expect(pace.ahead(at: now + .seconds(10)) == 8)
        pace.heard([try event(.routing, of: name(40))], at: now + .seconds(10))
        #expect(pace.ahead(at: now + .seconds(10)) == 0)
    }

    @Test("where nobody takes up anything, no more is kept of what was begun than of four thousand commits")
    func bounded() throws {
        let (pace, now) = (Pace(), ContinuousClock.now)
        for millisecond in 1...20_000 { pace.began([name(Int64(millisecond))]) }

        pace.heard([try event(.routing, of: name(1))], at: now)
        #expect((2048...4096).contains(pace.ahead(at: now)))
        pace.heard([try event(.routing, of: name(19_990))], at: now)
        #expect(pace.ahead(at: now) == 10)
    }

    @Test("a desk that has run ahead begins no case until one is taken up, and does all else")
    func desk() async throws {
        let store = InMemoryStore<Int, String>(clock: { Instant(microseconds: 7) })
        let pace = Pace(most: 1, longest: .seconds(3600), silence: .seconds(3600))
        let worker = CaseWorker(process: Adder(), store: store, pace: pace) { _ in }
        let desk = CommandDesk(worker: worker)
        _ = try await worker.handle([event(.intake, of: name(1))])
        _ = try await desk.submit(Request(subject: name(2), isFirst: true, command: .add(2)))
        _ = try await desk.submit(Request(subject: name(2), command: .add(3)))
        #expect(pace.ahead() == 1)

        let next = Task { try await desk.submit(Request(subject: name(3), isFirst: true, command: .add(4))) }
        for _ in 0..<500 { await Task.yield() }
        #expect(await store.states[name(3)] == nil)
        _ = try await worker.handle([event(.intake, of: name(2))])

        #expect(try await next.value == .done(Array("4".utf8)))
        #expect(await store.states[name(3)] == 4)
    }

    @Test("a desk that has run ahead waits no longer than it may")
    func longest() async throws {
        let store = InMemoryStore<Int, String>(clock: { Instant(microseconds: 7) })
        let pace = Pace(most: 1, longest: .milliseconds(20), silence: .seconds(3600))
        let desk = CommandDesk(worker: CaseWorker(process: Adder(), store: store, pace: pace) { _ in })
        pace.heard([try event(.intake, of: name(1))])
        for millisecond in Int64(2)...6 {
            _ = try await desk.submit(Request(subject: name(millisecond), isFirst: true, command: .add(1)))
        }

        #expect(pace.ahead() == 5)
    }
}
