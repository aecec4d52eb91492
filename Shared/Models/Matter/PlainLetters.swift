/// A text as letters and digits alone, in one spelling: small, half-width, without white space, punctuation and symbols.
public enum PlainLetters {
    /// The letters of the first `most` characters (Unicode scalars), as scalar values.
    public static func of(_ text: String, atMost most: Int) -> [UInt32] {
        var letters: [UInt32] = []
        letters.reserveCapacity(min(text.utf8.count / 2, most))
        var left = most
        for scalar in text.unicodeScalars {
            if left == 0 { break }
            left -= 1
            if let letter = letter(scalar) { letters.append(letter) }
        }
        return letters
    }

    @inline(__always)
    private static func letter(_ scalar: Unicode.Scalar) -> UInt32? {
        var value = scalar.value
        if (0x4E00...0x9FFF).contains(value) { return value }
        if (0xFF01...0xFF5E).contains(value) { value -= 0xFEE0 }
        switch value {
        case 0x30...0x39, 0x61...0x7A: return value
        case 0x41...0x5A: return value + 0x20
        case 0..<0x80: return nil
        default: return scalar.properties.isAlphabetic ? value : nil
        }
    }
}
