import FoundationEssentials
import Hummingbird
import Models

/// Writes and reads the `next` of a list: the place where its next page begins, sealed.
///
/// The place may be one that the asker must not know of, and an identifier tells when it was made, so nobody reads it and nobody makes one
/// up. It serves the one who was given it, in the same office, with the same filters, and nobody else.
public struct SealedCursor<Place: Codable>: Sendable {
    /// What is sealed.
    private struct Sealed: Codable {
        var place: Place
        var list: String
    }

    private let seal: SealKey
    /// A hash of whose list it is and what it is narrowed to, the same under every key that seals.
    private let list: String

    /// Makes the cursors of the list called `name` as `asker` sees it with the filters of `query`.
    public init(_ name: String, seal: SealKey, asker: ActingPerson, query: Parameters) {
        self.seal = seal
        let filters = query.filter { $0.key != "after" && $0.key != "limit" }.map { [String($0.key), String($0.value)] }
        let words = [[name, asker.role.rawValue], [asker.unit?.text, asker.person?.text].map { $0 ?? "" }]
        let parts = words + filters.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }
        list = Data(seal.hash(JSONValue.array(parts.map { .array($0.map { .string($0) }) }).text)).base64EncodedString()
    }

    /// The text for `next`; all its characters can stand in an address as they are.
    public func text(_ place: Place) throws -> String {
        try seal.seal(Sealed(place: place, list: list)).text
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The place that `text` seals; nil when it is none of this list's.
    public func place(_ text: String) -> Place? {
        guard let point = text.firstIndex(of: "."), text.utf8.count <= 512 else { return nil }
        let bytes = text[text.index(after: point)...].replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - bytes.utf8.count % 4) % 4)
        guard let sealed = try? seal.open(SealedText(text: "\(text[...point])\(bytes)\(padding)"), as: Sealed.self),
            equalInConstantTime(sealed.list, list)
        else { return nil }
        return sealed.place
    }
}
