import Models

/// A confidential case, in which somebody is accused or which a rule keeps so, whose words stand nowhere else in the house, so that each can be found wherever it gets to.
struct MarkedCase: Sendable {
    /// What a failure calls it.
    var name: String
    var found: StaffDesk.Case
    /// The words that were made up for it: title, narrative, and the petitioner's name and phone unless nobody gave any.
    var words: [String]
    /// The petitioner's name and phone, which must be sealed wherever they are kept.
    var persons: [String]
    /// The units that work or worked on it, and its dispatch desk: whoever acts for no other may not know of it.
    var circle: Set<String>
    /// The staff number that is accused, if it is a person.
    var accused: String?

    /// Everything by which the case could be told.
    var marks: [String] { words + [found.id, found.number] }

    /// The same case with another circle.
    func known(to circle: Set<String>) -> MarkedCase {
        var changed = self
        changed.circle = circle
        return changed
    }

    /// The mark that `text` holds; nil when it holds none.
    func mark(in text: String) -> String? { marks.first { text.contains($0) } }
}

/// What a marked case is registered with.
struct MarkedForm {
    let title: String
    let narrative: String
    var person: (name: String, phone: String)?
    let body: JSONValue

    var persons: [String] { person.map { [$0.name, $0.phone] } ?? [] }
    var words: [String] { [title, narrative] + persons }

    /// A form whose words all hold `mark`; anonymous without `phone`.
    init(_ mark: String, kind: CaseKind, accused: JSONValue? = nil, phone: String?, about: String = "", more: [String: JSONValue] = [:]) {
        (title, narrative) = ("\(about)暗记题\(mark)", "暗记事\(mark)")
        person = phone.map { ("暗记人\(mark)", $0) }
        var members: [String: JSONValue] = [
            "kind": .string(kind.rawValue), "title": .string(title), "narrative": .string(narrative),
        ]
        if let accused { members["accused"] = .array([accused]) }
        if let person {
            members["petitioners"] = .array([.object(["name": .string(person.name), "phone": .string(person.phone)])])
        } else {
            members["anonymous"] = true
        }
        body = .object(members.merging(more) { $1 })
    }
}
