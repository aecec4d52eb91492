/// The pieces of a message that the topic model weighs: every run of one to four letters, and once more, as a piece of its own
/// kind, every run within the opening, where messages say what they are about.
enum TopicGrams {
    /// The most letters of a piece.
    static let longest = 4
    /// How many letters at the beginning of a message are its opening: about a title's length.
    static let opening = 25

    /// A piece at one place of a message, named by 31 bits and one that is set for a piece of the opening.
    ///
    /// Of ten thousand pieces
    /// that a large model does not know, about one is taken for another that it knows.
    struct Occurrence {
        var hash: UInt32
        var place: TopicPlace

        @inline(__always)
        static func isOpening(_ hash: UInt32) -> Bool { hash & 1 == 1 }
    }

    /// Calls `visit` with each piece at each place, in the order of the text.
    @inline(__always)
    static func forEach(in letters: [TopicText.Letter], _ visit: (Occurrence) -> Void) {
        let letters = letters.span
        for position in letters.indices {
            var state: UInt64 = 0x2545_F491_4F6C_DD1D
            for end in position..<min(position + longest, letters.count) {
                state = mix(state, letters[end].value)
                let hash = UInt32(truncatingIfNeeded: state >> 16)
                let place = TopicPlace(position: position, count: end - position + 1)
                visit(Occurrence(hash: hash & ~1, place: place))
                if end < opening { visit(Occurrence(hash: hash | 1, place: place)) }
            }
        }
    }

    /// How many pieces, each time counted that it occurs, a text of so many letters has.
    static func atMost(letters count: Int) -> Int { count * longest + min(count, opening) * longest }

    @inline(__always)
    private static func mix(_ state: UInt64, _ letter: UInt32) -> UInt64 {
        let product = (state ^ UInt64(letter)) &* 0x9E37_79B9_7F4A_7C15
        return product ^ (product >> 29)
    }
}

/// Where a piece stands in a text, and how many letters it has, as one number: in the order of the text, the shorter first.
///
/// Letters are at most `TopicText.longest`, so 16 bits are enough.
struct TopicPlace: Sendable, Hashable, Comparable {
    let number: UInt16

    @inline(__always)
    init(number: UInt16) { self.number = number }

    @inline(__always)
    init(position: Int, count: Int) { number = UInt16(truncatingIfNeeded: position * TopicGrams.longest + count - 1) }

    var position: Int { Int(number) / TopicGrams.longest }
    var count: Int { Int(number) % TopicGrams.longest + 1 }

    @inline(__always)
    static func < (one: TopicPlace, other: TopicPlace) -> Bool { one.number < other.number }
}
