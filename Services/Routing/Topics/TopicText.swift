/// A message as the topic model reads it: letters only, in one spelling.
///
/// White space, punctuation, symbols and the commonest function words are left out, so that raw text and text whose words a
/// segmenter set apart read alike; ASCII and full-width letters are folded to small half-width ones, and each run of digits
/// becomes a single 0, because house numbers and dates name no topic. Only the first `longest` characters (Unicode scalars)
/// are looked at, whatever they are: what follows costs nothing and says nothing.
struct TopicText: Sendable {
    /// A letter that is left, with the bytes of the text in which it stands; only a run of digits is longer than one character.
    struct Letter: Sendable {
        /// The Unicode scalar value after folding.
        var value: UInt32
        var start: UInt16
        var end: UInt16
    }

    /// How many characters of a message are looked at; their bytes can be counted in 16 bits.
    static let longest = 4_000

    private(set) var letters: [Letter]
    private let text: String

    init(_ text: String) {
        let alphabet = TopicAlphabet.standard
        let bytes = text.utf8Span.span
        letters = [Letter](capacity: min(bytes.count, Self.longest)) { letters in
            var reader = ScalarReader(place: 0)
            var taken = 0
            while taken < Self.longest, reader.place < bytes.count {
                let start = reader.place
                if bytes[start] == Self.lineEndEscape[0], taken + Self.lineEndEscape.count <= Self.longest,
                    Self.isLineEndEscape(bytes, at: start)
                {
                    reader.place += Self.lineEndEscape.count
                    taken += Self.lineEndEscape.count
                    continue
                }
                let letter = alphabet.letter(reader.next(bytes))
                taken += 1
                guard letter != 0 else { continue }
                if letter == TopicAlphabet.digit {
                    while taken < Self.longest, reader.place < bytes.count {
                        var ahead = reader
                        guard alphabet.letter(ahead.next(bytes)) == TopicAlphabet.digit else { break }
                        reader = ahead
                        taken += 1
                    }
                }
                letters.append(Letter(value: letter, start: UInt16(start), end: UInt16(reader.place)))
            }
        }
        self.text = text
    }

    /// A title and a narrative as one message.
    static func joined(title: String, narrative: String) -> String { title + "\n" + narrative }

    /// How the letters from `position` on stand in the text.
    ///
    /// White space between them is left out, and a longer stretch that the
    /// model passes over is shown as an ellipsis.
    func shown(from position: Int, count: Int) -> String {
        let bytes = text.utf8Span.span
        let ellipsis = "…".utf8
        let span = Int(letters[position].start)..<Int(letters[position + count - 1].end)
        // Only the ellipsis behind a long number takes more room than what it stands for.
        let shown = [UInt8](capacity: span.count + count * ellipsis.count) { shown in
            var end = span.lowerBound
            for letter in letters[position..<position + count] {
                // A longer gap is shown as an ellipsis: its characters are taken back.
                let before = shown.count
                var inGap = 0
                var reader = ScalarReader(place: end)
                while reader.place < letter.start {
                    let start = reader.place
                    guard let scalar = Unicode.Scalar(reader.next(bytes)), !scalar.properties.isWhitespace else { continue }
                    inGap += 1
                    if inGap <= Self.longestGap { for place in start..<reader.place { shown.append(bytes[place]) } }
                }
                if inGap > Self.longestGap {
                    shown.removeLast(shown.count - before)
                    for byte in ellipsis { shown.append(byte) }
                }
                // A number of any length is one letter.
                var digits = 0
                while reader.place < letter.end, digits < Self.longestNumber {
                    let start = reader.place
                    _ = reader.next(bytes)
                    digits += 1
                    for place in start..<reader.place { shown.append(bytes[place]) }
                }
                if reader.place < letter.end { for byte in ellipsis { shown.append(byte) } }
                end = Int(letter.end)
            }
        }
        return String(decoding: shown, as: UTF8.self)
    }

    /// How many characters between two letters, and how many digits of a number, are shown at most.
    private static let longestGap = 3
    private static let longestNumber = 12

    /// How spreadsheets write a carriage return into exported text.
    private static let lineEndEscape = Array("_x000D_".utf8)

    private static func isLineEndEscape(_ bytes: Span<UInt8>, at place: Int) -> Bool {
        guard place + lineEndEscape.count <= bytes.count else { return false }
        for (offset, byte) in lineEndEscape.enumerated() where bytes[place + offset] != byte { return false }
        return true
    }
}

/// Reads characters from the UTF-8 of a string, which is always well formed.
private struct ScalarReader {
    var place: Int

    /// The character at `place`, which is moved behind it.
    @inline(__always)
    mutating func next(_ bytes: Span<UInt8>) -> UInt32 {
        let first = UInt32(bytes[place])
        if first < 0x80 {
            place += 1
            return first
        }
        if first >= 0xE0, first < 0xF0 {
            let value = (first & 0x0F) << 12 | UInt32(bytes[place + 1] & 0x3F) << 6 | UInt32(bytes[place + 2] & 0x3F)
            place += 3
            return value
        }
        if first < 0xE0 {
            let value = (first & 0x1F) << 6 | UInt32(bytes[place + 1] & 0x3F)
            place += 2
            return value
        }
        let value =
            (first & 0x07) << 18 | UInt32(bytes[place + 1] & 0x3F) << 12 | UInt32(bytes[place + 2] & 0x3F) << 6
            | UInt32(bytes[place + 3] & 0x3F)
        place += 4
        return value
    }
}
