/// Units that have taken over each other's duties in a circle, so that none of them has them (Article 24).
public enum SuccessionCircle {
    /// A circle as it is walked, its first unit once more at its end; nil when there is none.
    public static func find(in units: some Sequence<CountyUnit>) -> [UnitCode]? {
        let takers = Dictionary(units.map { ($0.code, $0.takers) }) { first, _ in first }
        var judged: Set<UnitCode> = []
        for start in takers.keys.sorted() where !judged.contains(start) {
            // An explicit stack: how long a chain of successors is, a file says.
            var path: [(unit: UnitCode, next: Int)] = [(start, 0)]
            while let (unit, next) = path.last {
                guard let heirs = takers[unit], next < heirs.count else {
                    judged.insert(unit)
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                if let first = path.firstIndex(where: { $0.unit == heirs[next] }) { return path[first...].map(\.unit) + [heirs[next]] }
                if !judged.contains(heirs[next]) { path.append((heirs[next], 0)) }
            }
        }
        return nil
    }
}

extension CountyUnit {
    /// The units that took over its duties, as the county's file names them; none while it exists.
    var takers: [UnitCode] { successor.map { [$0] + (heirs ?? []) } ?? [] }
}

extension CountyDefinition {
    /// Throws the sentence that says which unit's end does not fit together with the rest.
    public func checkSuccessions() throws(CountyError) {
        let known = Set(units.map(\.code))
        for unit in units {
            if let stranger = unit.takers.first(where: { !known.contains($0) }) {
                throw CountyError(description: "\(unit.code) names \(stranger) as its successor, but there is no such unit")
            }
            if unit.successor == nil, unit.ended != nil {
                throw CountyError(description: "\(unit.code) has ended and names no successor")
            }
        }
        if let circle = SuccessionCircle.find(in: units) {
            throw CountyError(
                description: "the units have taken over from each other in a circle: \(circle.map(\.text).joined(separator: " → "))")
        }
    }
}
