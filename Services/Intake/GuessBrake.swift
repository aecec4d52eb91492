import HTTPTypes
import ServiceKit

/// Slows down who guesses query codes: after five misses on a number, it answers nobody for a minute.
///
/// Guesses are counted before they are looked at, so that those sent at the same time are counted too: no more are under way at once than
/// may miss, and the others wait for what becomes of them. Misses stand in a table of fixed size, so that nobody can fill the memory
/// with numbers, existing or not. Numbers that fall into one place share a count; which ones do, differs from process to process
/// and cannot be known outside.
actor GuessBrake {
    private struct Place {
        var misses: UInt8 = 0
        /// Guesses that are being looked at.
        var asked: UInt8 = 0
        /// When the last miss was, in seconds since the brake was made.
        var last: UInt32 = 0
    }

    private var places: [Place]
    private var waiting: [Int: [CheckedContinuation<Void, Never>]] = [:]
    private let start: ContinuousClock.Instant
    private let most: UInt8 = 5
    private let rest: UInt32 = 60

    /// A brake of 131,072 places, which are a mebibyte, unless told.
    init(places: Int = 1 << 17, start: ContinuousClock.Instant = .now) {
        self.places = Array(repeating: Place(), count: places)
        self.start = start
    }

    /// Lets a guess at `number` be looked at, after which `settle` must follow.
    ///
    /// Throws when the number rests.
    func take(_ number: String, at now: ContinuousClock.Instant = .now) async throws(Problem) {
        let (index, second) = (place(of: number), second(now))
        while true {
            if second >= places[index].last + rest { places[index].misses = 0 }
            if places[index].misses >= most {
                throw Problem(
                    .tooManyRequests, detail: "Too many wrong query codes were tried for this number; try again in a minute.",
                    headers: [.retryAfter: "\(max(1, places[index].last + rest - second))"])
            }
            if places[index].misses + places[index].asked < most { break }
            await withCheckedContinuation { waiting[index, default: []].append($0) }
        }
        places[index].asked += 1
    }

    /// Says what became of a guess that `take` let through.
    func settle(_ number: String, missed: Bool, at now: ContinuousClock.Instant = .now) {
        let index = place(of: number)
        if places[index].asked > 0 { places[index].asked -= 1 }
        if missed {
            places[index].misses += 1
            places[index].last = second(now)
        }
        for waiter in waiting.removeValue(forKey: index) ?? [] { waiter.resume() }
    }

    private func second(_ now: ContinuousClock.Instant) -> UInt32 { UInt32(clamping: (now - start).components.seconds) }

    private func place(of number: String) -> Int {
        var hasher = Hasher()
        hasher.combine(number)
        return Int(hasher.finalize().magnitude % UInt(places.count))
    }
}
