/// The upper bounds of a histogram's buckets, fixed by what is measured so that all services can be compared.
enum MetricBuckets: Sendable {
    /// Every family has as many bounds; a last bucket takes what is larger than all of them.
    static let count = 15

    /// Seconds, from half a millisecond to a minute.
    case seconds
    /// Sizes of batches and queues, from 1 to 16,384.
    case quantities
    /// Bytes, from 64 B to 16 GiB.
    case bytes

    /// Recorders whose name ends in `_bytes` count bytes; all others count things.
    init(recorderName name: String) {
        self = name.hasSuffix("_bytes") ? .bytes : .quantities
    }

    func bound(_ index: Int) -> Double {
        switch self {
        case .seconds: Self.secondBounds[index]
        case .quantities: Double(1 << index)
        case .bytes: Double(64 << (2 * index))
        }
    }

    /// The bucket that counts `value`: the first whose bound is not smaller, or `count`.
    func index(of value: Double) -> Int {
        var low = 0
        var high = Self.count
        while low < high {
            let middle = (low + high) / 2
            if bound(middle) < value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static let secondBounds: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60,
    ]
}
