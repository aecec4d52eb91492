/// The Prometheus text exposition format, version 0.0.4.
enum MetricsText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// A metric's name as the format allows it: every other character becomes `_`, and `suffix` is added once.
    static func name(_ label: String, suffix: String = "") -> String {
        var name = String(label.unicodeScalars.map { isNameScalar($0) ? Character($0) : "_" })
        if name.isEmpty || name.first?.isNumber == true { name = "_" + name }
        return name.hasSuffix(suffix) ? name : name + suffix
    }

    /// Labels in the order of their names, escaped and without braces; empty when there are none.
    static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.sorted { $0.0 < $1.0 }
            .map { "\(name($0.0).replacing(":", with: "_"))=\"\(escaped($0.1))\"" }
            .joined(separator: ",")
    }

    /// The whole exposition of a registry, families and series in the order of their names.
    static func exposition(of registry: MetricsRegistry) -> String {
        var text = ""
        for (name, family) in registry.snapshot().sorted(by: { $0.key < $1.key }) {
            text += "# TYPE \(name) \(family.kind.rawValue)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                switch series {
                case .counter(let counter): appendSample(name, labels, counter.value, to: &text)
                case .gauge(let gauge): appendSample(name, labels, gauge.value, to: &text)
                case .histogram(let histogram): appendHistogram(name, labels, histogram, to: &text)
                }
            }
        }
        return text
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value.rounded() == value, abs(value) < 9_007_199_254_740_992 { return "\(Int64(value))" }
        return "\(value)"
    }

    private static func appendHistogram(_ name: String, _ labels: String, _ histogram: HistogramMetric, to text: inout String) {
        let snapshot = histogram.snapshot()
        let separator = labels.isEmpty ? "" : ","
        var total: UInt64 = 0
        for (index, count) in snapshot.counts.enumerated() {
            total += count
            let bound = index < MetricBuckets.count ? number(histogram.buckets.bound(index)) : "+Inf"
            text += "\(name)_bucket{\(labels)\(separator)le=\"\(bound)\"} \(total)\n"
        }
        appendSample("\(name)_sum", labels, snapshot.sum, to: &text)
        appendSample("\(name)_count", labels, Double(total), to: &text)
    }

    private static func appendSample(_ name: String, _ labels: String, _ value: Double, to text: inout String) {
        text += labels.isEmpty ? "\(name) \(number(value))\n" : "\(name){\(labels)} \(number(value))\n"
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", ":": true
        default: false
        }
    }
}
