/// The type of an event as a rule pack names it: `case.accepted`.
public struct EventType: Hashable, Comparable, Codable, Sendable, LosslessStringConvertible {
    public let description: String

    /// Reads words of `a`–`z` and hyphens that are joined by dots, at least two of them; nil for anything else.
    public init?(_ description: String) {
        let words = description.split(separator: ".", omittingEmptySubsequences: false)
        guard words.count >= 2, description.utf8.count <= 64,
            words.allSatisfy({ word in
                word.utf8.first.map { $0 != UInt8(ascii: "-") } ?? false
                    && word.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "-") }
            })
        else { return nil }
        self.description = description
    }

    public static func < (left: EventType, right: EventType) -> Bool { left.description < right.description }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = EventType(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "is not an event type like case.accepted")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
