import Models
import NIOConcurrencyHelpers

/// How far a service may run ahead of those that take up what it begins.
///
/// To register a case asks far less than all that follows from it. In a burst whoever registers would keep the processors and leave the
/// others thousands of cases behind, each of which waits that much longer for its unit, its clock and its receipt, and is remembered by
/// nobody when its next event comes. So while `most` cases are begun and not taken up, the next commit waits, a quarter of a second at
/// most: whoever brings cases is answered a little later, and nobody is refused. Where nobody takes anything up, since a service or
/// the broker is away, nothing waits.
///
/// It knows only what this process began and heard, so each process of a service has its own.
public final class Pace: Sendable {
    private let most: Int
    private let longest: Duration
    private let silence: Duration
    private let state = NIOLockedValueBox(State())

    /// So many commits are known at most: where nobody takes anything up, none of them is left out otherwise.
    private static let mostCommits = 4096

    private struct State {
        /// The cases of each commit, under the latest of the milliseconds that their names hold; the oldest first.
        var begun: [(millisecond: UInt64, count: Int)] = []
        /// The latest case that each source took up, and when that was heard.
        var taken: [Source: (millisecond: UInt64, heard: ContinuousClock.Instant)] = [:]
    }

    /// - Parameters:
    ///   - most: So many cases may be begun and not taken up.
    ///   - longest: So long a commit waits at most.
    ///   - silence: Who has taken nothing up for so long is not waited for.
    public init(most: Int = 512, longest: Duration = .milliseconds(250), silence: Duration = .seconds(2)) {
        (self.most, self.longest, self.silence) = (most, longest, silence)
    }

    /// Notes a commit that began cases under names of version 7, made in this order or nearly so.
    func began(_ subjects: [Subject]) {
        guard let latest = subjects.map(\.raw.millisecond).max() else { return }
        state.withLockedValue { state in
            if state.begun.count >= Self.mostCommits { state.begun.removeFirst(Self.mostCommits / 2) }
            state.begun.append((latest, subjects.count))
        }
    }

    /// Notes which cases others have taken up: those of which they have stated a first event.
    func heard(_ events: [CaseEvent], at now: ContinuousClock.Instant = .now) {
        let first = events.filter { $0.sequence == 1 }
        if first.isEmpty { return }
        state.withLockedValue { state in
            for event in first {
                let millisecond = event.subject.raw.millisecond
                if millisecond > state.taken[event.source]?.millisecond ?? 0 { state.taken[event.source] = (millisecond, now) }
            }
        }
    }

    /// How many cases are begun that the slowest of those who take up has not taken up; none where nobody does.
    func ahead(at now: ContinuousClock.Instant = .now) -> Int {
        state.withLockedValue { state in
            let following = state.taken.values.filter { now - $0.heard < silence }
            guard let slowest = following.map(\.millisecond).min() else { return 0 }
            state.begun.removeFirst(state.begun.firstIndex { $0.millisecond > slowest } ?? state.begun.count)
            return state.begun.reduce(0) { $0 + $1.count }
        }
    }

    /// Waits until fewer than `most` cases are begun and not taken up, or for as long as a commit waits at most.
    func wait() async {
        let end = ContinuousClock.now + longest
        while ahead() >= most, .now < end, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
    }
}
