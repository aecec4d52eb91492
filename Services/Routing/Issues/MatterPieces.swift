import Models

/// The pieces of a matter's opening by which issues are told: every two and three letters of the title, and every two of the first words
/// of the narrative, which count less.
enum MatterPieces {
    /// How many letters of the title and of the narrative are looked at.
    static let longest = 60
    /// How many characters of the narrative stand in an opening.
    private static let narrativeLength = 80
    /// How much a piece of the narrative counts beside one of the title.
    static let narrativeFactor: Float = 0.4

    struct Piece: Hashable, Sendable {
        fileprivate let code: UInt32

        init(hash: UInt32, isOfNarrative: Bool) { code = isOfNarrative ? hash & ~1 : hash | 1 }

        /// Odd, so that zero can stand for an empty slot where pieces are kept.
        var hash: UInt32 { code | 1 }
        /// Whether it stands in the narrative alone.
        var isOfNarrative: Bool { code & 1 == 0 }

        var factor: Float { isOfNarrative ? MatterPieces.narrativeFactor : 1 }
    }

    /// What is kept of a matter's text: its title in one line, and the beginning of its narrative behind it.
    static func opening(title: String, narrative: String) -> String {
        let line = title.contains(where: \.isNewline) ? String(title.map { $0.isNewline ? " " : $0 }) : title
        return line + "\n" + String(narrative.unicodeScalars.prefix(narrativeLength))
    }

    /// The pieces of an opening, each once, in the order of their hashes.
    static func of(_ opening: String) -> [Piece] {
        let end = opening.firstIndex(where: \.isNewline) ?? opening.endIndex
        let title = PlainLetters.of(String(opening[..<end]), atMost: longest)
        let narrative = PlainLetters.of(String(opening[end...]), atMost: longest)
        var found: [Piece] = []
        found.reserveCapacity(2 * title.count + narrative.count)
        for place in narrative.indices.dropLast() {
            found.append(Piece(hash: hash(narrative[place], narrative[place + 1], 0), isOfNarrative: true))
        }
        for place in title.indices.dropLast() {
            found.append(Piece(hash: hash(title[place], title[place + 1], 0), isOfNarrative: false))
            if place + 2 < title.count {
                found.append(Piece(hash: hash(title[place], title[place + 1], title[place + 2]), isOfNarrative: false))
            }
        }
        found.sort { $0.code < $1.code }
        // Of one that stands in both, the title's is behind the narrative's.
        var each: [Piece] = []
        each.reserveCapacity(found.count)
        for piece in found {
            if each.last?.hash == piece.hash { each[each.count - 1] = piece } else { each.append(piece) }
        }
        // They are kept for months: no more room than they take.
        return each.count < found.count ? each.withUnsafeBufferPointer { Array($0) } : each
    }

    private static func hash(_ first: UInt32, _ second: UInt32, _ third: UInt32) -> UInt32 {
        var state = (UInt64(first) << 42 ^ UInt64(second) << 21 ^ UInt64(third)) &* 0x9E37_79B9_7F4A_7C15
        state = (state ^ state >> 32) &* 0xD6E8_FEB8_6659_FD93
        return UInt32(truncatingIfNeeded: state >> 32) | 1
    }
}
