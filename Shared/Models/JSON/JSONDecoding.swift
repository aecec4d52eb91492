/// Reads `Decodable` values from JSON.
enum JSONReader {
    /// Reads one JSON text; throws a `DecodingError` that says where it does not fit, without quoting values.
    static func read<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        let tape: JSONTape
        do throws(JSONError) { tape = try JSONTape(bytes) } catch {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "is no JSON \(error)"))
        }
        return try Value(from: JSONValueDecoder(tape: tape, node: 0))
    }
}

/// Decodes the value at one node.
struct JSONValueDecoder: Decoder, SingleValueDecodingContainer {
    let tape: JSONTape
    let node: Int
    var codingPath: [any CodingKey] { tape.path(to: node) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard tape.first(node) == UInt8(ascii: "{") else { throw mismatch([String: String].self, "an object is expected") }
        return KeyedDecodingContainer(JSONMembersDecoder<Key>(tape: tape, node: node))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard tape.first(node) == UInt8(ascii: "[") else { throw mismatch([String].self, "an array is expected") }
        return JSONElementsDecoder(tape: tape, node: node, element: node + 1)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { tape.first(node) == UInt8(ascii: "n") }

    func decode(_ type: Bool.Type) throws -> Bool {
        switch tape.first(node) {
        case UInt8(ascii: "t"): return true
        case UInt8(ascii: "f"): return false
        default: throw mismatch(type, "a boolean is expected")
        }
    }

    func decode(_ type: String.Type) throws -> String {
        guard tape.first(node) == UInt8(ascii: "\"") else { throw mismatch(type, "a string is expected") }
        return tape.string(node)
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
        guard let value = tape.double(node) else { throw mismatch(type, "a number is expected") }
        return value
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: self) }

    private func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value {
        guard let number = tape.integer(node), let value = Value(exactly: number) else {
            throw mismatch(type, "an integer of its range is expected")
        }
        return value
    }

    private func mismatch(_ type: any Any.Type, _ text: String) -> DecodingError {
        .typeMismatch(type, .init(codingPath: codingPath, debugDescription: text))
    }
}

private struct JSONMembersDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let tape: JSONTape
    let node: Int
    var codingPath: [any CodingKey] { tape.path(to: node) }
    var allKeys: [Key] { tape.names(of: node).compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { tape.member(key.stringValue, of: node) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try member(key).decodeNil() }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try member(key).decode(type) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try member(key).decode(type) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try member(key).decode(type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try member(key).decode(type) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try member(key).decode(type) }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try Value(from: member(key)) }

    // One look for the member, in place of the three that the standard ways take.
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try optional(key)?.decode(type) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try optional(key)?.decode(type) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try optional(key)?.decode(type) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try optional(key)?.decode(type) }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try optional(key)?.decode(type) }
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        try optional(key).map { try Value(from: $0) }
    }

    func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type, forKey key: Key) throws -> KeyedDecodingContainer<Inner> {
        try member(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { try member(key).unkeyedContainer() }
    func superDecoder() throws -> any Decoder {
        throw DecodingError.valueNotFound(Any.self, .init(codingPath: codingPath, debugDescription: "has no super"))
    }
    func superDecoder(forKey key: Key) throws -> any Decoder { try member(key) }

    /// The value of a member; nil when it is missing or null.
    private func optional(_ key: Key) -> JSONValueDecoder? {
        guard let found = tape.member(key.stringValue, of: node), tape.first(found) != UInt8(ascii: "n") else { return nil }
        return JSONValueDecoder(tape: tape, node: found)
    }

    private func member(_ key: Key) throws -> JSONValueDecoder {
        guard let found = tape.member(key.stringValue, of: node) else {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "is missing"))
        }
        return JSONValueDecoder(tape: tape, node: found)
    }
}

private struct JSONElementsDecoder: UnkeyedDecodingContainer {
    let tape: JSONTape
    let node: Int
    /// The next element.
    private(set) var element: Int
    private(set) var currentIndex = 0
    var codingPath: [any CodingKey] { tape.path(to: node) }
    var count: Int? { tape.count(of: node) }
    var isAtEnd: Bool { element >= tape.next(node) }

    init(tape: JSONTape, node: Int, element: Int) {
        self.tape = tape
        self.node = node
        self.element = element
    }

    mutating func decodeNil() throws -> Bool {
        let isNull = try peek().decodeNil()
        if isNull { advance() }
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
        return JSONValueDecoder(tape: tape, node: element)
    }

    private mutating func advance() {
        element = tape.next(element)
        currentIndex += 1
    }

    private mutating func next<R>(_ body: (JSONValueDecoder) throws -> R) throws -> R {
        let result = try body(peek())
        advance()
        return result
    }
}
