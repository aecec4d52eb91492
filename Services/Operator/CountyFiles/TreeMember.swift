import Models

/// A code with its parent and the line that says so, to find circles in trees.
struct TreeMember<C: Code> {
    var code: C
    var parent: C?
    var place: Place

    /// Reports each circle once, at the member that is written first.
    static func checkCircles(_ members: [TreeMember], notes: CompilerNotes) {
        let parents = Dictionary(members.map { ($0.code, $0.parent) }) { first, _ in first }
        var judged: Set<C> = []
        for member in members {
            var (path, next): ([C], C?) = ([], member.code)
            while let code = next, !judged.contains(code) {
                judged.insert(code)
                path.append(code)
                next = parents[code] ?? nil
            }
            if let code = next, let start = path.firstIndex(of: code) {
                let circle = (path[start...] + [code]).map(\.text).joined(separator: " → ")
                let first = members.first { path[start...].contains($0.code) }
                notes.mistake(
                    first?.place ?? member.place, "the \(C.noun)s stand below themselves: \(circle)", "Correct one of their parents.")
            }
        }
    }
}
