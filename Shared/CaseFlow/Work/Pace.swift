import Models
import NIOConcurrencyHelpers

/// How far a process may run ahead of the services that take up what it begins.
///
/// To register a case asks far less than all that follows from it. In a burst whoever registers would keep the processors and leave the
/// others thousands of cases behind, each of which waits that much longer for its unit and its clock, and is remembered by nobody
/// when its next event comes. So while `most` of the cases of the last seconds are not taken up, as far as this process has heard,
/// those that are to begin wait, a quarter of a second at most for each commit. Where fewer come, or nobody takes anything up, since
/// a service or the broker is away or still busy with what is much older, nothing waits.
public final class Pace: Sendable {
    private let sources: Set<Source>
    private let most: Int
    private let longest: Duration
    private let silence: Duration
    private let recent: Duration
    private let state = NIOLockedValueBox(State())

    /// So many of the latest cases are known at least, and twice as many at most.
    private static let known = 4096

    private struct State {
        /// The latest cases that this process began, counted in that order.
        var numbers: [Subject: Int] = [:]
        var last = 0
        /// The latest of them that each source took up, and when one was heard to be.
        var taken: [Source: (number: Int, heard: ContinuousClock.Instant)] = [:]
        /// When the last stretch of time began, and which number was the last then and a stretch before.
        var stretch: (began: ContinuousClock.Instant, last: Int, before: Int)?

        /// The last number that is not of the last seconds, which are a stretch at least and two in a burst.
        func old(at now: ContinuousClock.Instant, _ length: Duration) -> Int {
            guard let stretch, now - stretch.began < length * 2 else { return last }
            return now - stretch.began < length ? stretch.before : stretch.last
        }
    }

    /// - Parameters:
    ///   - sources: Those who state a first event of most cases soon after they hear of them.
    ///   - most: So many cases may be begun and not taken up.
    ///   - longest: So long a commit waits at most.
    ///   - silence: Who has taken nothing up for so long is not waited for.
    ///   - recent: What was begun longer ago than a few times this does not count as not taken up.
    public init(
        behind sources: Set<Source>, most: Int = 512, longest: Duration = .milliseconds(250), silence: Duration = .seconds(2),
        recent: Duration = .seconds(2)
    ) {
        (self.sources, self.most, self.longest, self.silence, self.recent) = (sources, most, longest, silence, recent)
    }

    /// Notes cases that were begun.
    func began(_ subjects: [Subject], at now: ContinuousClock.Instant = .now) {
        if subjects.isEmpty { return }
        state.withLockedValue { state in
            if state.stretch.map({ now - $0.began >= recent }) ?? true {
                state.stretch = (now, state.last, state.old(at: now, recent))
            }
            for subject in subjects {
                state.last += 1
                state.numbers[subject] = state.last
            }
            if state.numbers.count > 2 * Self.known {
                let last = state.last
                state.numbers = state.numbers.filter { $0.value > last - Self.known }
            }
        }
    }

    /// Notes which cases others have taken up: those of which they have stated a first event.
    func heard(_ events: [CaseEvent], at now: ContinuousClock.Instant = .now) {
        let first = events.filter { $0.sequence == 1 && sources.contains($0.source) }
        if first.isEmpty { return }
        state.withLockedValue { state in
            for event in first {
                // Another process began it, or long ago, or it is no case.
                guard let number = state.numbers[event.subject] else { continue }
                state.taken[event.source] = (max(number, state.taken[event.source]?.number ?? 0), now)
            }
        }
    }

    /// How many cases of the last seconds were begun after the last that the slowest of those who take up has taken up; none where nobody
    /// does.
    func ahead(at now: ContinuousClock.Instant = .now) -> Int {
        state.withLockedValue { state in
            let following = state.taken.values.filter { now - $0.heard < silence }
            return following.map(\.number).min().map { state.last - max($0, state.old(at: now, recent)) } ?? 0
        }
    }

    var isAhead: Bool { ahead() >= most }

    /// Waits until fewer than `most` cases are begun and not taken up, or for as long as a commit waits at most.
    func wait() async {
        let end = ContinuousClock.now + longest
        while isAhead, .now < end, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
    }
}
