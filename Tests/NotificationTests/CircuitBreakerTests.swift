import Testing

@testable import Notification

@Suite("A circuit breaker")
struct CircuitBreakerTests {
    private let start = ContinuousClock.now

    @Test("opens after several faults of the endpoint in a row, and lets nothing through while it rests")
    func opens() {
        var breaker = CircuitBreaker()

        let early = breaker.heard(Array(repeating: .down("x"), count: CircuitBreaker.patience - 1), at: start)
        let turn = breaker.heard([.dropped("x")], at: start)

        #expect(early == nil && turn == .opened(rest: .seconds(10)))
        #expect(breaker.permission(at: start + .seconds(9)) == .none(until: start + .seconds(10)))
        #expect(breaker.permission(at: start + .seconds(10)) == .one)
    }

    @Test("counts only faults with no answer between them, and nothing that was not tried")
    func answersBetween() {
        var breaker = CircuitBreaker()

        for _ in 0..<10 { #expect(breaker.heard([.down("x"), .down("x"), .later("busy"), .impossible("no")], at: start) == nil) }
        #expect(breaker.heard(Array(repeating: .untried("x"), count: 20), at: start) == nil)

        #expect(breaker.permission(at: start) == .all)
    }

    @Test("gives an endpoint the rest that it asks for, at once and within reason")
    func wishes() {
        var breaker = CircuitBreaker()

        let turn = breaker.heard([.down("busy", rest: .seconds(90)), .down("busy", rest: .seconds(30))], at: start)

        #expect(turn == .opened(rest: .seconds(90)))
        #expect(breaker.permission(at: start) == .none(until: start + .seconds(90)))
        _ = breaker.heard([.delivered], at: start)
        // What comes out beside it says nothing against the wish.
        _ = breaker.heard([.down("busy", rest: .seconds(100_000)), .delivered], at: start)
        #expect(breaker.permission(at: start) == .none(until: start + .seconds(3600)))
    }

    @Test("rests longer after each probe that fails, up to a limit, and closes by the first answer")
    func probes() {
        var breaker = CircuitBreaker()
        var now = start
        _ = breaker.heard(Array(repeating: .down("x"), count: 5), at: now)

        var rests: [Duration] = []
        for _ in 0..<8 {
            guard case .none(let until) = breaker.permission(at: now) else {
                Issue.record("it rests after a probe that failed")
                return
            }
            rests.append(until - now)
            now = until
            #expect(breaker.permission(at: now) == .one)
            #expect(breaker.heard([.down("x")], at: now) == nil)
        }
        guard case .none(let until) = breaker.permission(at: now) else { return }
        let turn = breaker.heard([.later("greylisted")], at: until)

        #expect(rests == [10, 20, 40, 80, 160, 300, 300, 300].map { .seconds($0) })
        #expect(turn == .closed && breaker.permission(at: until) == .all)
    }
}
