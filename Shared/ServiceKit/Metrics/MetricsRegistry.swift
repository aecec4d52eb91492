import CoreMetrics
import NIOConcurrencyHelpers

/// The house's backend of swift-metrics: remembers every series and writes them as Prometheus text.
///
/// The same name and labels always give the same series, whoever asks. The lock is taken when a metric is made and when text
/// is written, never when a value is recorded. A family keeps at most `seriesLimit` series; what comes later is counted
/// together under `overflow="true"`, so a mistaken label cannot fill the memory.
public final class MetricsRegistry: MetricsFactory, Sendable {
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    enum Series: Sendable {
        case counter(CounterMetric)
        case gauge(GaugeMetric)
        case histogram(HistogramMetric)
    }

    struct Family: Sendable {
        let kind: Kind
        /// By its label text, which is empty or `{name="value",…}` without the braces.
        var series: [String: Series] = [:]
    }

    private let seriesLimit: Int
    private let families = NIOLockedValueBox<[String: Family]>([:])

    public init(seriesLimit: Int = 1000) {
        self.seriesLimit = seriesLimit
    }

    /// Every family and its series, as they are now.
    func snapshot() -> [String: Family] {
        families.withLockedValue { $0 }
    }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    public func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        counter(label, dimensions)
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return gauge(label, dimensions) }
        let name = MetricsText.name(label)
        return histogram(name, dimensions, MetricBuckets(recorderName: name))
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(MetricsText.name(label, suffix: "_seconds"), dimensions, .seconds)
    }

    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterMetric {
        let made = CounterMetric()
        guard
            case .counter(let metric) = series(
                MetricsText.name(label, suffix: "_total"), dimensions, .counter, make: { .counter(made) })
        else { return made }
        return metric
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeMetric {
        let made = GaugeMetric()
        guard case .gauge(let metric) = series(MetricsText.name(label), dimensions, .gauge, make: { .gauge(made) }) else { return made }
        return metric
    }

    private func histogram(_ name: String, _ dimensions: [(String, String)], _ buckets: MetricBuckets) -> HistogramMetric {
        let made = HistogramMetric(buckets: buckets)
        guard case .histogram(let metric) = series(name, dimensions, .histogram, make: { .histogram(made) }) else { return made }
        return metric
    }

    /// Finds or makes a series.
    ///
    /// A name that another kind of metric took first gets its kind as a suffix, because one name in the text must have one
    /// type.
    private func series(_ name: String, _ dimensions: [(String, String)], _ kind: Kind, make: () -> Series) -> Series {
        let labels = MetricsText.labels(dimensions)
        return families.withLockedValue { families in
            var name = name
            if let taken = families[name], taken.kind != kind { name += "_\(kind.rawValue)" }
            var family = families[name] ?? Family(kind: kind)
            if let known = family.series[labels] { return known }
            let key = family.series.count < seriesLimit ? labels : #"overflow="true""#
            let found = family.series[key] ?? make()
            family.series[key] = found
            families[name] = family
            return found
        }
    }

    private func remove(_ handler: AnyObject) {
        families.withLockedValue { families in
            for (name, family) in families {
                guard let labels = family.series.first(where: { $0.value.isHeld(by: handler) })?.key else { continue }
                families[name]?.series[labels] = nil
                if families[name]?.series.isEmpty == true { families[name] = nil }
                return
            }
        }
    }
}

extension MetricsRegistry.Series {
    fileprivate func isHeld(by handler: AnyObject) -> Bool {
        switch self {
        case .counter(let metric): metric === handler
        case .gauge(let metric): metric === handler
        case .histogram(let metric): metric === handler
        }
    }
}
