/// The weights of all topics in whole steps, those of one piece side by side: what a text needs of a piece lies in one place.
struct TopicWeights: Sendable {
    /// By topic.
    let scales: [TopicScale]
    /// By piece: first how telling it is, as bits, then its weight for each topic in steps of 2^-`shift` of the topic.
    private let rows: [Int16]
    private let width: Int

    /// - Parameter tellings: how telling each piece is, in steps of `TopicFit.tellingUnit`.
    /// - Parameter column: the steps of a topic by piece, as many as there are pieces.
    init<Failure: Error>(
        scales: [TopicScale], tellings: [UInt16], column: (_ topic: Int) throws(Failure) -> [Int16]
    ) throws(Failure) {
        let width = scales.count + 1
        var rows = [Int16](repeating: 0, count: tellings.count * width)
        for (piece, telling) in tellings.enumerated() { rows[piece * width] = Int16(bitPattern: telling) }
        for topic in scales.indices {
            for (piece, step) in try column(topic).enumerated() { rows[piece * width + 1 + topic] = step }
        }
        (self.scales, self.rows, self.width) = (scales, rows, width)
    }

    /// What was learnt, in the finest steps in which the largest weight of each topic still fits into 16 bits.
    init(_ fit: TopicFit) {
        let scales = zip(fit.weights, fit.biases).map { TopicScale($0, bias: $1) }
        self.init(scales: scales, tellings: fit.tellings) { topic in fit.weights[topic].map { scales[topic].step($0) } }
    }

    /// How telling each piece is.
    var tellings: some Sequence<UInt16> {
        stride(from: 0, to: rows.count, by: width).lazy.map { UInt16(bitPattern: rows[$0]) }
    }

    /// The steps of a topic, by piece.
    func column(_ topic: Int) -> some Sequence<Int16> { stride(from: topic + 1, to: rows.count, by: width).lazy.map { rows[$0] } }

    /// Notes with each of the first `count` hits how telling it is, and leaves those out that tell nothing.
    ///
    /// It also brings the rows near, all at once: nobody waits for any single one.
    func tell(_ hits: inout [TopicHit], count: inout Int) {
        let rows = rows.span
        var hits = hits.mutableSpan
        var next = 0
        for place in 0..<count {
            let hit = hits[place]
            let telling = UInt16(bitPattern: rows[hit.piece &* width])
            hits[next] = TopicHit(piece: hit.piece, place: hit.place, telling: telling)
            next &+= telling > 0 ? 1 : 0
        }
        count = next
    }

    /// The scores of all topics.
    func scores(_ reading: TopicReading) -> [Double] {
        var sums = scales.map(\.bias)
        let (entries, rows) = (reading.entries.span, rows.span)
        var ends = sums.mutableSpan
        for place in entries.indices {
            let entry = entries[place]
            let first = Int(entry.piece) &* width &+ 1
            let (row, value) = (rows.extracting(first..<first &+ scales.count), Int64(entry.value))
            // Far below 2⁶³: a product is below 2³⁶, and entries are at most 16,100.
            for topic in row.indices { ends[topic] &+= Int64(row[topic]) &* value }
        }
        return zip(scales, sums).map { $0.amount($1) }
    }

    /// Calls `visit` with each place at which a piece first stands and what it adds to a topic's score, in steps.
    ///
    /// A piece of the opening and the same piece anywhere are two entries and one piece to the reader. Their hashes differ in
    /// the lowest bit alone, so that one entry follows the other.
    @inline(__always)
    func forEachSum(of topic: Int, _ reading: TopicReading, _ visit: (TopicPlace, Int64) -> Void) {
        let (entries, rows) = (reading.entries.span, rows.span)
        guard !entries.isEmpty else { return }
        var (place, sum): (TopicPlace, Int64) = (entries[0].place, 0)
        for next in entries.indices {
            let entry = entries[next]
            if entry.place != place {
                visit(place, sum)
                (place, sum) = (entry.place, 0)
            }
            sum &+= Int64(rows[Int(entry.piece) &* width &+ 1 &+ topic]) &* Int64(entry.value)
        }
        visit(place, sum)
    }
}

/// How one topic's steps become numbers.
struct TopicScale: Sendable {
    /// What the topic has before anything is read, in steps times those of a reading's values.
    let bias: Int64
    /// From 0 to 24.
    let shift: Int

    static let mostShift = 24
    /// Far more than any text can add.
    static let largestBias: Int64 = 1 << 50

    init(bias: Int64, shift: Int) { (self.bias, self.shift) = (bias, shift) }

    /// The finest steps in which the largest weight still fits into 16 bits.
    fileprivate init(_ weights: [Float], bias: Float) {
        let largest = weights.reduce(Float(0)) { max($0, abs($1)) }
        var shift = Self.mostShift
        while shift > 0, largest * Float(1 << shift) > Float(Int16.max) { shift -= 1 }
        let exact = Double(bias) * Double(1 << shift) * Double(TopicReading.unit)
        self.bias = Int64(min(max(exact, -Double(Self.largestBias)), Double(Self.largestBias)).rounded())
        self.shift = shift
    }

    /// A weight in whole steps.
    fileprivate func step(_ weight: Float) -> Int16 { Int16(clamping: Int((weight * Float(1 << shift)).rounded())) }

    /// Steps as a number; exact, since sums stay below 2⁵³.
    func amount(_ steps: Int64) -> Double { Double(steps) / Double(1 << shift) / Double(TopicReading.unit) }
}
