import Models

/// A stored notice as lists show it: when, of which case and to what sort of recipient, and nothing of what it says or to whom by name.
struct NoticeLine: Sendable {
    enum Phase: String, CaseIterable, Sendable {
        case due, delivered, failed, withdrawn
    }

    var id: NoticeID
    var subject: Subject
    var template: String
    var recipient: NoticeRecipient?
    var phase: String
    var way: String?
    var attempts: Int
    var answer: String?
    var next: Instant
    var created: Instant

    func json(number: String) -> JSONValue {
        let (kind, unit): (String, UnitCode?) =
            switch recipient {
            case .unit(let code)?: ("unit", code)
            case .person?: ("person", nil)
            default: ("petitioner", nil)
            }
        return .object([
            "id": .string(id.description), "case": .string(subject.description), "number": .string(number), "template": .string(template),
            "recipient": .string(kind), "unit": unit.map { .string($0.text) } ?? .null,
            "phase": .string(phase), "way": way.map { .string($0) } ?? .null, "attempts": .integer(Int64(attempts)),
            "answer": answer.map { .string($0) } ?? .null,
            "next": phase == Phase.due.rawValue ? .string(next.description) : .null, "created": .string(created.description),
        ])
    }
}

/// Where a page of notices begins: behind this moment and notice.
struct NoticePlace: Sendable, Codable, Equatable {
    /// Microseconds since 1970.
    var created: Int64
    var id: NoticeID

    static let beginning = NoticePlace(created: 0, id: NoticeID(UniqueID(high: 0, low: 0)))
}
