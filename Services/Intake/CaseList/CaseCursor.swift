import Hummingbird
import Models
import ServiceKit

/// Writes and reads the `next` of a list of cases, which is sealed: the case where the next page begins, and how the page before it went.
struct CaseCursor: Sendable {
    private struct Place: Codable {
        var below: String
        var path: ListPath
    }

    private let cursor: SealedCursor<Place>

    init(seal: SealKey, asker: ActingPerson, query: Parameters) {
        cursor = SealedCursor("list of cases", seal: seal, asker: asker, query: query)
    }

    func text(below subject: Subject, path: ListPath) throws -> String {
        try cursor.text(Place(below: subject.description, path: path))
    }

    /// The place that `text` seals, and how the page before it went; nil when it is none of this list's.
    func place(_ text: String) -> (subject: Subject, path: ListPath)? {
        guard let place = cursor.place(text) else { return nil }
        return Subject(place.below).map { ($0, place.path) }
    }
}
