/// A forest of codes that answers who is above whom at once, from the numbers of one walk through it.
public struct CodeTree<Node: Code>: Sendable {
    private struct Place {
        var parent: Int?
        /// The place in the walk; everything below follows directly, up to `end`.
        var begin: Int
        var end: Int
    }

    private let indices: [Node: Int]
    private let codes: [Node]
    private let places: [Place]
    private let walk: [Int]

    /// Builds the tree; the error names a code that occurs twice, a parent that does not exist, or a circle.
    public init(_ members: [(code: Node, parent: Node?)]) throws(CountyError) {
        var indices: [Node: Int] = [:]
        for (index, member) in members.enumerated() {
            guard indices.updateValue(index, forKey: member.code) == nil else {
                throw CountyError(description: "the \(Node.noun) \(member.code) occurs twice")
            }
        }
        var places = [Place](repeating: Place(parent: nil, begin: -1, end: -1), count: members.count)
        var children = [[Int]](repeating: [], count: members.count)
        var roots: [Int] = []
        for (index, member) in members.enumerated() {
            guard let parent = member.parent else {
                roots.append(index)
                continue
            }
            guard let above = indices[parent] else {
                throw CountyError(description: "\(member.code) stands below \(parent), but there is no such \(Node.noun)")
            }
            places[index].parent = above
            children[above].append(index)
        }
        var walk: [Int] = []
        walk.reserveCapacity(members.count)
        // An explicit stack: the depth of the tree comes from a file.
        var stack: [(node: Int, isLeaving: Bool)] = roots.reversed().map { ($0, false) }
        while let (node, isLeaving) = stack.popLast() {
            if isLeaving {
                places[node].end = walk.count
                continue
            }
            places[node].begin = walk.count
            walk.append(node)
            stack.append((node, true))
            for child in children[node].reversed() { stack.append((child, false)) }
        }
        if let lost = places.firstIndex(where: { $0.begin < 0 }) {
            throw CountyError(description: "the \(Node.noun) \(members[lost].code) stands below itself")
        }
        self.indices = indices
        self.codes = members.map(\.code)
        self.places = places
        self.walk = walk
    }

    public func contains(_ code: Node) -> Bool { indices[code] != nil }

    /// What stands directly above a code.
    public func parent(of code: Node) -> Node? { indices[code].flatMap { places[$0].parent }.map { codes[$0] } }

    /// The code and all that stand above it, nearest first; empty for an unknown code.
    public func lineage(of code: Node) -> [Node] {
        var (line, next) = ([Node](), indices[code])
        while let index = next {
            line.append(codes[index])
            next = places[index].parent
        }
        return line
    }

    /// The code and all that stand below it; empty for an unknown code.
    public func subtree(of code: Node) -> [Node] {
        guard let index = indices[code] else { return [] }
        return walk[places[index].begin..<places[index].end].map { codes[$0] }
    }

    /// Whether `code` is `top` or stands below it.
    public func isWithin(_ code: Node, _ top: Node) -> Bool {
        guard let inner = indices[code], let outer = indices[top] else { return false }
        return places[outer].begin <= places[inner].begin && places[inner].end <= places[outer].end
    }

    /// The nearest code that both are within.
    public func commonSuperior(of first: Node, and second: Node) -> Node? {
        lineage(of: first).first { isWithin(second, $0) }
    }
}
