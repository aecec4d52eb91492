import Glibc
import Models

/// What PostgreSQL's clock shows, as far as its last answers tell: asking costs a round trip, and every answer brings the time along.
///
/// Never later than the clock itself, since an answer is heard after it was given. The one that was heard soonest counts, among those of the
/// last two seconds.
struct ServerTime {
    /// What this machine's clocks show, in microseconds.
    struct Local {
        /// The clock on the wall, which may be set.
        var real: Int64
        /// The one that only runs.
        var steady: Int64

        /// `clock_gettime(2)`.
        static var now: Local { Local(real: read(CLOCK_REALTIME), steady: read(CLOCK_MONOTONIC)) }

        private static func read(_ clock: clockid_t) -> Int64 {
            var time = timespec()
            clock_gettime(clock, &time)
            return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        }
    }

    /// How long an answer is relied upon, in microseconds.
    private static let reliable: Int64 = 1_000_000
    /// By how much the clock on the wall may go astray between two looks before it counts as set.
    private static let astray: Int64 = 50_000

    /// How far the server's clock is ahead of the steady one: this second's best answer, and that of the second before.
    private var (best, former) = (Int64.min, Int64.min)
    private var secondBegan = Int64.min
    private var last: Local?
    /// The latest that was given or heard: time does not run backwards while the clocks do not.
    private var floor = Instant(microseconds: .min)

    /// Takes in that the server's clock showed `server` at some moment between `asked` and `heard`; says whether that clock has been set.
    @discardableResult
    mutating func learn(_ server: Instant, asked: Local, heard: Local) -> Bool {
        // An answer may be heard late, but it is not given before it was asked for.
        let isSetBack = last != nil && server.microseconds < asked.steady + max(best, former) - Self.reliable
        let wasSet = isSet(heard) || isSetBack
        if wasSet { self = ServerTime() }
        let ahead = server.microseconds - heard.steady
        // The first time, or a second later.
        if secondBegan == .min || heard.steady - secondBegan > Self.reliable {
            former = secondBegan != .min && heard.steady - secondBegan < 2 * Self.reliable ? best : .min
            (best, secondBegan) = (ahead, heard.steady)
        } else {
            best = max(best, ahead)
        }
        last = heard
        floor = max(floor, server)
        return wasSet
    }

    /// The server's time at `local`; nil when it has said nothing for a second, or this machine's clock has been set, and with it perhaps the
    /// server's.
    mutating func now(at local: Local) -> Instant? {
        guard let last, local.steady - last.steady <= Self.reliable, !isSet(local) else { return nil }
        floor = max(floor, Instant(microseconds: local.steady + max(best, former)))
        return floor
    }

    private func isSet(_ local: Local) -> Bool {
        last.map { abs((local.real - $0.real) - (local.steady - $0.steady)) > Self.astray } ?? false
    }
}
