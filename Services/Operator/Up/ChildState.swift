/// Decides what happens to one supervised process: when it is launched, retried and stopped.
///
/// It is pure: the supervisor tells it what happened and when, and does what it answers. A process that dies is launched
/// again after a pause that doubles from 0.2 s to 10 s; once it has stayed ready for 30 s the next pause is short again.
struct ChildState: Sendable, Equatable {
    /// Where the process stands, with the instant at which it got there.
    enum Phase: Sendable, Equatable {
        /// Not launched yet.
        case idle
        /// Launched, and not yet answering.
        case starting(since: ContinuousClock.Instant)
        /// Answering.
        case ready(since: ContinuousClock.Instant)
        /// Dead; launched again at the instant given.
        case backingOff(until: ContinuousClock.Instant)
        /// Told to stop, still there.
        case stopping
        /// Gone for good, because it was told to stop.
        case stopped
        /// Gone for good, because it never became ready while the house was starting.
        case failed
    }

    /// What happened to the process.
    enum Event: Sendable, Equatable {
        /// Somebody wants it to run.
        case start
        /// It answers.
        case answered
        /// It is gone, or could not be launched; the text says how, as the rest of "NAME …".
        case ended(String)
        /// The pause is over.
        case pauseOver
        /// Somebody wants it to stop.
        case stop
    }

    /// What the supervisor must do next.
    enum Action: Sendable, Equatable {
        case nothing
        case launch
        /// Wait for the pause, then report `pauseOver`.
        case pause(Duration, because: String)
        /// Send the stop signal.
        case terminate
        /// It became ready; `again` tells a restart from the first start.
        case announce(again: Bool)
        /// It is gone as wanted.
        case finish
        /// It is gone and further attempts are pointless: the sentence of the last end.
        case giveUp(String)
    }

    /// The pauses before a launch.
    static let shortestPause: Duration = .milliseconds(200)
    static let longestPause: Duration = .seconds(10)
    /// After so long in readiness a process counts as healthy and its next pause is the shortest.
    static let healthyAfter: Duration = .seconds(30)

    private(set) var phase = Phase.idle
    /// How often it was launched after the first time.
    private(set) var restarts = 0
    /// How many ends in a row, without a healthy time between them.
    private(set) var endsInARow = 0
    /// Whether it was ever ready.
    private(set) var wasReady = false
    /// A process that was never ready is given up after so many ends; nil never gives up.
    var attemptsBeforeReady: Int?

    init(attemptsBeforeReady: Int? = nil) {
        self.attemptsBeforeReady = attemptsBeforeReady
    }

    /// Takes in what happened at `now` and answers what to do; an event that has no meaning in this phase does nothing.
    mutating func handle(_ event: Event, at now: ContinuousClock.Instant) -> Action {
        switch (phase, event) {
        case (.idle, .start), (.stopped, .start), (.failed, .start):
            endsInARow = 0
            phase = .starting(since: now)
            return .launch
        case (.starting, .answered):
            defer { wasReady = true }
            phase = .ready(since: now)
            return .announce(again: wasReady)
        case (.starting, .ended(let reason)):
            return ended(reason, at: now)
        case (.ready(let since), .ended(let reason)):
            if now - since >= Self.healthyAfter { endsInARow = 0 }
            return ended(reason, at: now)
        case (.backingOff, .pauseOver):
            restarts += 1
            phase = .starting(since: now)
            return .launch
        case (.starting, .stop), (.ready, .stop):
            phase = .stopping
            return .terminate
        case (.idle, .stop), (.backingOff, .stop):
            phase = .stopped
            return .finish
        case (.stopping, .ended):
            phase = .stopped
            return .finish
        default:
            return .nothing
        }
    }

    private mutating func ended(_ reason: String, at now: ContinuousClock.Instant) -> Action {
        endsInARow += 1
        if let attemptsBeforeReady, !wasReady, endsInARow >= attemptsBeforeReady {
            phase = .failed
            return .giveUp(reason)
        }
        let pause = Self.pause(afterEnds: endsInARow)
        phase = .backingOff(until: now + pause)
        return .pause(pause, because: reason)
    }

    /// The pause after the n-th end in a row, n from 1: 0.2, 0.4, 0.8 … 10 s.
    static func pause(afterEnds ends: Int) -> Duration {
        var pause = shortestPause
        for _ in 1..<max(ends, 1) where pause < longestPause { pause *= 2 }
        return min(pause, longestPause)
    }

    /// One word for the status table.
    var word: String {
        switch phase {
        case .idle: "waiting"
        case .starting: "starting"
        case .ready: "ready"
        case .backingOff: "restarting"
        case .stopping: "stopping"
        case .stopped: "stopped"
        case .failed: "failed"
        }
    }
}
