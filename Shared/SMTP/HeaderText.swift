import FoundationEssentials

/// Text in the headers of a mail: ASCII as it is, anything else in the encoded words of RFC 2047.
enum HeaderText {
    static func isWord(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    /// A text whose characters have no meaning, such as a subject.
    static func unstructured(_ text: String) -> String {
        let text = oneLine(text)
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && !text.contains("=?") && text.utf8.count <= 900
        return isPlain && text.utf8.count <= 66 ? text : encoded(text)
    }

    /// `name <address>`.
    static func mailbox(_ mailbox: Mail.Mailbox) -> String {
        guard let name = mailbox.name.map(oneLine), name.contains(where: { $0 != " " }) else { return "<\(mailbox.address)>" }
        let isPlain = name.utf8.count <= 60 && name.utf8.allSatisfy { isWord($0) || $0 == 0x20 }
        return "\(isPlain ? name : encoded(name)) <\(mailbox.address)>"
    }

    /// The text without anything that could end a line.
    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory.isControl ? " " : $0 }))
    }

    /// Encoded words of up to 75 bytes, one a line, never splitting a character's bytes.
    private static func encoded(_ text: String) -> String {
        var (words, piece): ([String], [UInt8]) = ([], [])
        func word() -> String { "=?utf-8?B?\(Data(piece).base64EncodedString())?=" }
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if piece.count + bytes.count > 45 {
                words.append(word())
                piece = []
            }
            piece += bytes
        }
        words.append(word())
        return words.joined(separator: "\r\n ")
    }
}

extension Unicode.GeneralCategory {
    fileprivate var isControl: Bool { self == .control || self == .lineSeparator || self == .paragraphSeparator }
}
