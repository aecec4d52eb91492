/// Writes text so that no character of it can end a line, a JSON string or fool a terminal.
public enum TextEscaping {
    /// Whether a character moves a cursor, ends a line or reorders it: control characters, line and paragraph separators, and the marks
    /// that change the direction of text (Unicode's UAX 9).
    public static func isTreacherous(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }

    /// Appends a character as JSON escapes one by its number: `\u202e`.
    public static func appendEscape(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        let digits = String(scalar.value, radix: 16)
        bytes.append(contentsOf: "\\u".utf8)
        bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: max(0, 4 - digits.utf8.count)))
        bytes.append(contentsOf: digits.utf8)
    }

    /// Longer values are cut, so that a line stays small enough for one write to be atomic in practice.
    static let valueLimit = 2048

    /// Appends `text` with JSON's escapes, without the quotes around it.
    ///
    /// Besides what JSON demands, everything treacherous is escaped.
    static func append(_ text: String, to bytes: inout [UInt8], limit: Int = .max) {
        var written = 0
        for scalar in text.unicodeScalars {
            guard written < limit else {
                bytes.append(contentsOf: "…".utf8)
                return
            }
            written += append(scalar, to: &bytes)
        }
    }

    private static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) -> Int {
        switch scalar.value {
        case 0x22, 0x5C:
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(UInt8(scalar.value))
            return 2
        case 0x0A: return appendShort("n", to: &bytes)
        case 0x0D: return appendShort("r", to: &bytes)
        case 0x09: return appendShort("t", to: &bytes)
        case 0x20..<0x7F:
            bytes.append(UInt8(scalar.value))
            return 1
        case _ where isTreacherous(scalar):
            appendEscape(scalar, to: &bytes)
            return 6
        default:
            let encoded = UTF8.encode(scalar)
            guard let encoded else { return 0 }
            bytes.append(contentsOf: encoded)
            return encoded.count
        }
    }

    private static func appendShort(_ letter: Character, to bytes: inout [UInt8]) -> Int {
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(contentsOf: letter.utf8)
        return 2
    }
}
