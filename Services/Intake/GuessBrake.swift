import HTTPTypes
import ServiceKit

/// Slows down who guesses query codes: after five misses on a number, it answers nobody for a minute.
///
/// Misses are counted in a table of fixed size, so that nobody can fill the memory with numbers, existing or not. Numbers that
/// fall into one place share a count; which ones do, differs from process to process and cannot be known outside.
actor GuessBrake {
    private struct Place {
        var misses: UInt8 = 0
        var last: ContinuousClock.Instant
    }

    private var places: [Place]
    private let most = 5
    private let rest = Duration.seconds(60)

    /// A brake of 16,384 places, unless told.
    init(places: Int = 1 << 14) {
        self.places = Array(repeating: Place(last: .now), count: places)
    }

    /// Counts a miss ahead of the look at the code, so that guesses sent at the same time are counted too.
    ///
    /// Throws when the number rests.
    func take(_ number: String, at now: ContinuousClock.Instant = .now) throws(Problem) {
        let index = place(of: number)
        let left = rest - (now - places[index].last)
        if left <= .zero { places[index].misses = 0 }
        if places[index].misses >= most {
            throw Problem(
                .tooManyRequests, detail: "Too many wrong query codes were tried for this number; try again in a minute.",
                headers: [.retryAfter: "\(max(1, left.components.seconds))"])
        }
        places[index].misses += 1
        places[index].last = now
    }

    /// Takes back what `take` counted: the code was right, or nobody could look.
    func forgive(_ number: String) {
        let index = place(of: number)
        if places[index].misses > 0 { places[index].misses -= 1 }
    }

    private func place(of number: String) -> Int {
        var hasher = Hasher()
        hasher.combine(number)
        return Int(hasher.finalize().magnitude % UInt(places.count))
    }
}
