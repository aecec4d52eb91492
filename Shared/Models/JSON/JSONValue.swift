/// A JSON value (RFC 8259) as a tree, for input that has to be judged field by field and for canonical output.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// Reads one JSON text.
    ///
    /// Refuses what PostgreSQL could not store or what two readers could understand differently: invalid UTF-8, a NUL
    /// character, a lone surrogate, the same key twice, and nesting deeper than `depth`.
    public init(parsing bytes: [UInt8], depth: Int = 64) throws(JSONError) {
        self = try JSONScanner.scan(bytes) { scanner throws(JSONError) in
            let value = try scanner.value(depth: depth)
            try scanner.end()
            return value
        }
    }

    /// The value's kind in words, as a sentence for a person needs it.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .double: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}

/// Says why bytes are not acceptable JSON, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// How many bytes stand before the fault.
    public let offset: Int
    /// What is wrong, as the end of a sentence.
    public let reason: String

    public init(offset: Int, reason: String) {
        self.offset = offset
        self.reason = reason
    }

    public var description: String { "at byte \(offset): \(reason)" }
}
