import Glibc
import Models

/// Gathers similar matters into groups as they come (热点问题归并): a matter joins the group that its opening is most like, or begins one.
///
/// Likeness is the cosine of the pieces of two openings, each weighted by how few matters hold it; a group stands for the sum of its
/// matters. What once was put together stays together, so that an issue keeps its name. A value that asks nobody: the same matters in the
/// same order make the same groups.
struct IssueBook {
    struct Group {
        /// The matters in it, as numbers in `matters`.
        private(set) var members: [Int] = []
        var issue: Subject?
        /// Which matter is most like the others.
        private(set) var middle = 0
        private var middleLikeness: Float = -1
        /// The square of the length of the sum of its matters.
        fileprivate var square: Float = 0
        /// How many matters had been counted when it was last reckoned anew.
        fileprivate var reckonedAt = 0

        fileprivate mutating func add(_ matter: Int, likeness: Float, product: Float, isTelling: Bool) {
            members.append(matter)
            square += 2 * product + (isTelling ? 1 : 0)
            if likeness > middleLikeness { (middle, middleLikeness) = (matter, likeness) }
        }
    }

    private(set) var matters: [IssueMatter] = []
    private(set) var groups: [Group] = []
    private var numbers: [Subject: Int] = [:]
    private var issues: [Subject: Int] = [:]
    private var places: [Place] = []
    /// The pieces of each matter, to reckon anew.
    private var held: [[MatterPieces.Piece]] = []
    private var pieces = PieceTable()
    private var looks: [Look] = []
    /// How many matters have been counted into `pieces`.
    private var counted = 0
    private var reckonedAt = 0

    /// Where a matter is: its group, and one over the length of its pieces, by how telling they were when it was last reckoned.
    private struct Place {
        var group: Int32
        var inverse: Float
    }

    /// What a matter and a group have in common, for the time of one look: the product of the two, how many pieces, and the last of them
    /// that was counted.
    private struct Look {
        var product: Float = 0
        /// The weight of the pieces that they have in common, each counted for each matter, however long the matters are.
        var shared: Float = 0
        var common: Int32 = 0
        var mark: Int32 = -1
    }

    /// A group that a matter may belong to, how much they are alike (0 to 1), and the product with the group's sum that this comes from.
    private struct Candidate {
        var group = -1
        var likeness: Float = 0
        var product: Float = 0

        func isBelow(_ likeness: Float, _ group: Int) -> Bool {
            likeness > self.likeness || likeness == self.likeness && group < self.group
        }
    }

    /// Takes in matters, in their order; says which groups have changed.
    ///
    /// - Parameter alike: Earlier matters with nearly the same text, whose group those join without another look: however many write the
    ///   same letter, it stays one issue.
    mutating func add(_ batch: [IssueMatter], alike: [Subject: Subject] = [:]) -> Set<Int> {
        let fresh = batch.filter { numbers[$0.subject] == nil }
        let read = fresh.map { MatterPieces.of($0.opening) }
        // Counted before any is put to a group: a wave that comes in one batch is weighed like one that comes slowly.
        for pieces in read { for piece in pieces { self.pieces.count(piece.hash) } }
        counted += fresh.count
        if counted - reckonedAt > reckonedAt / 5 { reckon() }
        return Set(zip(fresh, read).map { put($0, $1, like: alike[$0.subject].flatMap { numbers[$0] }) })
    }

    /// Gives a group the name of an issue, which it keeps.
    mutating func name(_ group: Int, _ issue: Subject) {
        groups[group].issue = issue
        issues[issue] = group
    }

    private mutating func put(_ matter: IssueMatter, _ found: [MatterPieces.Piece], like other: Int?) -> Int {
        let weights = found.map { weight(of: $0.hash) }
        var square: Float = 0
        for (piece, weight) in zip(found, weights) { square += piece.factor * piece.factor * weight * weight }
        let inverse = square > 0 ? 1 / square.squareRoot() : 0
        let number = matters.count
        var best = matter.issue == nil && other == nil ? nearest(found, weights, inverse) : Candidate()
        let group: Int
        if let issue = matter.issue {
            group = issues[issue] ?? begin()
            name(group, issue)
        } else if let other {
            group = Int(places[other].group)
        } else {
            group = best.likeness >= threshold ? best.group : begin()
        }
        if group != best.group { best = candidate(group, found, weights, inverse) }
        groups[group].add(number, likeness: best.likeness, product: best.product, isTelling: inverse > 0)
        var kept = matter
        // Its pieces are held; of the text itself no more is asked for than the title.
        kept.opening = String(matter.opening.prefix { !$0.isNewline })
        matters.append(kept)
        numbers[matter.subject] = number
        places.append(Place(group: Int32(group), inverse: inverse))
        held.append(found)
        for piece in found { pieces.add(number, to: piece) }
        return group
    }

    /// Reckons lengths anew: what few matters held when it came, more may hold now.
    private mutating func reckon() {
        reckonedAt = counted
        for matter in held.indices { places[matter].inverse = inverse(of: matter) }
        for group in groups.indices { (groups[group].square, groups[group].reckonedAt) = (square(of: group), counted) }
    }

    /// The same for one group, unless it is so large that a matter more changes little, or nothing was counted since; says whether anything
    /// changed.
    private mutating func reckon(_ group: Int) -> Bool {
        guard groups[group].members.count <= Self.smallGroup, groups[group].reckonedAt < counted else { return false }
        for matter in groups[group].members { places[matter].inverse = inverse(of: matter) }
        (groups[group].square, groups[group].reckonedAt) = (square(of: group), counted)
        return true
    }

    private static let smallGroup = 8

