import Models
import Yams

/// A value in the file of ways, with the line in which it stands.
struct WayNode {
    let node: Node
    let line: Int

    init(_ node: Node, above line: Int) {
        self.node = node
        self.line = node.mark?.line ?? line
    }

    func fault(_ reason: String, _ remedy: String) -> WayFault { WayFault(line: line, reason: reason, remedy: remedy) }

    /// Reads named values; a name that is not in `known`, when that is given, is a mistake.
    func fields(_ what: String, known: [String]? = nil) throws(WayFault) -> [(name: String, value: WayNode)] {
        guard case .mapping(let mapping) = node else {
            throw fault("\(what) is no group of named values", "Write it as lines of \"name: value\" with the same indentation.")
        }
        var fields: [(name: String, value: WayNode)] = []
        for (key, value) in mapping {
            let (name, line) = (key.scalar?.string ?? "", key.mark?.line ?? line)
            if let known, !known.contains(name) {
                throw WayFault(line: line, reason: "\(what) knows no \"\(name)\"", remedy: "Known are: \(known.joined(separator: ", ")).")
            }
            if fields.contains(where: { $0.name == name }) {
                throw WayFault(line: line, reason: "\"\(name)\" stands there twice", remedy: "Delete one of the two.")
            }
            fields.append((name, WayNode(value, above: line)))
        }
        return fields
    }

    func text(_ what: String) throws(WayFault) -> String {
        guard case .scalar(let scalar) = node, scalar.string.contains(where: { !$0.isWhitespace }) else {
            throw fault("\(what) is no text, or empty", "Write text, in quotes if it holds special characters.")
        }
        return scalar.string
    }

    /// Reads an absolute path.
    func path(_ what: String) throws(WayFault) -> String {
        let path = try text(what)
        guard path.hasPrefix("/") else { throw fault("\(what) is no absolute path", "Begin it with /.") }
        return path
    }

    func number(_ what: String, _ range: ClosedRange<Int>) throws(WayFault) -> Int {
        guard let number = Int(try text(what)), range.contains(number) else {
            throw fault("\(what) is no whole number from \(range.lowerBound) to \(range.upperBound)", "Write one.")
        }
        return number
    }

    /// Reads `200` or `200-299`.
    func span(_ what: String) throws(WayFault) -> ClosedRange<Int> {
        let parts = try text(what).split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard let first = parts.first ?? nil, let last = parts.last ?? nil, parts.count <= 2, first <= last, first >= 100, last <= 599
        else {
            throw fault("\(what) is no status, nor two with a hyphen between them", "Write it like 200 or 200-299.")
        }
        return first...last
    }

    func list(_ what: String) throws(WayFault) -> [WayNode] {
        guard case .sequence(let sequence) = node, !sequence.isEmpty else {
            throw fault("\(what) is no list, or an empty one", "Write it like [one, another].")
        }
        return sequence.map { WayNode($0, above: line) }
    }
}

/// The named values of one thing in the file.
struct WayFields {
    let node: WayNode
    let what: String
    private let values: [String: WayNode]

    init(_ node: WayNode, _ what: String, known: [String]) throws(WayFault) {
        self.node = node
        self.what = what
        values = Dictionary(uniqueKeysWithValues: try node.fields(what, known: known).map { ($0.name, $0.value) })
    }

    subscript(_ name: String) -> WayNode? { values[name] }

    func required(_ name: String) throws(WayFault) -> WayNode {
        guard let value = values[name] else { throw node.fault("\(what) lacks \"\(name)\"", "Add it.") }
        return value
    }

    func optionalText(_ name: String) throws(WayFault) -> String? { try values[name]?.text("\"\(name)\"") }
}
