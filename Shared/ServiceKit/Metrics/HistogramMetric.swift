import CoreMetrics
import Synchronization

/// Counts values in fixed buckets, each one atomic word: recording takes no lock and allocates nothing.
final class HistogramMetric: RecorderHandler, TimerHandler {
    /// What was recorded so far.
    ///
    /// Taken while others record, its sum may be a value ahead of or behind its counts.
    struct Snapshot {
        /// Per bucket, not cumulative; the last one takes what is larger than every bound.
        var counts: [UInt64]
        var sum: Double
    }

    let buckets: MetricBuckets
    private let counts = InlineArray<16, Atomic<UInt64>> { _ in Atomic(0) }
    private let sum = Atomic<Double>(0)

    init(buckets: MetricBuckets) {
        self.buckets = buckets
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        counts[buckets.index(of: value)].add(1, ordering: .relaxed)
        sum.add(value)
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }

    func snapshot() -> Snapshot {
        var values: [UInt64] = []
        values.reserveCapacity(counts.count)
        for index in counts.indices { values.append(counts[index].load(ordering: .relaxed)) }
        return Snapshot(counts: values, sum: sum.load(ordering: .relaxed))
    }
}
