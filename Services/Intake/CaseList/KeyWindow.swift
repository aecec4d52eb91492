import Models

/// A stretch of a list, from its upper end down: every key in it that can match, merged from streams of which each was read a little.
///
/// Streams give their keys from the highest to the lowest. Below the last key of a stream that was cut off something may be missing, so
/// the stretch ends at the highest of those.
struct KeyWindow: Equatable {
    /// From the highest to the lowest.
    var keys: [Subject]
    /// All keys from here up are there; nil when all keys are.
    var floor: Subject?

    init(keys: [Subject], floor: Subject? = nil) {
        self.keys = keys
        self.floor = floor
    }

    /// Merges what streams gave, each of which was read up to `each` keys.
    init(_ rows: [(stream: Int64, key: Subject)], each: Int) {
        var (counts, lowest) = ([Int64: Int](), [Int64: Subject]())
        for (stream, key) in rows {
            counts[stream, default: 0] += 1
            lowest[stream] = min(lowest[stream] ?? key, key)
        }
        let floor = counts.filter { $0.value >= each }.compactMap { lowest[$0.key] }.max()
        self.floor = floor
        keys = Set(rows.map(\.key)).filter { key in floor.map { key >= $0 } ?? true }.sorted(by: >)
    }

    /// Whether as many keys lead farther down than those of `other`, so that they are the rarer ones.
    func reachesBelow(_ other: KeyWindow) -> Bool {
        guard let end = other.floor else { return floor == nil && keys.count < other.keys.count }
        return floor.map { $0 < end } ?? true
    }
}
