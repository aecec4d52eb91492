import Glibc
import Models

/// The clock and the random numbers of the machine, for what is decided outside the pure processes.
public enum SystemTime {
    /// Now, by the machine's clock (`clock_gettime`).
    public static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// 128 random bits for an identifier.
    public static var random: (UInt64, UInt64) {
        var generator = SystemRandomNumberGenerator()
        return (generator.next(), generator.next())
    }
}
