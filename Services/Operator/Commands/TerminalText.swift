extension String {
    /// The text with every character escaped, as JSON does, that could move a cursor, end a line or reorder it.
    ///
    /// Whoever registers a case chooses its title: on the operator's terminal it must be nothing but text.
    var shown: String {
        if unicodeScalars.allSatisfy({ !Self.isTreacherous($0) }) { return self }
        var safe = ""
        for scalar in unicodeScalars {
            if Self.isTreacherous(scalar) {
                let digits = String(scalar.value, radix: 16)
                safe += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            } else {
                safe.unicodeScalars.append(scalar)
            }
        }
        return safe
    }

    /// Control characters, line and paragraph separators, and the marks that change the direction of text (Unicode's UAX 9).
    private static func isTreacherous(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }
}
