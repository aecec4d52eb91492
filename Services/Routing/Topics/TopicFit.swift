import Glibc

/// What a linear classifier learnt from some rows of a matrix: for each topic a weight per piece and a bias.
///
/// One support vector machine per topic tells its messages from all others, with squared hinge loss. A message is a vector of
/// damped frequencies times how telling each piece is, of length one. Before a topic's machine learns, each piece is stretched by
/// how much more, or less, often it occurs in that topic than elsewhere (the absolute logarithm of the ratio), which lets few
/// telling pieces outweigh many indifferent ones; afterwards the stretch is folded into the weights, so that the result stays
/// linear. The constants are those that did best in cross-validation on the labelled messages of one city.
struct TopicFit: Sendable {
    /// How telling each piece is, in steps of 2⁻¹³; 0 for a piece that too few of the rows have.
    private(set) var tellings: [UInt16]
    /// By topic, then by piece.
    private(set) var weights: [[Float]] = []
    private(set) var biases: [Float] = []

    /// Steps of `tellings` in one.
    static let tellingUnit: Float = 8_192
    /// How much more a piece of the opening counts.
    private static let openingFactor: Float = 1.5
    /// What an error costs against large weights.
    private static let cost: Float = 1
    /// Below one, so that the few most telling pieces do not drown all others.
    private static let stretchPower = 0.7
    private static let mostPasses = 15
    /// Learning ends when no message's part in a machine moves by more than this in a pass.
    private static let leastMove: Float = 1e-3

    init(_ matrix: TopicMatrix, rows: [Int]) {
        let (pieces, topics) = (matrix.hashes.count, matrix.topics.count)
        var counts = [Int32](repeating: 0, count: pieces * topics)
        var sizes = [Int](repeating: 0, count: topics)
        for row in rows {
            let label = matrix.labels[row]
            sizes[label] += 1
            for entry in matrix.starts[row]..<matrix.starts[row + 1] { counts[Int(matrix.columns[entry]) * topics + label] += 1 }
        }
        var totals = [Int32](repeating: 0, count: pieces)
        for piece in 0..<pieces { for topic in 0..<topics { totals[piece] += counts[piece * topics + topic] } }
        tellings = [UInt16](repeating: 0, count: pieces)
        for piece in 0..<pieces where totals[piece] >= matrix.leastMessages {
            let rarity = (1 + log(Double(rows.count) / Double(totals[piece]))).squareRoot()
            let factor = TopicGrams.Occurrence.isOpening(matrix.hashes[piece]) ? Self.openingFactor : 1
            tellings[piece] = UInt16(clamping: Int((Float(rarity) * factor * Self.tellingUnit).rounded()))
        }
        let values = self.values(matrix, rows)
        for topic in 0..<topics {
            var stretch = [Float](repeating: 0, count: pieces)
            let (inside, outside) = (Double(sizes[topic]) + 2, Double(rows.count - sizes[topic]) + 2)
            for piece in 0..<pieces where tellings[piece] > 0 {
                let within = Double(counts[piece * topics + topic])
                let without = Double(totals[piece]) - within
                stretch[piece] = Float(pow(abs(log((within + 1) / inside * outside / (without + 1))), Self.stretchPower))
            }
            let (weights, bias) = Self.machine(for: topic, matrix, rows, values, stretch)
            self.weights.append(weights)
            biases.append(bias)
        }
    }

    /// The scores of all topics for a row, which need not be one that was learnt from.
    func scores(_ matrix: TopicMatrix, row: Int) -> [Double] {
        let values = values(matrix, [row])
        let entries = matrix.starts[row]..<matrix.starts[row + 1]
        return weights.indices.map { topic in
            var sum = Double(biases[topic])
            for (entry, value) in zip(entries, values) { sum += Double(weights[topic][Int(matrix.columns[entry])] * value) }
            return sum
        }
    }

    /// The entries of the rows, one row behind the other, each row of length one.
    private func values(_ matrix: TopicMatrix, _ rows: [Int]) -> [Float] {
        var values: [Float] = []
        values.reserveCapacity(rows.reduce(0) { $0 + matrix.starts[$1 + 1] - matrix.starts[$1] })
        for row in rows {
            let first = values.count
            var square: Float = 0
            for entry in matrix.starts[row]..<matrix.starts[row + 1] {
                let value = matrix.frequencies[entry] * Float(tellings[Int(matrix.columns[entry])])
                square += value * value
                values.append(value)
            }
            guard square > 0 else { continue }
            let factor = 1 / square.squareRoot()
            for place in first..<values.count { values[place] *= factor }
        }
        return values
    }

    /// One topic's weights and bias, by coordinate descent in the dual: each message in turn is given the part in the weights
    /// that suits it best while the others keep theirs.
    private static func machine(
        for topic: Int, _ matrix: TopicMatrix, _ rows: [Int], _ values: [Float], _ stretch: [Float]
    ) -> ([Float], Float) {
        var weights = [Float](repeating: 0, count: stretch.count)
        var bias: Float = 0
        var stretched = values
        var firsts: [Int] = []
        var squares: [Float] = []
        var first = 0
        for row in rows {
            firsts.append(first)
            var square: Float = 1 + 1 / (2 * cost)
            for entry in matrix.starts[row]..<matrix.starts[row + 1] {
                stretched[first] *= stretch[Int(matrix.columns[entry])]
                square += stretched[first] * stretched[first]
                first += 1
            }
            squares.append(square)
        }
        var parts = [Float](repeating: 0, count: rows.count)
        var order = Array(rows.indices)
        var random = SeededOrder(seed: UInt64(topic))
        for _ in 0..<mostPasses {
            random.shuffle(&order)
            var largestMove: Float = 0
            for place in order {
                let row = rows[place]
                let side: Float = matrix.labels[row] == topic ? 1 : -1
                let (start, count) = (matrix.starts[row], matrix.starts[row + 1] - matrix.starts[row])
                let own = firsts[place]
                var score = bias
                for entry in 0..<count { score += weights[Int(matrix.columns[start + entry])] * stretched[own + entry] }
                let slope = side * score - 1 + parts[place] / (2 * cost)
                let part = max(0, parts[place] - slope / squares[place])
                let move = part - parts[place]
                guard move != 0 else { continue }
                largestMove = max(largestMove, abs(move))
                parts[place] = part
                let step = move * side
                bias += step
                for entry in 0..<count { weights[Int(matrix.columns[start + entry])] += step * stretched[own + entry] }
            }
            if largestMove < leastMove { break }
        }
        for piece in weights.indices { weights[piece] *= stretch[piece] }
        return (weights, bias)
    }
}

/// An order that looks random and is the same each time.
struct SeededOrder {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func shuffle(_ numbers: inout [Int]) {
        for last in stride(from: numbers.count - 1, to: 0, by: -1) { numbers.swapAt(last, Int(next() % UInt64(last + 1))) }
    }

    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
