import Testing

@testable import Operator

@Suite("The state of one supervised process")
struct SupervisorChildStateTests {
    private let zero = ContinuousClock.now

    private func at(_ seconds: Double) -> ContinuousClock.Instant { zero + .seconds(seconds) }

    @Test("A process is launched, announced once it answers, and stopped when asked")
    func ordinaryLife() {
        var state = ChildState()

        let actions = [
            state.handle(.start, at: at(0)), state.handle(.answered, at: at(1)), state.handle(.stop, at: at(2)),
            state.handle(.ended("ended"), at: at(3)),
        ]

        #expect(actions == [.launch, .announce(again: false), .terminate, .finish])
        #expect(state.phase == .stopped)
    }

    @Test("Pauses double from 0.2 s and never exceed 10 s")
    func pausesDouble() {
        var state = ChildState()
        _ = state.handle(.start, at: at(0))
        var pauses: [Duration] = []

        for round in 0..<9 {
            if case .pause(let pause, because: "died") = state.handle(.ended("died"), at: at(Double(round))) { pauses.append(pause) }
            #expect(state.handle(.pauseOver, at: at(Double(round))) == .launch)
        }

        let expected: [Duration] = [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000].map { .milliseconds($0) }
        #expect(pauses == expected)
        #expect(state.restarts == 9)
    }

    @Test("Thirty healthy seconds make the next pause the shortest again, a moment less does not")
    func healthResets() {
        for (healthy, expected) in [(30.0, Duration.milliseconds(200)), (29.9, .milliseconds(800))] {
            var state = ChildState()
            _ = state.handle(.start, at: at(0))
            for _ in 0..<2 {
                _ = state.handle(.ended("died"), at: at(0))
                _ = state.handle(.pauseOver, at: at(0))
            }
            _ = state.handle(.answered, at: at(1))

            let action = state.handle(.ended("died"), at: at(1 + healthy))

            #expect(action == .pause(expected, because: "died"))
        }
    }

    @Test("A process that was never ready is given up after its attempts, one that was ready never is")
    func givesUpOnlyBeforeReady() {
        var never = ChildState(attemptsBeforeReady: 2)
        _ = never.handle(.start, at: at(0))
        _ = never.handle(.ended("a"), at: at(0))
        _ = never.handle(.pauseOver, at: at(1))
        #expect(never.handle(.ended("b"), at: at(1)) == .giveUp("b"))
        #expect(never.phase == .failed)

        var once = ChildState(attemptsBeforeReady: 2)
        _ = once.handle(.start, at: at(0))
        _ = once.handle(.answered, at: at(0))
        for round in 0..<20 {
            guard case .pause = once.handle(.ended("a"), at: at(Double(round))) else {
                Issue.record("given up in round \(round)")
                return
            }
            _ = once.handle(.pauseOver, at: at(Double(round)))
        }
    }

    @Test("A restarted process is announced as one that came back")
    func announcesReturn() {
        var state = ChildState()
        for event in [ChildState.Event.start, .answered, .ended("died"), .pauseOver] { _ = state.handle(event, at: at(0)) }

        #expect(state.handle(.answered, at: at(1)) == .announce(again: true))
    }

    @Test("A stop during a pause ends at once, and the end of the pause then launches nothing")
    func stopDuringPause() {
        var state = ChildState()
        for event in [ChildState.Event.start, .ended("died")] { _ = state.handle(event, at: at(0)) }

        #expect(state.handle(.stop, at: at(0)) == .finish)
        #expect(state.handle(.pauseOver, at: at(1)) == .nothing)
        #expect(state.phase == .stopped)
    }

    @Test("No order of events launches a second process beside the first, or any process after a stop")
    func everySequence() {
        let events: [ChildState.Event] = [.start, .answered, .ended("x"), .pauseOver, .stop]
        func walk(_ state: ChildState, running: Bool, stopped: Bool, depth: Int) {
            guard depth > 0 else { return }
            for event in events {
                // A process that does not run can neither answer nor end.
                if !running, event == .answered || event == .ended("x") { continue }
                if stopped, event == .start { continue }
                var next = state
                let action = next.handle(event, at: zero)
                let gone = event == .ended("x")
                if action == .launch {
                    #expect(!running || gone)
                    #expect(!stopped)
                }
                if event == .stop { #expect([.stopped, .stopping, .failed].contains(next.phase)) }
                walk(
                    next, running: action == .launch || (running && !gone), stopped: stopped || event == .stop, depth: depth - 1)
            }
        }
        walk(ChildState(attemptsBeforeReady: 3), running: false, stopped: false, depth: 8)
    }
}