    private func inverse(of matter: Int) -> Float {
        var square: Float = 0
        for piece in held[matter] {
            let weight = weight(of: piece.hash)
            square += piece.factor * piece.factor * weight * weight
        }
        return square > 0 ? 1 / square.squareRoot() : 0
    }

    private func square(of group: Int) -> Float {
        let members = groups[group].members
        if members.count == 1 { return places[members[0]].inverse > 0 ? 1 : 0 }
        var sums: [UInt32: Float] = [:]
        for matter in members {
            for piece in held[matter] { sums[piece.hash, default: 0] += piece.factor * places[matter].inverse }
        }
        return sums.reduce(0) { sum, item in
            let weighted = item.value * weight(of: item.key)
            return sum + weighted * weighted
        }
    }

    private mutating func begin() -> Int {
        groups.append(Group())
        looks.append(Look())
        return groups.count - 1
    }

    /// The group that a matter is most like.
    ///
    /// Lengths are those of when they were last reckoned. What comes first of a wave holds nothing telling yet, so the group that shares
    /// most is looked at by what is telling now, beside the one that seems nearest.
    private mutating func nearest(_ found: [MatterPieces.Piece], _ weights: [Float], _ inverse: Float) -> Candidate {
        var touched: [Int] = []
        looks.withUnsafeMutableBufferPointer { looks in
            places.withUnsafeBufferPointer { places in
                for (number, (piece, weight)) in zip(found, weights).enumerated() where weight > 0 {
                    let share = piece.factor * weight * weight
                    pieces.forEach(of: piece.hash) { matter, factor in
                        let place = places[matter]
                        let group = Int(place.group)
                        if looks[group].common == 0 { touched.append(group) }
                        if looks[group].mark != Int32(number) {
                            looks[group].mark = Int32(number)
                            looks[group].common += 1
                        }
                        looks[group].shared += share * factor
                        looks[group].product += share * factor * place.inverse
                    }
                }
            }
        }
        var (best, sharing, most) = (Candidate(), -1, Float(0))
        for group in touched {
            let look = looks[group]
            looks[group] = Look()
            if look.common < Self.leastCommon { continue }
            let product = look.product * inverse
            let likeness = groups[group].square > 0 ? product / groups[group].square.squareRoot() : 0
            if best.isBelow(likeness, group) { best = Candidate(group: group, likeness: likeness, product: product) }
            let members = groups[group].members.count
            if members <= Self.smallGroup, look.shared > most * Float(members) {
                (sharing, most) = (group, look.shared / Float(members))
            }
        }
        // Of two matters no more can be alike than what they share of the one.
        let isWorthwhile = sharing >= 0 && sharing != best.group && most.squareRoot() * inverse >= threshold && reckon(sharing)
        if best.likeness >= threshold, reckon(best.group) { best = candidate(best.group, found, weights, inverse) }
        if isWorthwhile {
            let other = candidate(sharing, found, weights, inverse)
            if best.isBelow(other.likeness, other.group) { best = other }
        }
        return best
    }

    private func candidate(_ group: Int, _ found: [MatterPieces.Piece], _ weights: [Float], _ inverse: Float) -> Candidate {
        let product = product(with: group, found, weights, inverse)
        return Candidate(
            group: group, likeness: groups[group].square > 0 ? product / groups[group].square.squareRoot() : 0, product: product)
    }

    private func product(with group: Int, _ found: [MatterPieces.Piece], _ weights: [Float], _ inverse: Float) -> Float {
        let members = groups[group].members
        if members.isEmpty { return 0 }
        var product: Float = 0
        // Of a few matters each is gone through, of many those that hold a piece.
        if members.count <= Self.smallGroup {
            for matter in members {
                var (sum, place) = (Float(0), 0)
                let other = held[matter]
                for (piece, weight) in zip(found, weights) where weight > 0 {
                    while place < other.count, other[place].hash < piece.hash { place += 1 }
                    if place < other.count, other[place].hash == piece.hash { sum += piece.factor * other[place].factor * weight * weight }
                }
                product += sum * inverse * places[matter].inverse
            }
            return product
        }
        for (piece, weight) in zip(found, weights) where weight > 0 {
            pieces.forEach(of: piece.hash) { matter, factor in
                if places[matter].group == Int32(group) {
                    product += piece.factor * weight * weight * inverse * factor * places[matter].inverse
                }
            }
        }
        return product
    }

    /// A word of three letters has three pieces; what has no more than one in common is alike by accident.
    private static let leastCommon = 4

    /// How telling a piece is: not at all when one matter alone holds it, or more than one of ten.
    private func weight(of hash: UInt32) -> Float {
        let count = pieces.count(of: hash)
        guard count >= 2, count <= max(8, counted / 10) else { return 0 }
        return Float(log(Double(counted) / Double(count)))
    }

    /// How alike a matter and a group must be; more where few matters are known and little can be said of what is telling.
    private var threshold: Float { counted < 400 ? 0.43 : counted < 1_500 ? 0.35 : 0.28 }
}

extension IssueBook {
    /// What makes a group hot at `now`, by the county's rule.
    func heat(of group: Int, at now: Instant, by rule: HotIssueRule) -> IssueHeat {
        let (window, week) = (now - .seconds(rule.days * 86_400), now - .seconds(7 * 86_400))
        var (cases, recent, likes, nameless): (Int, Int, Int, Int) = (0, 0, 0, 0)
        var people: Set<Int64> = []
        for number in groups[group].members where matters[number].registered >= window {
            let matter = matters[number]
            cases += 1
            likes += matter.likes
            if matter.registered >= week { recent += 1 }
            if matter.writers.isEmpty { nameless += 1 } else { people.formUnion(matter.writers) }
        }
        return IssueHeat(
            cases: cases, people: people.count + nameless, growth: max(0, recent - cases * 7 / rule.days), likes: likes, weights: rule)
    }
}
