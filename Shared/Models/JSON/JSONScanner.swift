/// A cursor over the bytes of a JSON text: reads or skips one value after the other, in one pass.
///
/// Skipping checks as strictly as reading, so a skipped value can be stored as it is. A span is not checked at all.
public struct JSONScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    /// How many bytes have been read.
    public internal(set) var offset = 0

    /// Runs `body` with a scanner at the byte `start`, the first unless told.
    public static func scan<R>(
        _ bytes: [UInt8], at start: Int = 0, _ body: (inout JSONScanner) throws(JSONError) -> R
    ) throws(JSONError) -> R {
        // A Result carries the typed error through the rethrowing standard function.
        let result: Result<R, JSONError> = bytes.withUnsafeBufferPointer { buffer in
            var scanner = JSONScanner(bytes: buffer, offset: start)
            do throws(JSONError) { return .success(try body(&scanner)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, offset: Int) {
        self.bytes = bytes
        self.offset = offset
    }

    /// Throws unless nothing but white space is left.
    public mutating func end() throws(JSONError) {
        skipSpace()
        if offset != bytes.count { throw fault("there is more after the end of the value") }
    }

    /// Reads an object: calls `member` with each key, which must read or skip the value.
    public mutating func object(
        _ member: (inout JSONScanner, String) throws(JSONError) -> Void
    ) throws(JSONError) {
        try expect(UInt8(ascii: "{"), "an object")
        if take(UInt8(ascii: "}")) { return }
        repeat {
            skipSpace()
            let key = try string()
            try expect(UInt8(ascii: ":"), "a colon")
            try member(&self, key)
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"), "a comma or the end of the object")
    }

    /// Reads an array: calls `element` at each element, which must read or skip it.
    public mutating func array(_ element: (inout JSONScanner) throws(JSONError) -> Void) throws(JSONError) {
        try expect(UInt8(ascii: "["), "an array")
        if take(UInt8(ascii: "]")) { return }
        repeat { try element(&self) } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"), "a comma or the end of the array")
    }

    /// Skips one value and returns where it stands.
    public mutating func skip(depth: Int = 64) throws(JSONError) -> Range<Int> {
        skipSpace()
        let start = offset
        switch peek {
        case UInt8(ascii: "{"):
            let inner = try deeper(depth)
            try object { (scanner, _) throws(JSONError) in _ = try scanner.skip(depth: inner) }
        case UInt8(ascii: "["):
            let inner = try deeper(depth)
            try array { (scanner) throws(JSONError) in _ = try scanner.skip(depth: inner) }
        case UInt8(ascii: "\""):
            try skipString()
        default:
            _ = try scalar()
        }
        return start..<offset
    }

    /// Finds where the next value ends, by its quotes and brackets alone, and returns where it stands.
    ///
    /// Nothing inside it is judged and no depth is too deep, so what is wrong in one value of many does not hide the others.
    /// Throws where no value begins, and where the text ends inside it.
    public mutating func span() throws(JSONError) -> Range<Int> {
        skipSpace()
        let start = offset
        var depth = 0
        repeat {
            switch peek {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                offset += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { throw fault("a value is expected") }
                depth -= 1
                offset += 1
            case UInt8(ascii: "\""):
                passString()
            default:
                let word = offset
                passWord()
                // Inside brackets a comma or a colon stands between values.
                if offset == word, depth == 0 { throw fault("a value is expected") }
                if offset == word { offset += 1 }
            }
            if offset > bytes.count || offset == bytes.count && depth > 0 {
                offset = bytes.count
                throw fault("it ends inside a value")
            }
        } while depth > 0
        return start..<offset
    }

    /// Goes behind the closing quote of a string, or beyond the last byte when there is none.
    private mutating func passString() {
        offset += 1
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") { offset += bytes[offset] == UInt8(ascii: "\\") ? 2 : 1 }
        offset += 1
    }

    /// Goes to the next byte that cannot stand in a number or a word.
    private mutating func passWord() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "\""): return
            case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"): return
            default: offset += 1
            }
        }
    }

    /// Reads one value as a tree.
    public mutating func value(depth: Int = 64) throws(JSONError) -> JSONValue {
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"):
            let inner = try deeper(depth)
            var members: [String: JSONValue] = [:]
            try object { (scanner, key) throws(JSONError) in
                let value = try scanner.value(depth: inner)
                if members.updateValue(value, forKey: key) != nil { throw scanner.fault("the key \"\(Self.cut(key))\" stands twice") }
            }
            return .object(members)
        case UInt8(ascii: "["):
            let inner = try deeper(depth)
            var elements: [JSONValue] = []
            try array { (scanner) throws(JSONError) in elements.append(try scanner.value(depth: inner)) }
            return .array(elements)
        default:
            return try scalar()
        }
    }

    func deeper(_ depth: Int) throws(JSONError) -> Int {
        if depth <= 0 { throw fault("it is nested too deep") }
        return depth - 1
    }

    /// The beginning of a key, for a sentence; one Character may be as long as the whole text, a scalar may not.
    private static func cut(_ key: String) -> String { String(key.unicodeScalars.prefix(40)) }

    func fault(_ reason: String) -> JSONError { JSONError(offset: offset, reason: reason) }

    var peek: UInt8 { offset < bytes.count ? bytes[offset] : 0 }

    mutating func skipSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x0A, 0x0D, 0x09: offset += 1
            default: return
            }
        }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard peek == byte else { return false }
        offset += 1
        return true
    }

    mutating func expect(_ byte: UInt8, _ what: String) throws(JSONError) {
        if !take(byte) { throw fault(offset < bytes.count ? "\(what) is expected" : "it ends where \(what) is expected") }
    }
}

