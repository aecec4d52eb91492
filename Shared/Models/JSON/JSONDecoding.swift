/// Reads `Decodable` values from JSON: each object is looked through once, and each member read where it stands.
enum JSONReader {
    /// Reads one JSON text; throws a `DecodingError` that says where it does not fit, without quoting values.
    static func read<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) }) else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "is empty"))
        }
        return try Value(from: JSONValueDecoder(bytes: bytes, range: first..<last + 1, place: nil))
    }

    /// The members of the object at `range`; nil when it is none.
    static func members(_ bytes: [UInt8], _ range: Range<Int>) throws(JSONError) -> [(key: String, value: Range<Int>)]? {
        guard bytes[range.lowerBound] == UInt8(ascii: "{") else { return nil }
        return try scan(bytes, range) { scanner throws(JSONError) in
            var members: [(key: String, value: Range<Int>)] = []
            members.reserveCapacity(16)
            try scanner.object { (scanner, key) throws(JSONError) in members.append((key, try scanner.skip())) }
            return members
        }
    }

    /// The elements of the array at `range`; nil when it is none.
    static func elements(_ bytes: [UInt8], _ range: Range<Int>) throws(JSONError) -> [Range<Int>]? {
        guard bytes[range.lowerBound] == UInt8(ascii: "[") else { return nil }
        return try scan(bytes, range) { scanner throws(JSONError) in
            var elements: [Range<Int>] = []
            try scanner.array { (scanner) throws(JSONError) in elements.append(try scanner.skip()) }
            return elements
        }
    }

    /// The scalar at `range`; nil for an object or an array.
    static func scalar(_ bytes: [UInt8], _ range: Range<Int>) throws(JSONError) -> JSONValue? {
        switch bytes[range.lowerBound] {
        case UInt8(ascii: "{"), UInt8(ascii: "["): nil
        default: try scan(bytes, range) { scanner throws(JSONError) in try scanner.value(depth: 0) }
        }
    }

    /// Scans the one value that fills `range`.
    private static func scan<R>(
        _ bytes: [UInt8], _ range: Range<Int>, _ body: (inout JSONScanner) throws(JSONError) -> R
    ) throws(JSONError) -> R {
        try JSONScanner.scan(bytes, at: range.lowerBound) { scanner throws(JSONError) in
            let result = try body(&scanner)
            if scanner.offset != range.upperBound { throw scanner.fault("there is more after the end of the value") }
            return result
        }
    }
}

/// The way from the outermost value to an inner one.
final class JSONPlace: Sendable {
    let key: any CodingKey
    let outer: JSONPlace?

    init(_ key: any CodingKey, in outer: JSONPlace?) {
        self.key = key
        self.outer = outer
    }

    var path: [any CodingKey] { (outer?.path ?? []) + [key] }
}

/// A place in an array.
struct JSONIndex: CodingKey {
    let index: Int
    var intValue: Int? { index }
    var stringValue: String { String(index) }

    init(_ index: Int) { self.index = index }
    init?(intValue: Int) { index = intValue }
    init?(stringValue: String) { nil }
}

/// Decodes the value at one range.
struct JSONValueDecoder: Decoder, SingleValueDecodingContainer {
    let bytes: [UInt8]
    let range: Range<Int>
    let place: JSONPlace?
    var codingPath: [any CodingKey] { place?.path ?? [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let members = try read(JSONReader.members) else { throw mismatch([String: String].self, "an object is expected") }
        return KeyedDecodingContainer(JSONMembersDecoder<Key>(bytes: bytes, members: members, place: place))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let elements = try read(JSONReader.elements) else { throw mismatch([String].self, "an array is expected") }
        return JSONElementsDecoder(bytes: bytes, elements: elements, place: place)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { bytes[range.lowerBound] == UInt8(ascii: "n") }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard case .bool(let value)? = try read(JSONReader.scalar) else { throw mismatch(type, "a boolean is expected") }
        return value
    }

    func decode(_ type: String.Type) throws -> String {
        guard case .string(let value)? = try read(JSONReader.scalar) else { throw mismatch(type, "a string is expected") }
        return value
    }

    func decode(_ type: Int.Type) throws -> Int { try integer(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }

    // Types that hardly occur, and would decode themselves without end if they fell to the generic method.
    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }

    func decode(_ type: Double.Type) throws -> Double {
        switch try read(JSONReader.scalar) {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: throw mismatch(type, "a number is expected")
        }
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: self) }

