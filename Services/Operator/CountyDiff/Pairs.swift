/// Members of two lists side by side, found by their codes; each list keeps its own order.
struct Pairs<Member, Key: Hashable> {
    var added: [Member] = []
    var removed: [Member] = []
    /// In the old list's order.
    var kept: [(old: Member, new: Member)] = []

    init(_ old: [Member], _ new: [Member], _ key: (Member) -> Key) {
        let (before, after) = (Set(old.map(key)), Dictionary(new.map { (key($0), $0) }) { first, _ in first })
        added = new.filter { !before.contains(key($0)) }
        for member in old {
            if let partner = after[key(member)] { kept.append((member, partner)) } else { removed.append(member) }
        }
    }
}

/// Finds the most members of a list of numbers that rise in their order: what has not moved when a list was put in another order.
enum LongestRise {
    /// The indices of these members, ascending.
    static func indices(_ numbers: [Int]) -> [Int] {
        var ends: [Int] = []
        var before = [Int?](repeating: nil, count: numbers.count)
        for (index, number) in numbers.enumerated() {
            let length = ends.firstIndex { numbers[$0] >= number } ?? ends.count
            before[index] = length > 0 ? ends[length - 1] : nil
            if length == ends.count { ends.append(index) } else { ends[length] = index }
        }
        var (found, next) = ([Int](), ends.last)
        while let index = next {
            found.append(index)
            next = before[index]
        }
        return found.reversed()
    }
}
