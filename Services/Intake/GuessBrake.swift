import HTTPTypes
import Models
import ServiceKit

/// Slows down who guesses query codes: after five misses on a number, it answers nobody for a minute.
actor GuessBrake {
    private var misses: [String: (count: Int, last: ContinuousClock.Instant)] = [:]
    private let most = 5
    private let rest = Duration.seconds(60)

    /// Throws when the number rests.
    func check(_ number: String) throws(Problem) {
        guard let entry = misses[number], entry.count >= most else { return }
        let left = rest - (ContinuousClock.now - entry.last)
        if left <= .zero {
            misses[number] = nil
            return
        }
        throw Problem(
            .tooManyRequests, detail: "Too many wrong query codes were tried for this number; try again in a minute.",
            headers: [.retryAfter: "\(max(1, left.components.seconds))"])
    }

    /// Counts a miss.
    func missed(_ number: String) {
        let now = ContinuousClock.now
        if misses.count > 10_000 { misses = misses.filter { now - $0.value.last < rest } }
        misses[number] = ((misses[number]?.count ?? 0) + 1, now)
    }
}
