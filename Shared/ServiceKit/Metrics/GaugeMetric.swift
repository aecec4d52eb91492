import CoreMetrics
import Synchronization

/// A number that goes up and down, kept in one atomic word.
final class GaugeMetric: MeterHandler, RecorderHandler {
    private let current = Atomic<Double>(0)

    var value: Double { current.load(ordering: .relaxed) }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { current.store(value, ordering: .relaxed) }
    func increment(by amount: Double) { current.add(amount) }
    func decrement(by amount: Double) { current.add(-amount) }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }
}
