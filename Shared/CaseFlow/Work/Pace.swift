import Models
import NIOConcurrencyHelpers

/// How far a process may run ahead of the services that take up what it begins.
///
/// To register a case asks far less than all that follows from it. In a burst whoever registers would keep the processors and leave the
/// others thousands of cases behind, each of which waits that much longer for its unit and its clock, and is remembered by nobody
/// when its next event comes. So while `most` cases are begun and not taken up, as far as this process has heard, those that are to
/// begin wait, a quarter of a second at most for each commit. Where nobody takes anything up, since a service or the broker is
/// away or still busy with what is older, nothing waits.
public final class Pace: Sendable {
    private let sources: Set<Source>
    private let most: Int
    private let longest: Duration
    private let silence: Duration
    private let state = NIOLockedValueBox(State())

    /// So many of the latest cases are known at least, and twice as many at most.
    private static let known = 4096

    private struct State {
        /// The latest cases that this process began, counted in that order.
        var numbers: [Subject: Int] = [:]
        var last = 0
        /// The latest of them that each source took up, and when one was heard to be.
        var taken: [Source: (number: Int, heard: ContinuousClock.Instant)] = [:]
    }

    /// - Parameters:
    ///   - sources: Those who state a first event of each case as soon as they hear of it.
    ///   - most: So many cases may be begun and not taken up.
    ///   - longest: So long a commit waits at most.
    ///   - silence: Who has taken nothing up for so long is not waited for.
    public init(
        behind sources: Set<Source>, most: Int = 512, longest: Duration = .milliseconds(250), silence: Duration = .seconds(2)
    ) {
        (self.sources, self.most, self.longest, self.silence) = (sources, most, longest, silence)
    }

    /// Notes cases that were begun.
    func began(_ subjects: [Subject]) {
        if subjects.isEmpty { return }
        state.withLockedValue { state in
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

    /// How many cases were begun after the last that the slowest of those who take up has taken up; none where nobody does.
    func ahead(at now: ContinuousClock.Instant = .now) -> Int {
        state.withLockedValue { state in
            let following = state.taken.values.filter { now - $0.heard < silence }
            return following.map(\.number).min().map { state.last - $0 } ?? 0
        }
    }

    var isAhead: Bool { ahead() >= most }

    /// Waits until fewer than `most` cases are begun and not taken up, or for as long as a commit waits at most.
    func wait() async {
        let end = ContinuousClock.now + longest
        while isAhead, .now < end, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
    }
}
