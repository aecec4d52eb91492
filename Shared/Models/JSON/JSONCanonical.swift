extension JSONValue {
    /// The value's one canonical spelling, for signatures and hashes: no white space, keys ordered by their UTF-16 code
    /// units, only the escapes that JSON demands (the rules of RFC 8785, for values whose numbers are integers).
    public var canonical: [UInt8] {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return bytes
    }

    /// The canonical spelling as a string.
    public var text: String { String(decoding: canonical, as: UTF8.self) }

    /// Appends the canonical spelling to `bytes`.
    public func write(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): bytes.append(decimal: value)
        case .double(let value): bytes.append(contentsOf: String(value).utf8)
        case .string(let value): Self.write(value, into: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            let ordered = members.sorted { Self.precedes($0.key, $1.key) }
            for (index, (key, value)) in ordered.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(key, into: &bytes)
                bytes.append(UInt8(ascii: ":"))
                value.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// Whether the UTF-16 code units of `left` come before those of `right`, told by their UTF-8, as which texts are kept.
    ///
    /// Both orders are that of the code points but for those beyond U+FFFF (first byte F0 and up): their surrogates come before U+E000 to
    /// U+FFFF (first byte EE or EF).
    private static func precedes(_ left: String, _ right: String) -> Bool {
        var (left, right) = (left, right)
        return left.withUTF8 { left in
            right.withUTF8 { right in
                for (left, right) in zip(left, right) where left != right {
                    return min(left, right) >= 0xEE && max(left, right) >= 0xF0 && min(left, right) < 0xF0 ? left > right : left < right
                }
                return left.count < right.count
            }
        }
    }

    /// Appends `text` as a JSON string to `bytes`.
    public static func write(_ text: String, into bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { content in
            var end = content.plainEnd(from: 0)
            if end == content.count { return bytes.append(quotedCount: end) { $0.set(content, at: $1) } }
            bytes.append(UInt8(ascii: "\""))
            // Everything up to the next byte that needs an escape is copied at once.
            var start = 0
            while end < content.count {
                bytes.append(contentsOf: content[start..<end])
                escape(content[end], into: &bytes)
                start = end + 1
                end = content.plainEnd(from: start)
            }
            bytes.append(contentsOf: content[start...])
            bytes.append(UInt8(ascii: "\""))
        }
    }

    private static func escape(_ byte: UInt8, into bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): bytes.append(contentsOf: "\\\"".utf8)
        case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
        case 0x08: bytes.append(contentsOf: "\\b".utf8)
        case 0x09: bytes.append(contentsOf: "\\t".utf8)
        case 0x0A: bytes.append(contentsOf: "\\n".utf8)
        case 0x0C: bytes.append(contentsOf: "\\f".utf8)
        case 0x0D: bytes.append(contentsOf: "\\r".utf8)
        default:
            let digits = String(byte, radix: 16)
            bytes.append(contentsOf: "\\u00\(digits.utf8.count == 1 ? "0" : "")\(digits)".utf8)
        }
    }
}