    private func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value {
        guard case .integer(let number)? = try read(JSONReader.scalar), let value = Value(exactly: number) else {
            throw mismatch(type, "an integer of its range is expected")
        }
        return value
    }

    /// Reads this value; what is no JSON is an error of its own.
    private func read<R>(_ body: ([UInt8], Range<Int>) throws(JSONError) -> R) throws -> R {
        do throws(JSONError) { return try body(bytes, range) } catch {
            throw DecodingError.dataCorrupted(.init(codingPath: codingPath, debugDescription: "is no JSON \(error)"))
        }
    }

    private func mismatch(_ type: any Any.Type, _ text: String) -> DecodingError {
        .typeMismatch(type, .init(codingPath: codingPath, debugDescription: text))
    }
}

private struct JSONMembersDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let bytes: [UInt8]
    let members: [(key: String, value: Range<Int>)]
    let place: JSONPlace?
    var codingPath: [any CodingKey] { place?.path ?? [] }
    var allKeys: [Key] { members.compactMap { Key(stringValue: $0.key) } }

    func contains(_ key: Key) -> Bool { find(key) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try member(key).decodeNil() }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try member(key).decode(type) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try member(key).decode(type) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try member(key).decode(type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try member(key).decode(type) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try member(key).decode(type) }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try Value(from: member(key)) }

    func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type, forKey key: Key) throws -> KeyedDecodingContainer<Inner> {
        try member(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { try member(key).unkeyedContainer() }
    func superDecoder() throws -> any Decoder {
        throw DecodingError.valueNotFound(Any.self, .init(codingPath: codingPath, debugDescription: "has no super"))
    }
    func superDecoder(forKey key: Key) throws -> any Decoder { try member(key) }

    private func find(_ key: Key) -> Range<Int>? {
        let name = key.stringValue
        return members.first { $0.key == name }?.value
    }

    private func member(_ key: Key) throws -> JSONValueDecoder {
        guard let range = find(key) else {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "is missing"))
        }
        return JSONValueDecoder(bytes: bytes, range: range, place: JSONPlace(key, in: place))
    }
}

private struct JSONElementsDecoder: UnkeyedDecodingContainer {
    let bytes: [UInt8]
    let elements: [Range<Int>]
    let place: JSONPlace?
    private(set) var currentIndex = 0
    var codingPath: [any CodingKey] { place?.path ?? [] }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    mutating func decodeNil() throws -> Bool {
        let isNull = try peek().decodeNil()
        if isNull { currentIndex += 1 }
        return isNull
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try next { try $0.decode(type) } }
    mutating func decode(_ type: String.Type) throws -> String { try next { try $0.decode(type) } }
    mutating func decode(_ type: Int.Type) throws -> Int { try next { try $0.decode(type) } }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try next { try $0.decode(type) } }
    mutating func decode(_ type: Double.Type) throws -> Double { try next { try $0.decode(type) } }
    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try next { try Value(from: $0) } }

    mutating func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type) throws -> KeyedDecodingContainer<Inner> {
        try next { try $0.container(keyedBy: type) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next { try $0.unkeyedContainer() } }
    mutating func superDecoder() throws -> any Decoder { try next { $0 } }

    private func peek() throws -> JSONValueDecoder {
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(Any.self, .init(codingPath: codingPath, debugDescription: "has fewer elements"))
        }
        return JSONValueDecoder(bytes: bytes, range: elements[currentIndex], place: JSONPlace(JSONIndex(currentIndex), in: place))
    }

    private mutating func next<R>(_ body: (JSONValueDecoder) throws -> R) throws -> R {
        let result = try body(peek())
        currentIndex += 1
        return result
    }
}