extension JSONScanner {
    private mutating func scalar() throws(JSONError) -> JSONValue {
        switch peek {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let count = text.utf8CodeUnitCount
        guard offset + count <= bytes.count, (0..<count).allSatisfy({ bytes[offset + $0] == text.utf8Start[$0] }) else {
            throw fault("a value is expected")
        }
        offset += count
        return value
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = offset
        let isWhole = try skipNumber()
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isWhole, let integer = Int64(text) { return .integer(integer) }
        guard let double = Double(text), double.isFinite else { throw fault("the number is out of range") }
        return .double(double)
    }

    /// Checks a number, a word or a string as `scalar()` does, and makes no value of it.
    mutating func skipScalar() throws(JSONError) {
        let start = offset
        switch peek {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            // Only a long one, or one with an exponent, can be out of range.
            if try skipNumber(), offset - start < 300 { return }
            offset = start
            _ = try number()
        default: _ = try scalar()
        }
    }

    /// Checks how a number is written; says whether it is a whole one.
    private mutating func skipNumber() throws(JSONError) -> Bool {
        var whole = true
        if peek == UInt8(ascii: "-") { offset += 1 }
        let first = offset
        digits()
        guard offset > first else {
            throw fault(offset < bytes.count ? "a value is expected" : "it ends where a value is expected")
        }
        if bytes[first] == UInt8(ascii: "0"), offset > first + 1 { throw fault("a number starts with a zero") }
        if peek == UInt8(ascii: ".") {
            whole = false
            offset += 1
            let mark = offset
            digits()
            if offset == mark { throw fault("a digit is expected after the point") }
        }
        if peek | 0x20 == UInt8(ascii: "e") {
            whole = false
            offset += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { offset += 1 }
            let mark = offset
            digits()
            if offset == mark { throw fault("a digit is expected in the exponent") }
        }
        return whole
    }

    private mutating func digits() {
        while offset < bytes.count, bytes[offset] >= 48, bytes[offset] <= 57 { offset += 1 }
    }

    /// Reads a string; the cursor must stand at its opening quote.
    public mutating func string() throws(JSONError) -> String {
        guard peek == UInt8(ascii: "\"") else { throw fault("a string is expected") }
        offset += 1
        let start = offset
        var bits: UInt8 = 0
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\""), bytes[offset] != UInt8(ascii: "\\") {
            if bytes[offset] < 0x20 { throw fault("a control character stands in a string; write it as \\u00XX") }
            bits |= bytes[offset]
            offset += 1
        }
        guard offset < bytes.count else { throw fault("it ends inside a string") }
        if bytes[offset] == UInt8(ascii: "\"") {
            defer { offset += 1 }
            return try text(UnsafeBufferPointer(rebasing: bytes[start..<offset]), isASCII: bits < 0x80)
        }
        var unescaped = Array(bytes[start..<offset])
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                let whole = unescaped
                return try whole.withUnsafeBufferPointer { (bytes) throws(JSONError) in try text(bytes, isASCII: false) }
            case UInt8(ascii: "\\"): try escape(into: &unescaped)
            case 0..<0x20: throw fault("a control character stands in a string; write it as \\u00XX")
            default: unescaped.append(byte)
            }
        }
        throw fault("it ends inside a string")
    }

    /// Checks a string as `string()` does, and builds none unless it has escapes; says whether it has none.
    @discardableResult
    mutating func skipString() throws(JSONError) -> Bool {
        guard peek == UInt8(ascii: "\"") else { throw fault("a string is expected") }
        let start = offset
        offset += 1
        var bits: UInt8 = 0
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\""), bytes[offset] != UInt8(ascii: "\\"), bytes[offset] >= 0x20 {
            bits |= bytes[offset]
            offset += 1
        }
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
            offset = start
            _ = try string()
            return false
        }
        // Text of ASCII alone, the usual case of names and dates, needs no decoding to be valid.
        if bits >= 0x80 { _ = try text(UnsafeBufferPointer(rebasing: bytes[start + 1..<offset]), isASCII: false) }
        offset += 1
        return true
    }

    /// The text of bytes that must be UTF-8.
    ///
    /// `String(validating:as:)` is generic code of another library, made for the type at each call; this way is found once.
    private func text(_ slice: UnsafeBufferPointer<UInt8>, isASCII: Bool) throws(JSONError) -> String {
        let text = String(decoding: slice, as: UTF8.self)
        // What is no UTF-8 was replaced, so it is not the same any more.
        if !isASCII, !text.isMade(of: slice) { throw fault("a string before this place is not valid UTF-8") }
        return text
    }

    private mutating func escape(into unescaped: inout [UInt8]) throws(JSONError) {
        let letter = peek
        offset += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(letter)
        case UInt8(ascii: "b"): unescaped.append(0x08)
        case UInt8(ascii: "f"): unescaped.append(0x0C)
        case UInt8(ascii: "n"): unescaped.append(0x0A)
        case UInt8(ascii: "r"): unescaped.append(0x0D)
        case UInt8(ascii: "t"): unescaped.append(0x09)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if code & 0xFC00 == 0xD800, peek == UInt8(ascii: "\\") {
                offset += 1
                guard peek == UInt8(ascii: "u") else { throw fault("half of a surrogate pair stands alone") }
                offset += 1
                let low = try hexadecimal()
                guard low & 0xFC00 == 0xDC00 else { throw fault("half of a surrogate pair stands alone") }
                code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
            }
            if code == 0 { throw fault("a NUL character (\\u0000) cannot be stored; leave it out") }
            guard let scalar = Unicode.Scalar(code) else { throw fault("half of a surrogate pair stands alone") }
            unescaped.append(contentsOf: String(Character(scalar)).utf8)
        default: throw fault("an escape in a string is not known")
        }
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        guard offset + 4 <= bytes.count else { throw fault("it ends inside a string") }
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[offset])).hexDigitValue else {
                throw fault("four hexadecimal digits are expected")
            }
            code = code << 4 | UInt32(digit)
            offset += 1
        }
        return code
    }
}

extension String {
    /// Whether its UTF-8 is `bytes`.
    fileprivate func isMade(of bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        utf8.withContiguousStorageIfAvailable { own in
            guard own.count == bytes.count else { return false }
            for place in 0..<own.count where own[place] != bytes[place] { return false }
            return true
        } ?? utf8.elementsEqual(bytes)
    }
}
