/// Writes `Encodable` values as JSON straight into bytes, members in the order of their declaration.
///
/// Made for the thousands of small values of a batch: nothing is built between the value and its bytes. What is nil is left
/// out, dates and codes are the strings that their types encode themselves as, and a number that JSON cannot say is refused.
final class JSONWriter {
    private(set) var bytes: [UInt8] = []
    /// The closing brackets of what is open, the innermost last.
    private var closers: [UInt8] = []

    /// The value as one JSON text.
    static func write(_ value: some Encodable) throws -> [UInt8] {
        let writer = JSONWriter()
        writer.bytes.reserveCapacity(512)
        try value.encode(to: JSONValueEncoder(writer: writer, codingPath: []))
        writer.close(to: 0)
        return writer.bytes
    }

    var depth: Int { closers.count }

    func open(_ opener: UInt8, _ closer: UInt8) {
        bytes.append(opener)
        closers.append(closer)
    }

    /// Closes what was opened deeper than `depth`: a container is written to again, so those inside it have ended.
    func close(to depth: Int) {
        while closers.count > depth { bytes.append(closers.removeLast()) }
    }

    /// Begins an element of the container at `depth`.
    func element(at depth: Int) {
        close(to: depth)
        switch bytes.last {
        case UInt8(ascii: "{"), UInt8(ascii: "["): break
        default: bytes.append(UInt8(ascii: ","))
        }
    }

    func key(_ key: some CodingKey, at depth: Int) {
        element(at: depth)
        JSONValue.write(key.stringValue, into: &bytes)
        bytes.append(UInt8(ascii: ":"))
    }

    func write(_ text: String) { JSONValue.write(text, into: &bytes) }

    func write(_ flag: Bool) { bytes.append(contentsOf: (flag ? "true" : "false").utf8) }

    func write(_ number: some BinaryInteger) {
        if let number = Int64(exactly: number) { bytes.append(decimal: number) } else { bytes.append(contentsOf: String(number).utf8) }
    }

    func write(_ number: some BinaryFloatingPoint & LosslessStringConvertible, _ path: [any CodingKey]) throws {
        guard number.isFinite else {
            throw EncodingError.invalidValue(number, .init(codingPath: path, debugDescription: "JSON has no such number"))
        }
        bytes.append(contentsOf: number.description.utf8)
    }

    func writeNull() { bytes.append(contentsOf: "null".utf8) }
}

/// Encodes one value where the writer stands.
struct JSONValueEncoder: Encoder, SingleValueEncodingContainer {
    let writer: JSONWriter
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        writer.open(UInt8(ascii: "{"), UInt8(ascii: "}"))
        return KeyedEncodingContainer(JSONMembersEncoder<Key>(writer: writer, depth: writer.depth, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        writer.open(UInt8(ascii: "["), UInt8(ascii: "]"))
        return JSONElementsEncoder(writer: writer, depth: writer.depth, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func encodeNil() { writer.writeNull() }
    func encode(_ value: Bool) { writer.write(value) }
    func encode(_ value: String) { writer.write(value) }
    func encode(_ value: Int) { writer.write(value) }
    func encode(_ value: Int64) { writer.write(value) }
    func encode(_ value: Double) throws { try writer.write(value, codingPath) }
    func encode(_ value: some Encodable) throws { try value.encode(to: self) }

    // Types that hardly occur, and would encode themselves without end if they fell to the generic method.
    func encode(_ value: Float) throws { try writer.write(value, codingPath) }
    func encode(_ value: Int8) { writer.write(value) }
    func encode(_ value: Int16) { writer.write(value) }
    func encode(_ value: Int32) { writer.write(value) }
    func encode(_ value: UInt) { writer.write(value) }
    func encode(_ value: UInt8) { writer.write(value) }
    func encode(_ value: UInt16) { writer.write(value) }
    func encode(_ value: UInt32) { writer.write(value) }
    func encode(_ value: UInt64) { writer.write(value) }
}

private struct JSONMembersEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let writer: JSONWriter
    let depth: Int
    let codingPath: [any CodingKey]

    private func member(_ key: Key) -> JSONValueEncoder {
        writer.key(key, at: depth)
        return JSONValueEncoder(writer: writer, codingPath: codingPath)
    }

    func encodeNil(forKey key: Key) { member(key).encodeNil() }
    func encode(_ value: Bool, forKey key: Key) { member(key).encode(value) }
    func encode(_ value: String, forKey key: Key) { member(key).encode(value) }
    func encode(_ value: Int, forKey key: Key) { member(key).encode(value) }
    func encode(_ value: Int64, forKey key: Key) { member(key).encode(value) }
    func encode(_ value: Double, forKey key: Key) throws { try member(key).encode(value) }
    func encode(_ value: some Encodable, forKey key: Key) throws { try value.encode(to: member(key)) }

    func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type, forKey key: Key) -> KeyedEncodingContainer<Inner> {
        member(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { member(key).unkeyedContainer() }
    func superEncoder() -> any Encoder { JSONValueEncoder(writer: writer, codingPath: codingPath) }
    func superEncoder(forKey key: Key) -> any Encoder { member(key) }
}

private struct JSONElementsEncoder: UnkeyedEncodingContainer {
    let writer: JSONWriter
    let depth: Int
    let codingPath: [any CodingKey]
    private(set) var count = 0

    private mutating func element() -> JSONValueEncoder {
        writer.element(at: depth)
        count += 1
        return JSONValueEncoder(writer: writer, codingPath: codingPath)
    }

    mutating func encodeNil() { element().encodeNil() }
    mutating func encode(_ value: Bool) { element().encode(value) }
    mutating func encode(_ value: String) { element().encode(value) }
    mutating func encode(_ value: Int) { element().encode(value) }
    mutating func encode(_ value: Int64) { element().encode(value) }
    mutating func encode(_ value: Double) throws { try element().encode(value) }
    mutating func encode(_ value: some Encodable) throws { try value.encode(to: element()) }

    mutating func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type) -> KeyedEncodingContainer<Inner> {
        element().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { element().unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { element() }
}
