/// Growing, jittered pauses between tries to connect, so that many clients do not return to a restarted broker in step.
struct ConnectPause {
    /// How many tries have failed; it also says which node is next.
    private(set) var attempts = 0

    /// From a tenth of a second up to at most 0.8 s: a broker takes seconds to start, and cases wait for it.
    mutating func next() -> Duration {
        defer { attempts += 1 }
        return .milliseconds(Int.random(in: 100...200) << min(attempts, 2))
    }
}
