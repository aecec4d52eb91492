/// A value where it stands in a JSON text.
public struct JSONPlace: Sendable {
    let tape: JSONTape
    let node: Int

    var isNull: Bool { tape.first(node) == UInt8(ascii: "n") }

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

    /// Throws unless an array stands here.
    func requireArray() throws {
        guard tape.first(node) == UInt8(ascii: "[") else { throw mismatch([String].self, "an array is expected") }
    }

    /// What is thrown where the text of a value is not one of its type's.
    func corrupted(_ text: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: tape.path(to: node), debugDescription: text))
    }

    private func mismatch(_ type: any Any.Type, _ text: String) -> DecodingError {
        .typeMismatch(type, .init(codingPath: tape.path(to: node), debugDescription: text))
    }
}
