import Models

/// Compares what is remembered without the keys that personal data is sealed under.
///
/// `keys rotate` seals states again and leaves the ledger as it is, so the same person stands in both under different keys. Nobody can
/// compare the sealed words without the keys; that both are sealed, and equally long, can be compared.
enum SealedShape {
    /// Whether two values differ in nothing but how their sealed texts were sealed.
    static func areAlike(_ one: some Encodable, _ other: some Encodable) -> Bool {
        guard let one = try? JSONValue(parsing: JSONCoding.encode(one)), let other = try? JSONValue(parsing: JSONCoding.encode(other))
        else {
            return false
        }
        return blank(one) == blank(other)
    }

    private static func blank(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members): .object(members.mapValues(blank))
        case .array(let items): .array(items.map(blank))
        case .string(let text): SealedText(text: text).length.map { .object(["sealed": .integer(Int64($0))]) } ?? value
        default: value
        }
    }
}
