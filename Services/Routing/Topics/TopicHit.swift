/// A piece that a model knows at one place of a text.
struct TopicHit: Sendable {
    /// The number of the piece in the vocabulary in the upper 32 bits, the place and how telling the piece is below.
    private let key: UInt64

    @inline(__always)
    init(piece: Int, place: TopicPlace, telling: UInt16 = 0) {
        key = UInt64(truncatingIfNeeded: piece) << 32 | UInt64(place.number) << 16 | UInt64(telling)
    }

    @inline(__always)
    var piece: Int { Int(truncatingIfNeeded: key >> 32) }
    @inline(__always)
    var place: TopicPlace { TopicPlace(number: UInt16(truncatingIfNeeded: key >> 16)) }
    @inline(__always)
    var telling: UInt16 { UInt16(truncatingIfNeeded: key) }
}

extension [TopicHit] {
    /// The first `count` hits in ascending order of their pieces, those of one piece as they were, in two passes whatever they are.
    func sortedByPiece(count: Int) -> [TopicHit] {
        var (lower, upper) = ([Int32](repeating: 0, count: 1 << Self.bits), [Int32](repeating: 0, count: 1 << Self.bits))
        for place in 0..<count {
            lower[Self.lowerBits(self[place])] += 1
            upper[Self.upperBits(self[place])] += 1
        }
        let once = spread(count: count, sizes: &lower, by: Self.lowerBits)
        return once.spread(count: count, sizes: &upper, by: Self.upperBits)
    }

    /// Half the bits of a piece's number.
    private static var bits: Int { 10 }

    @inline(__always)
    private static func lowerBits(_ hit: TopicHit) -> Int { hit.piece & (1 << bits - 1) }
    @inline(__always)
    private static func upperBits(_ hit: TopicHit) -> Int { hit.piece >> bits & (1 << bits - 1) }

    /// The first `count` hits in the order of their buckets, those of one bucket as they were.
    @inline(__always)
    private func spread(count: Int, sizes: inout [Int32], by bucket: (TopicHit) -> Int) -> [TopicHit] {
        let hits = span
        var places = sizes.mutableSpan
        var start: Int32 = 0
        for bucket in places.indices {
            let size = places[bucket]
            places[bucket] = start
            start &+= size
        }
        var spread = [TopicHit](repeating: TopicHit(piece: 0, place: TopicPlace(number: 0)), count: count)
        var others = spread.mutableSpan
        for place in 0..<count {
            let hit = hits[place]
            let bucket = bucket(hit)
            others[Int(places[bucket])] = hit
            places[bucket] &+= 1
        }
        return spread
    }
}
