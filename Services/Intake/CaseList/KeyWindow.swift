import Models

/// A stretch of a list, from its upper end down: every key in it that can match, merged from streams of which each was read a little.
///
/// Streams give their keys from the highest to the lowest. Below the last key of a stream that was cut off something may be missing, so
/// the stretch ends at the highest of those.
struct KeyWindow: Equatable {
    /// A key that a stream gave.
    typealias Row = (stream: Int64, key: Subject)

    /// From the highest to the lowest.
    var keys: [Subject]
    /// All keys from here up are there; nil when all keys are.
    var floor: Subject?

    init(keys: [Subject], floor: Subject? = nil) {
        self.keys = keys
        self.floor = floor
    }

    /// Merges what streams gave, each of which was read up to `each` keys.
    ///
    /// Without the keys that are `hidden`, and with no more than `most` of the others of each stream. If that is well below `each`, nothing
    /// that is hidden makes a difference, unless the stream is crowded.
    init(_ rows: [Row], each: Int, hidden: Set<Subject> = [], most: Int? = nil) {
        let most = most ?? each
        var (keys, ends) = (Set<Subject>(), [Subject]())
        for stream in Dictionary(grouping: rows, by: \.stream).values {
            let read = stream.map(\.key).sorted(by: >)
            let seen = read.filter { !hidden.contains($0) }.prefix(most)
            keys.formUnion(seen)
            if let end = seen.count == most ? seen.last : read.count >= each ? read.last : nil { ends.append(end) }
        }
        let floor = ends.max()
        self.floor = floor
        self.keys = keys.filter { key in floor.map { key >= $0 } ?? true }.sorted(by: >)
    }

    /// Whether hidden keys left fewer than are wanted of what was read of some stream, though it goes on.
    static func isCrowded(_ rows: [Row], each: Int, hidden: Set<Subject>, wanted: Int) -> Bool {
        Dictionary(grouping: rows, by: \.stream).values.contains { stream in
            stream.count >= each && stream.count { !hidden.contains($0.key) } < wanted
        }
    }

    /// Whether as many keys lead farther down than those of `other`, so that they are the rarer ones.
    func reachesBelow(_ other: KeyWindow) -> Bool {
        guard let end = other.floor else { return floor == nil && keys.count < other.keys.count }
        return floor.map { $0 < end } ?? true
    }
}
