/// Reads `Decodable` values from JSON.
enum JSONReader {
    /// Reads one JSON text; throws a `DecodingError` that says where it does not fit, without quoting values.
    static func read<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try Value(from: JSONValueDecoder(place: whole(bytes)))
    }

    /// The same, without the containers of `Decodable`.
    static func read<Value: JSONReadable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value { try Value(json: whole(bytes)) }

    private static func whole(_ bytes: [UInt8]) throws -> JSONPlace {
        do throws(JSONError) { return JSONPlace(tape: try JSONTape(bytes), node: 0) } catch {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "is no JSON \(error)"))
        }
    }
}

/// Decodes the value at one place.
struct JSONValueDecoder: Decoder, SingleValueDecodingContainer {
    let place: JSONPlace
    var codingPath: [any CodingKey] { place.tape.path(to: place.node) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try place.requireObject()
        return KeyedDecodingContainer(JSONMembersDecoder<Key>(tape: place.tape, node: place.node))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try place.requireArray()
        return JSONElementsDecoder(tape: place.tape, node: place.node, element: place.node + 1)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { place.isNull }
    func decode(_ type: Bool.Type) throws -> Bool { try place.bool() }
    func decode(_ type: String.Type) throws -> String { try place.string() }
    func decode(_ type: Int.Type) throws -> Int { try place.integer() }
    func decode(_ type: Int64.Type) throws -> Int64 { try place.integer() }
    func decode(_ type: Double.Type) throws -> Double { try place.double() }

    // Types that hardly occur, and would decode themselves without end if they fell to the generic method.
    func decode(_ type: Float.Type) throws -> Float { Float(try place.double()) }
    func decode(_ type: Int8.Type) throws -> Int8 { try place.integer() }
    func decode(_ type: Int16.Type) throws -> Int16 { try place.integer() }
    func decode(_ type: Int32.Type) throws -> Int32 { try place.integer() }
    func decode(_ type: UInt.Type) throws -> UInt { try place.integer() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try place.integer() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try place.integer() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try place.integer() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try place.integer() }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: self) }
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
        return JSONValueDecoder(place: JSONPlace(tape: tape, node: found))
    }

    private func member(_ key: Key) throws -> JSONValueDecoder {
        guard let found = tape.member(key.stringValue, of: node) else {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "is missing"))
        }
        return JSONValueDecoder(place: JSONPlace(tape: tape, node: found))
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
        return JSONValueDecoder(place: JSONPlace(tape: tape, node: element))
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
