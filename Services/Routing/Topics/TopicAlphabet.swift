/// What each character of a message is read as.
struct TopicAlphabet: Sendable {
    static let standard = TopicAlphabet()

    /// What a run of digits is read as.
    static let digit: UInt32 = 0x30

    /// Words of one character that stand in messages on every topic; segmenters commonly drop them.
    private static let functionWords = "的了着是在我们你您他她它这那就都也很被把让给与及和或而且吗呢吧啊呀之其有"

    /// For each character of 16 bits, 64 in a number, whether it is read as it stands.
    private let plain: [UInt64]

    private init() {
        var plain = [UInt64](repeating: 0, count: 0x1_0000 / 64)
        for value in UInt32(0x80)...0xFFFF {
            guard let scalar = Unicode.Scalar(value), scalar.properties.isAlphabetic || (0x4E00...0x9FFF).contains(value) else { continue }
            plain[Int(value / 64)] |= 1 << UInt64(value % 64)
        }
        for word in Self.functionWords.unicodeScalars { plain[Int(word.value / 64)] &= ~(1 << UInt64(word.value % 64)) }
        self.plain = plain
    }

    /// What a character is read as; 0 when it is passed over.
    @inline(__always)
    func letter(_ scalar: UInt32) -> UInt32 {
        var value = scalar
        if (0xFF01...0xFF5E).contains(value) { value -= 0xFEE0 }
        if value < 0x80 {
            switch value {
            case 0x30...0x39: return Self.digit
            case 0x41...0x5A: return value + 0x20
            case 0x61...0x7A: return value
            default: return 0
            }
        }
        if value < 0x1_0000 { return plain[Int(value / 64)] >> UInt64(value % 64) & 1 == 1 ? value : 0 }
        return Unicode.Scalar(value)?.properties.isAlphabetic ?? false ? value : 0
    }
}
