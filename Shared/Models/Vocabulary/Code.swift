/// A short name that a county's files give to a unit, region, topic, rule or pack.
///
/// Codes travel in routing keys, addresses and file names, so they hold only `a`–`z`, `0`–`9` and single hyphens between
/// these, 1 to 48 characters. They are stable: whatever is shown to people comes from the county definition.
public protocol Code: Hashable, Comparable, Codable, JSONReadable, JSONWritable, Sendable, LosslessStringConvertible {
    /// What the code names, as a word for error sentences: `unit code`.
    static var noun: String { get }
    var text: String { get }
    /// Takes `text` as it is; only for text that has been validated.
    init(validated text: String)
}

/// Says why a text is no code.
public struct CodeError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
}

extension Code {
    public static var longest: Int { 48 }

    /// Reads a code; the error is a sentence that says what is wrong with it.
    public init(validating text: String) throws(CodeError) {
        if let fault = Self.fault(in: text) { throw CodeError(description: fault) }
        self.init(validated: text)
    }

    public init?(_ description: String) {
        guard Self.fault(in: description) == nil else { return nil }
        self.init(validated: description)
    }

    public var description: String { text }

    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        if let fault = Self.fault(in: text) { throw DecodingError.dataCorruptedError(in: container, debugDescription: fault) }
        self.init(validated: text)
    }

    public init(json place: JSONPlace) throws {
        let text = try place.string()
        if let fault = Self.fault(in: text) { throw place.corrupted(fault) }
        self.init(validated: text)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    public func write(json text: inout JSONText) { text.write(self.text) }

    /// What keeps `text` from being a code, or nil; never quotes the text, which may come from anywhere.
    public static func fault(in text: String) -> String? {
        guard !text.isEmpty else { return "a \(noun) is missing" }
        guard text.utf8.count <= longest else { return "a \(noun) is longer than \(longest) characters" }
        var afterHyphen = true
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): afterHyphen = false
            case UInt8(ascii: "-") where !afterHyphen: afterHyphen = true
            default: return "a \(noun) may hold only a-z, 0-9 and single hyphens between them"
            }
        }
        return afterHyphen ? "a \(noun) may not end with a hyphen" : nil
    }
}
