import Dispatch
import Glibc
import Synchronization

/// Turns SIGINT, SIGTERM and SIGHUP into streams, so that a stop is an ordinary event.
struct StopSignals: Sendable {
    /// The first signal: stop in order.
    let first: AsyncStream<Int32>
    /// Every further one: somebody is impatient.
    let later: AsyncStream<Int32>
    // nonisolated(unsafe): held so that they live, and never touched again after `init`.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

    /// Streams from elsewhere.
    init(first: AsyncStream<Int32>, later: AsyncStream<Int32>) {
        self.first = first
        self.later = later
        sources = []
    }

    /// Takes the signals of this process: from now on they no longer end it.
    ///
    /// `hangupStops` is false for a process that has left its terminal.
    init(hangupStops: Bool) {
        let (first, firstContinuation) = AsyncStream.makeStream(of: Int32.self)
        let (later, laterContinuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(1))
        self.first = first
        self.later = later
        let seen = SeenOnce()
        signal(SIGPIPE, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
        let numbers = hangupStops ? [SIGINT, SIGTERM, SIGHUP] : [SIGINT, SIGTERM]
        sources = numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if seen.isFirst() { firstContinuation.yield(number) } else { laterContinuation.yield(number) }
            }
            source.resume()
            return source
        }
    }
}

/// Answers true once.
private final class SeenOnce: Sendable {
    private let seen = Atomic(false)

    func isFirst() -> Bool { !seen.exchange(true, ordering: .relaxed) }
}
