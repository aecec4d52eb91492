/// A value where it stands in a JSON text.
public struct JSONPlace: Sendable {
    let tape: JSONTape
    let node: Int

    @usableFromInline var isNull: Bool { tape.first(node) == UInt8(ascii: "n") }

    func bool() throws -> Bool {
        switch tape.first(node) {
        case UInt8(ascii: "t"): return true
        case UInt8(ascii: "f"): return false
        default: throw mismatch(Bool.self, "a boolean is expected")
        }
    }

    func string() throws -> String {
        guard tape.first(node) == UInt8(ascii: "\"") else { throw mismatch(String.self, "a string is expected") }
        return tape.string(node)
    }

    /// What `read` makes of the UTF-8 of the string that stands here, for what needs no string of its own.
    func string<Value>(_ read: (UnsafeBufferPointer<UInt8>) -> Value) throws -> Value {
        guard tape.first(node) == UInt8(ascii: "\"") else { throw mismatch(String.self, "a string is expected") }
        let found = tape.nodes[node]
        if found.hasEscapes {
            var text = tape.string(node)
            return text.withUTF8(read)
        }
        return tape.bytes.withUnsafeBufferPointer { read(UnsafeBufferPointer(rebasing: $0[Int(found.start) + 1..<Int(found.end) - 1])) }
    }

    func double() throws -> Double {
        guard let value = tape.double(node) else { throw mismatch(Double.self, "a number is expected") }
        return value
    }

    func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws -> Value {
        guard let number = tape.integer(node), let value = Value(exactly: number) else {
            throw mismatch(type, "an integer of its range is expected")
        }
        return value
    }

    /// Throws unless an object stands here.
    func requireObject() throws {
        guard tape.first(node) == UInt8(ascii: "{") else { throw mismatch([String: String].self, "an object is expected") }
    }

    /// What stands in the array here; throws when it is none.
    @usableFromInline func elements() throws -> JSONElements {
        try requireArray()
        return JSONElements(tape: tape, end: tape.next(node), next: node + 1)
    }

    /// Throws unless an array stands here.
    func requireArray() throws {
        guard tape.first(node) == UInt8(ascii: "[") else { throw mismatch([String].self, "an array is expected") }
    }

    /// What is thrown where the text of a value is not one of its type's.
    func corrupted(_ text: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: tape.path(to: node), debugDescription: text))
    }

    func mismatch(_ type: any Any.Type, _ text: String) -> DecodingError {
        .typeMismatch(type, .init(codingPath: tape.path(to: node), debugDescription: text))
    }
}

/// The elements of an array that have not been read yet.
@usableFromInline struct JSONElements {
    let tape: JSONTape
    /// Where the array ends.
    let end: Int
    var next: Int

    /// The next one; nil behind the last.
    @usableFromInline mutating func take() -> JSONPlace? {
        guard next < end else { return nil }
        defer { next = tape.next(next) }
        return JSONPlace(tape: tape, node: next)
    }
}
