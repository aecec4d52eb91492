import CoreMetrics
import Synchronization

/// A number that only grows, kept in one atomic word.
final class CounterMetric: CounterHandler, FloatingPointCounterHandler {
    private let total = Atomic<Double>(0)

    /// Exact up to 2⁵³, which a counter of events never reaches.
    var value: Double { total.load(ordering: .relaxed) }

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        total.add(amount)
    }

    func reset() { total.store(0, ordering: .relaxed) }
}

extension Atomic where Value == Double {
    /// Adds with a compare-and-exchange loop, since the hardware adds whole numbers only.
    func add(_ amount: Double) {
        var current = load(ordering: .relaxed)
        while true {
            let (exchanged, original) = weakCompareExchange(expected: current, desired: current + amount, ordering: .relaxed)
            if exchanged { return }
            current = original
        }
    }
}
