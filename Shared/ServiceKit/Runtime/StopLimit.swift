import Glibc

/// Ends the process when a stop takes far too long, whatever its threads are doing (alarm(2), SIGALRM).
///
/// The service group cancels what is left after the shutdown limit. A part that ignores even that would keep the process for
/// ever; nothing in it is lost by ending it, because work that was not committed is delivered again.
enum StopLimit {
    /// Ends the process with status 1 after `limit` and as long again, but five seconds at most, which is what a part gets between its
    /// cancellation and the end.
    static func arm(_ limit: Duration) {
        signal(SIGALRM) { _ in
            // Only write(2) and _exit(2): both are allowed in a signal handler.
            let sentence: StaticString = "The service did not stop in time and was ended; uncommitted work will be delivered again.\n"
            _ = Glibc.write(STDERR_FILENO, sentence.utf8Start, sentence.utf8CodeUnitCount)
            _exit(1)
        }
        alarm(UInt32(clamping: (limit + min(limit, .seconds(5))).components.seconds))
    }
}
