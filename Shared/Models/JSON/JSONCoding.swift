/// The JSON of everything that the services say to each other and remember: `Codable` values as bytes and back.
///
/// Made for the thousands of small values of a batch. Members stand in the order of their declaration; what is nil is left
/// out. Where one spelling must be the same for ever, as under a signature, use `JSONValue.canonical`.
public enum JSONCoding {
    /// The value as one JSON text; throws an `EncodingError` for a number that JSON cannot say.
    public static func encode(_ value: some Encodable) throws -> [UInt8] { try JSONWriter.write(value) }

    /// The same bytes, written the fast way.
    ///
    /// It throws nothing, but is called as if it did: which way is taken is the type's business.
    public static func encode(_ value: some JSONWritable) throws -> [UInt8] { JSONText.write(value) }

    /// Reads one JSON text; throws a `DecodingError` whose path says where it does not fit and whose words quote no value.
    public static func decode<Value: Decodable>(_ type: Value.Type = Value.self, from bytes: [UInt8]) throws -> Value {
        try JSONReader.read(type, from: bytes)
    }

    /// The same, read the fast way.
    public static func decode<Value: JSONReadable>(_ type: Value.Type = Value.self, from bytes: [UInt8]) throws -> Value {
        try JSONReader.read(type, from: bytes)
    }
}
