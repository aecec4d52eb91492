/// Looks over a file's text before it is parsed, for what a county file never needs and a parser suffers from.
///
/// Anchors, aliases and tags are refused: a few lines of them can unfold to gigabytes. So is nesting deeper than people
/// write. Quoted text, comments and block texts (`|`, `>`) are left alone.
struct YAMLGuard {
    static let deepest = 24

    /// What the text must not hold, with lines from 1; in order.
    static func faults(in text: String) -> [(line: Int, reason: String, remedy: String)] {
        var guardian = YAMLGuard()
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            guardian.read(Array(line))
        }
        return guardian.faults
    }

    private var faults: [(line: Int, reason: String, remedy: String)] = []
    private var line = 0
    private var depth = 0
    private var quote: UInt8?
    /// The indentation that a block text must exceed, while one is open.
    private var block: Int?
    private var isTooDeep = false

    private mutating func fault(_ reason: String, _ remedy: String) { faults.append((line, reason, remedy)) }

    private mutating func read(_ bytes: [UInt8]) {
        line += 1
        if let strange = bytes.first(where: { $0 < 0x20 && $0 != 0x0D || $0 == 0x7F }) {
            if strange == 0x09 {
                fault("a tab stands in this line", "Use spaces.")
            } else {
                fault("a control character stands in this line", "Delete it.")
            }
        }
        let indent = bytes.prefix { $0 == UInt8(ascii: " ") }.count
        let isBlank = bytes.dropFirst(indent).allSatisfy { $0 == 0x0D }
        if let open = block {
            if isBlank || indent > open { return }
            block = nil
        }
        if isBlank { return }
        scan(bytes, from: indent)
        if quote == nil, depth == 0, opensBlock(bytes) { block = indent }
    }

    /// Whether the line ends with the sign of a block text.
    private func opensBlock(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        if let comment = Self.comment(in: bytes) { rest = rest[..<comment] }
        while let last = rest.last, last == 0x20 || last == 0x0D { rest.removeLast() }
        while let last = rest.last, last == UInt8(ascii: "-") || last == UInt8(ascii: "+") || (48...57).contains(last) { rest.removeLast() }
        guard let sign = rest.popLast(), sign == UInt8(ascii: "|") || sign == UInt8(ascii: ">") else { return false }
        return rest.last == 0x20
    }

    private static func comment(in bytes: [UInt8]) -> Int? {
        bytes.indices.first { bytes[$0] == UInt8(ascii: "#") && ($0 == 0 || bytes[$0 - 1] == 0x20) }
    }

    private mutating func scan(_ bytes: [UInt8], from start: Int) {
        var (at, isTokenStart, indicators) = (start, quote == nil, 0)
        while at < bytes.count {
            let byte = bytes[at]
            defer { at += 1 }
            if let open = quote {
                if open == UInt8(ascii: "\""), byte == UInt8(ascii: "\\") { at += 1 } else if byte == open { quote = nil }
                continue
            }
            switch byte {
            case 0x20, 0x0D: continue
            case UInt8(ascii: "#") where at == 0 || bytes[at - 1] == 0x20: return
            case UInt8(ascii: "\"") where isTokenStart, UInt8(ascii: "'") where isTokenStart:
                quote = byte
                isTokenStart = false
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                guard isTokenStart || depth > 0 else { break }
                depth += 1
                isTokenStart = true
                tooDeep(depth)
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth = max(0, depth - 1)
                isTokenStart = false
            case UInt8(ascii: ","): isTokenStart = depth > 0
            case UInt8(ascii: ":"): isTokenStart = at + 1 == bytes.count || bytes[at + 1] == 0x20 || depth > 0
            case UInt8(ascii: "-"), UInt8(ascii: "?"):
                guard isTokenStart, at + 1 == bytes.count || bytes[at + 1] == 0x20 else {
                    isTokenStart = false
                    break
                }
                indicators += 1
                tooDeep(start / 2 + indicators)
                if byte == UInt8(ascii: "?") { fault("a key is marked with \"?\"", "Write the key and a colon.") }
            case UInt8(ascii: "&") where isTokenStart, UInt8(ascii: "*") where isTokenStart:
                fault("an anchor or alias stands in this line", "Write the value out, or put text that begins with & or * in quotes.")
                isTokenStart = false
            case UInt8(ascii: "!") where isTokenStart:
                fault("a tag stands in this line", "Delete it, or put text that begins with ! in quotes.")
                isTokenStart = false
            default:
                if isTokenStart { tooDeep(start / 2) }
                isTokenStart = false
            }
        }
    }

    private mutating func tooDeep(_ depth: Int) {
        guard depth > Self.deepest, !isTooDeep else { return }
        isTooDeep = true
        fault("the lines from here are nested too deeply", "Nest at most \(Self.deepest) levels.")
    }
}
