import Crypto
import Models

/// A session as it was recorded in the field without a network, ready to be sent.
struct FieldSession: Sendable {
    /// Something recorded at it that is a step over HTTP.
    struct Entry: Sendable {
        var id: EntryID
        /// Where it stands in the file, as a JSON pointer.
        var place: String
        /// The step's name in its address.
        var step: String
        var members: [String: JSONValue]

        /// The body of the step.
        var body: [UInt8] { JSONValue.object(members.merging(["id": .string(id.description)]) { $1 }).canonical }
    }

    /// A matter that was heard.
    struct Matter: Sendable {
        var id: EntryID
        var place: String
        /// The body of a registration.
        var body: [UInt8]
    }

    /// Somebody who came.
    struct Visitor: Sendable {
        var queue: Entry
        var left: Bool
        var matters: [Matter]
    }

    var id: Subject
    var place: String
    /// The body of the plan.
    var plan: [UInt8]
    /// Nil for a session that is only planned.
    var opening: Entry?
    var entries: [Entry] = []
    var visitors: [Visitor] = []
    var matters: [Matter] = []
    /// Nil for a session that goes on.
    var closing: Entry?

    /// A name for what has none of its own: the same for the same thing in the same session.
    static func name(_ what: String, in session: Subject) -> EntryID {
        EntryID(.version8(digest: SHA256.hash(data: Array("field \(session) \(what)".utf8))))
    }
}
