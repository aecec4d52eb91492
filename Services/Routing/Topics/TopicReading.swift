/// A text as a vector over the pieces that a model knows.
struct TopicReading: Sendable {
    struct Entry: Sendable {
        /// The number of the piece in the vocabulary.
        var piece: Int32
        /// How much it counts, in steps of 1 / `unit`; the squares of all add up to about one.
        var value: Int32
        /// Where it first stands in the text.
        var place: TopicPlace
    }

    static let unit: Int32 = 1 << 20

    /// Ascending by piece.
    let entries: [Entry]

    init(_ text: TopicText, vocabulary: TopicVocabulary, weights: TopicWeights) {
        var count = 0
        var hits = vocabulary.known(in: text, count: &count)
        weights.tell(&hits, count: &count)
        hits = hits.sortedByPiece(count: count)
        let ordered = hits.span
        var square: Float = 0
        var entries: [Entry] = []
        let values = [Float](capacity: count) { values in
            entries = [Entry](capacity: count) { entries in
                var next = 0
                while next < count {
                    let first = ordered[next]
                    let start = next
                    repeat { next &+= 1 } while next < count && ordered[next].piece == first.piece
                    let value = TopicMatrix.damped(next &- start) * Float(first.telling)
                    square += value * value
                    values.append(value)
                    entries.append(Entry(piece: Int32(truncatingIfNeeded: first.piece), value: 0, place: first.place))
                }
            }
        }
        if square > 0 {
            let factor = Float(Self.unit) / square.squareRoot()
            for entry in entries.indices { entries[entry].value = Self.rounded(values[entry] * factor) }
        }
        self.entries = entries
    }

    /// The nearest whole number to one from 0 to 2²², the greater where two are equally near: exact, since all that lies between
    /// has a form as `Float`.
    @inline(__always)
    private static func rounded(_ value: Float) -> Int32 {
        let whole = Int32(value)
        return value - Float(whole) >= 0.5 ? whole + 1 : whole
    }
}
