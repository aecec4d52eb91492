/// What speaks for a topic and against it, in whole steps.
struct TopicReasons {
    /// The places of the strongest pieces for the topic and against it, the strongest first.
    private(set) var highest: Strongest
    private(set) var lowest: Strongest
    /// What all other pieces add, and how many they are.
    private(set) var rest: Int64 = 0
    private(set) var restCount = 0

    /// - Parameter pieces: how many are kept at most on each side.
    init(topic: Int, _ weights: TopicWeights, _ reading: TopicReading, pieces: Int) {
        var (highest, lowest) = (Strongest(most: pieces), Strongest(most: pieces))
        var (all, count): (Int64, Int) = (0, 0)
        weights.forEachSum(of: topic, reading) { place, sum in
            // Few pieces are among the strongest when they are met.
            if sum >= highest.least { highest.add(place, sum) } else if -sum >= lowest.least { lowest.add(place, -sum) }
            all &+= sum
            count &+= sum != 0 ? 1 : 0
        }
        rest = all - highest.pieces.reduce(0) { $0 + $1.strength } + lowest.pieces.reduce(0) { $0 + $1.strength }
        restCount = count - highest.pieces.count - lowest.pieces.count
        (self.highest, self.lowest) = (highest, lowest)
    }

    /// The first few pieces by falling strength; of equally strong ones the earlier in the text comes first.
    struct Strongest {
        private(set) var pieces: [(place: TopicPlace, strength: Int64)] = []
        private let most: Int
        /// What is weaker than this is not kept; at least 1.
        private(set) var least: Int64

        init(most: Int) {
            self.most = most
            least = most > 0 ? 1 : .max
            pieces.reserveCapacity(min(most, 16))
        }

        mutating func add(_ place: TopicPlace, _ strength: Int64) {
            guard most > 0 else { return }
            let before = pieces.lastIndex { $0.strength > strength || $0.strength == strength && $0.place < place }
            let index = before.map { $0 + 1 } ?? 0
            if pieces.count == most {
                if index == most { return }
                pieces.removeLast()
            }
            pieces.insert((place, strength), at: index)
            if pieces.count == most { least = pieces[most - 1].strength }
        }
    }
}
