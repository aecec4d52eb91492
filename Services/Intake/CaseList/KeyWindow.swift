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

    /// How many rows were read in streams that were cut off because too many of theirs must not be seen.
    var barren = 0

    init(keys: [Subject], floor: Subject? = nil) {
        self.keys = keys
        self.floor = floor
    }

    /// Merges what streams gave, each of which was read up to `each` keys, or up to a row that must not be seen.
    init(_ rows: [(stream: Int64, key: Subject, isSeen: Bool)], each: Int) {
        var (counts, lowest, barren) = ([Int64: Int](), [Int64: Subject](), Set<Int64>())
        for row in rows {
            counts[row.stream, default: 0] += 1
            lowest[row.stream] = min(lowest[row.stream] ?? row.key, row.key)
            if !row.isSeen { barren.insert(row.stream) }
        }
        let floor = counts.filter { $0.value >= each || barren.contains($0.key) }.compactMap { lowest[$0.key] }.max()
        self.floor = floor
        self.barren = barren.count * each * KeySource.patience
        keys = Set(rows.filter(\.isSeen).map(\.key)).filter { key in floor.map { key >= $0 } ?? true }.sorted(by: >)
    }

    /// Takes away what lies below the first `count` keys, and the end, where there are as many.
    mutating func cut(to count: Int) {
        guard keys.count >= count else { return }
        keys.removeLast(keys.count - count)
        floor = keys.last
    }

    /// Whether as many keys lead farther down than those of `other`, so that they are the rarer ones.
    func reachesBelow(_ other: KeyWindow) -> Bool {
        guard let end = other.floor else { return floor == nil && keys.count < other.keys.count }
        return floor.map { $0 < end } ?? true
    }
}
