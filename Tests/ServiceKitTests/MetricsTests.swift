import CoreMetrics
import Metrics
import Testing

@testable import ServiceKit

@Suite struct MetricsTests {
    private let registry = MetricsRegistry()

    @Test("counters, gauges and histograms are written as Prometheus reads them")
    func exposition() {
        Counter(label: "cases.registered", dimensions: [("unit", "edu"), ("channel", "web")], factory: registry).increment(by: 3)
        Meter(label: "huiyin_outbox_rows", dimensions: [], factory: registry).set(2.5)
        let timer = Timer(label: "huiyin_commit", dimensions: [], factory: registry)
        timer.recordNanoseconds(500_000)
        timer.recordNanoseconds(500_001)
        timer.recordSeconds(61)

        let text = MetricsText.exposition(of: registry)

        #expect(
            text.hasPrefix(
                """
                # TYPE cases_registered_total counter
                cases_registered_total{channel="web",unit="edu"} 3
                # TYPE huiyin_commit_seconds histogram
                huiyin_commit_seconds_bucket{le="0.0005"} 1
                huiyin_commit_seconds_bucket{le="0.001"} 2

                """))
        #expect(
            text.hasSuffix(
                """
                huiyin_commit_seconds_bucket{le="60"} 2
                huiyin_commit_seconds_bucket{le="+Inf"} 3
                huiyin_commit_seconds_sum 61.001000001
                huiyin_commit_seconds_count 3
                # TYPE huiyin_outbox_rows gauge
                huiyin_outbox_rows 2.5

                """))
    }

    @Test("label values are escaped, names are made legal")
    func escaping() {
        Counter(label: "9 lives-of.cats", dimensions: [("a-b", "x\\y\"z\nw回")], factory: registry).increment()

        #expect(
            MetricsText.exposition(of: registry)
                == "# TYPE _9_lives_of_cats_total counter\n_9_lives_of_cats_total{a_b=\"x\\\\y\\\"z\\nw回\"} 1\n")
    }

    @Test("the same name and labels are the same series, in any order of labels")
    func identity() {
        Counter(label: "x", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
        Counter(label: "x", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()

        #expect(MetricsText.exposition(of: registry).contains("x_total{a=\"1\",b=\"2\"} 2\n"))
    }

    @Test("one name never has two types")
    func kinds() {
        Meter(label: "x_total", dimensions: [], factory: registry).set(1)
        Counter(label: "x_total", dimensions: [], factory: registry).increment(by: 5)

        #expect(
            MetricsText.exposition(of: registry)
                == "# TYPE x_total gauge\nx_total 1\n# TYPE x_total_counter counter\nx_total_counter 5\n")
    }

    @Test("a family that grows without bound is counted together")
    func overflow() {
        let registry = MetricsRegistry(seriesLimit: 2)
        for number in 0..<10 { Counter(label: "x", dimensions: [("n", "\(number)")], factory: registry).increment() }

        #expect(
            MetricsText.exposition(of: registry)
                == "# TYPE x_total counter\nx_total{n=\"0\"} 1\nx_total{n=\"1\"} 1\nx_total{overflow=\"true\"} 8\n")
    }

    @Test("a destroyed metric is written no more")
    func destroy() {
        let counter = Counter(label: "x", dimensions: [], factory: registry)
        counter.increment()
        counter.destroy()

        #expect(MetricsText.exposition(of: registry).isEmpty)
    }

    @Test("nothing is lost when many tasks count at once")
    func concurrency() async {
        let counter = Counter(label: "c", dimensions: [], factory: registry)
        let meter = Meter(label: "m", dimensions: [], factory: registry)
        let recorder = Recorder(label: "r", dimensions: [], aggregate: true, factory: registry)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<5000 {
                        counter.increment()
                        meter.increment(by: 2)
                        meter.decrement(by: 1)
                        recorder.record(3)
                    }
                }
            }
        }

        let text = MetricsText.exposition(of: registry)

        #expect(text.contains("c_total 40000\n"))
        #expect(text.contains("m 40000\n"))
        #expect(text.contains("r_bucket{le=\"2\"} 0\nr_bucket{le=\"4\"} 40000\n"))
        #expect(text.contains("r_sum 120000\n"))
    }

    @Test("a value falls into the first bucket whose bound is not smaller", arguments: [MetricBuckets.seconds, .quantities, .bytes])
    func buckets(buckets: MetricBuckets) {
        let bounds = (0..<MetricBuckets.count).map(buckets.bound)

        #expect(bounds == bounds.sorted() && Set(bounds).count == bounds.count)
        for (index, bound) in bounds.enumerated() {
            #expect(buckets.index(of: bound) == index)
            #expect(buckets.index(of: bound.nextUp) == index + 1)
        }
        #expect(buckets.index(of: -1) == 0)
    }

    @Test("what is no number, and what would make a counter fall, is not recorded")
    func nonsense() {
        let counter = CounterMetric()
        let histogram = HistogramMetric(buckets: .seconds)

        counter.increment(by: Int64(-5))
        counter.increment(by: Double.nan)
        histogram.record(Double.infinity)

        #expect(counter.value == 0)
        #expect(histogram.snapshot().counts.allSatisfy { $0 == 0 })
    }

    @Test("the process reports its memory, descriptors and processor time")
    func process() {
        let text = ProcessMetrics.exposition()

        for name in ["process_resident_memory_bytes", "process_open_fds", "process_cpu_seconds_total"] {
            let value = text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }?.split(separator: " ").last.flatMap { Double($0) }
            #expect((value ?? 0) > 0)
        }
    }
}
