import FoundationEssentials
import Hummingbird
import Models

/// Writes and reads the `next` of a list of cases: the place where the next page begins, sealed.
///
/// The place may be a case that the asker must not know of, and an identifier tells when a case was registered, so nobody reads it and
/// nobody makes one up. It serves the one who was given it, in the same office, with the same filters, and nobody else.
struct CaseCursor: Sendable {
    /// What is sealed.
    private struct Place: Codable {
        var below: String
        var list: String
        var path: ListPath
    }

    private let seal: SealKey
    /// A hash of whose list it is and what it is narrowed to, the same under every key that seals.
    private let list: String

    init(seal: SealKey, asker: ActingPerson, query: Parameters) {
        self.seal = seal
        let filters = query.filter { $0.key != "after" && $0.key != "limit" }.map { [String($0.key), String($0.value)] }
        let words = [["list of cases", asker.role.rawValue], [asker.unit?.text, asker.person?.text].map { $0 ?? "" }]
        let parts = words + filters.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }
        list = Data(seal.hash(JSONValue.array(parts.map { .array($0.map { .string($0) }) }).text)).base64EncodedString()
    }

    /// The text for `next`; all its characters can stand in an address as they are.
    func text(below subject: Subject, path: ListPath) throws -> String {
        try seal.seal(Place(below: subject.description, list: list, path: path)).text
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The place that `text` seals, and how the page before it went; nil when it is none of this list's.
    func place(_ text: String) -> (subject: Subject, path: ListPath)? {
        guard let point = text.firstIndex(of: "."), text.utf8.count <= 512 else { return nil }
        let bytes = text[text.index(after: point)...].replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - bytes.utf8.count % 4) % 4)
        guard let place = try? seal.open(SealedText(text: "\(text[...point])\(bytes)\(padding)"), as: Place.self),
            equalInConstantTime(place.list, list)
        else { return nil }
        return Subject(place.below).map { ($0, place.path) }
    }
}
