/// A statement whose interpolated values are bound as parameters, never pasted into the text.
///
///     "SELECT title FROM cases WHERE subject = ANY(\(subjects)) AND stage = \(stage)"
///
/// The text is the same for all values, so each connection prepares it once.
public struct SQL: Sendable, ExpressibleByStringInterpolation {
    let text: String
    let types: [UInt32]
    /// The length of each parameter in bytes, -1 for NULL.
    let lengths: [Int32]
    let buffer: PostgresBuffer

    public init(stringLiteral value: String) {
        text = value
        types = []
        lengths = []
        buffer = PostgresBuffer()
    }

    public init(stringInterpolation interpolation: StringInterpolation) {
        text = interpolation.text
        types = interpolation.types
        lengths = interpolation.lengths
        buffer = interpolation.buffer
    }

    /// Takes a whole statement from elsewhere, such as a migration's file.
    public init(unsafe text: String) { self.init(stringLiteral: text) }

    /// A name in double quotes.
    static func quoted(_ name: String) -> String {
        doubled(name, "\"")
    }

    /// A text in single quotes, for scripts, which have no parameters.
    static func literal(_ text: String) -> String {
        doubled(text, "'")
    }

    /// Puts a text between quotes and doubles those in it, scalar by scalar: a quote with a combining mark is a quote to the server.
    private static func doubled(_ text: String, _ quote: Unicode.Scalar) -> String {
        var result = String.UnicodeScalarView([quote])
        for scalar in text.unicodeScalars {
            if scalar == quote { result.append(quote) }
            result.append(scalar)
        }
        result.append(quote)
        return String(result)
    }

    public struct StringInterpolation: StringInterpolationProtocol, Sendable {
        var text = ""
        var types: [UInt32] = []
        var lengths: [Int32] = []
        var buffer = PostgresBuffer()

        public init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity + 3 * interpolationCount) }

        public mutating func appendLiteral(_ literal: String) { text += literal }

        public mutating func appendInterpolation<T: PostgresBindable>(_ value: T) {
            bind(T.postgresType.oid) { value.encode(into: &$0) }
        }

        public mutating func appendInterpolation<T: PostgresBindable>(_ value: T?) {
            if let value {
                appendInterpolation(value)
            } else {
                types.append(T.postgresType.oid)
                lengths.append(-1)
                text += "$\(types.count)"
            }
        }

        /// Binds a one-dimensional array, as `unnest` and `ANY` take it.
        public mutating func appendInterpolation<T: PostgresBindable>(_ values: [T]) {
            bind(T.postgresType.array) { buffer in
                Self.arrayHeader(T.postgresType.oid, values.count, holdsNull: false, &buffer)
                for value in values {
                    let offset = buffer.bytes.count
                    buffer.append(Int32(0))
                    value.encode(into: &buffer)
                    buffer.replaceLength(at: offset)
                }
            }
        }

        public mutating func appendInterpolation<T: PostgresBindable>(_ values: [T?]) {
            bind(T.postgresType.array) { buffer in
                Self.arrayHeader(T.postgresType.oid, values.count, holdsNull: true, &buffer)
                for value in values {
                    let offset = buffer.bytes.count
                    buffer.append(Int32(value == nil ? -1 : 0))
                    guard let value else { continue }
                    value.encode(into: &buffer)
                    buffer.replaceLength(at: offset)
                }
            }
        }

        /// Binds bytes as `bytea`, not as an array.
        public mutating func appendInterpolation(_ bytes: [UInt8]) {
            bind(PostgresType.bytes.oid) { $0.append(contentsOf: bytes) }
        }

        /// Writes a name in double quotes.
        public mutating func appendInterpolation(identifier name: String) {
            text += SQL.quoted(name)
        }

        /// Writes text as it is: only for text that no user can influence.
        public mutating func appendInterpolation(unsafe fragment: String) { text += fragment }

        private mutating func bind(_ type: UInt32, _ encode: (inout PostgresBuffer) -> Void) {
            let start = buffer.bytes.count
            encode(&buffer)
            types.append(type)
            lengths.append(Int32(buffer.bytes.count - start))
            text += "$\(types.count)"
        }

        /// Writes the header of a binary array: dimensions, whether NULLs may occur, the element's type, length, lower bound.
        private static func arrayHeader(_ element: UInt32, _ count: Int, holdsNull: Bool, _ buffer: inout PostgresBuffer) {
            buffer.append(Int32(count == 0 ? 0 : 1))
            buffer.append(Int32(holdsNull ? 1 : 0))
            buffer.append(element)
            if count == 0 { return }
            buffer.append(Int32(count))
            buffer.append(Int32(1))
        }
    }
}
