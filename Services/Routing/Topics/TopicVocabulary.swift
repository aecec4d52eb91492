/// The pieces that a topic model knows, numbered in the order of their hashes.
///
/// Hashes are as good as random, so that their upper halves are spread evenly over buckets of a few pieces each; the lower halves
/// are kept in order. All this is small enough to stay in the processor's cache.
struct TopicVocabulary: Sendable {
    let count: Int
    /// Where the pieces of each bucket begin; one more than there are buckets.
    private let starts: [UInt32]
    /// The lower half of each piece's hash, ascending within a bucket, and some zeros.
    private let lowerHalves: [UInt16]
    /// So many pieces are compared at once.
    private typealias Lanes = SIMD8<Int16>

    /// Larger buckets are searched by halving: a model of messages has none, but bytes may.
    private static let largestCompared: UInt32 = 64

    /// `hashes` are strictly ascending.
    init(hashes: [UInt32]) {
        var starts = [UInt32](repeating: 0, count: 1 << 16 + 1)
        for hash in hashes { starts[Int(hash >> 16) + 1] += 1 }
        for bucket in 1..<starts.count { starts[bucket] += starts[bucket - 1] }
        self.starts = starts
        // All lanes can be read wherever a bucket begins.
        lowerHalves = hashes.map { UInt16(truncatingIfNeeded: $0) } + [UInt16](repeating: 0, count: Lanes.scalarCount)
        count = hashes.count
    }

    /// Strictly ascending.
    var hashes: [UInt32] {
        var hashes: [UInt32] = []
        hashes.reserveCapacity(count)
        for bucket in 0..<starts.count - 1 {
            for piece in starts[bucket]..<starts[bucket + 1] { hashes.append(UInt32(bucket) << 16 | UInt32(lowerHalves[Int(piece)])) }
        }
        return hashes
    }

    /// The number of the piece with this hash; nil when the model does not know it.
    func number(of hash: UInt32) -> Int? { search(hash, starts[Int(hash >> 16)]..<starts[Int(hash >> 16) + 1]) }

    /// The pieces of a text that are known, in its order.
    ///
    /// - Parameter count: how many they are; what stands behind them means nothing.
    func known(in text: TopicText, count: inout Int) -> [TopicHit] {
        let questions = questions(text)
        var known = [TopicHit](repeating: TopicHit(piece: 0, place: TopicPlace(number: 0)), count: questions.count)
        var hits = known.mutableSpan
        let (asked, lowerHalves) = (questions.span, lowerHalves.span.bytes)
        var next = 0
        for place in asked.indices {
            let question = asked[place]
            // Without a branch: the processor could not guess which way it goes.
            let (piece, isKnown) = find(question, lowerHalves)
            hits[next] = TopicHit(piece: piece, place: question.place)
            next &+= isKnown
        }
        count = next
        return known
    }

    /// A piece of a text, and the bucket in which it would be.
    private struct Question {
        var hash: UInt32
        var place: TopicPlace
        /// The lower half of the first piece there.
        var first: UInt16 = 0
        var start: UInt32
        var end: UInt32
    }

    /// All that is asked for a text.
    ///
    /// A question needs little work, and none waits for another, so that memory answers many at once; the first piece is read for
    /// this alone, that the bucket is near when it is searched.
    private func questions(_ text: TopicText) -> [Question] {
        let occurrences = [TopicGrams.Occurrence](capacity: TopicGrams.atMost(letters: text.letters.count)) { occurrences in
            TopicGrams.forEach(in: text.letters) { occurrences.append($0) }
        }
        let (asked, starts, lowerHalves) = (occurrences.span, starts.span, lowerHalves.span)
        var questions = [Question](capacity: asked.count) { questions in
            for next in asked.indices {
                let occurrence = asked[next]
                let bucket = Int(occurrence.hash >> 16)
                questions.append(
                    Question(hash: occurrence.hash, place: occurrence.place, start: starts[bucket], end: starts[bucket + 1]))
            }
        }
        var all = questions.mutableSpan
        for next in all.indices { all[next].first = lowerHalves[Int(all[next].start)] }
        return questions
    }

    /// The piece and 1, or any number and 0 when it is not known.
    @inline(__always)
    private func find(_ question: Question, _ lowerHalves: RawSpan) -> (piece: Int, isKnown: Int) {
        let size = question.end &- question.start
        guard size <= Self.largestCompared else {
            let piece = search(question.hash, question.start..<question.end)
            return (piece ?? 0, piece == nil ? 0 : 1)
        }
        let sizes = Lanes(repeating: Int16(truncatingIfNeeded: size))
        let sought = Lanes(repeating: Int16(truncatingIfNeeded: question.hash))
        var lane = Lanes(1, 2, 3, 4, 5, 6, 7, 8)
        var found = Lanes.zero
        var compared: UInt32 = 0
        repeat {
            // Any bits make sixteen-bit numbers, and the bounds are checked.
            let some = lowerHalves.unsafeLoadUnaligned(
                fromByteOffset: Int(question.start &+ compared) &* MemoryLayout<UInt16>.size, as: Lanes.self)
            found.replace(with: lane, where: (some .== sought) .& (lane .<= sizes))
            lane &+= Int16(Lanes.scalarCount)
            compared &+= UInt32(Lanes.scalarCount)
        } while compared < size
        // At most one lane is not zero.
        let number = Int(found.wrappedSum())
        return (Int(question.start) &+ number &- 1, (0 &- number) >> (Int.bitWidth - 1) & 1)
    }

    private func search(_ hash: UInt32, _ bucket: Range<UInt32>) -> Int? {
        let lower = UInt16(truncatingIfNeeded: hash)
        var (low, high) = (Int(bucket.lowerBound), Int(bucket.upperBound))
        while low < high {
            let middle = (low + high) / 2
            if lowerHalves[middle] < lower { low = middle + 1 } else { high = middle }
        }
        return low < Int(bucket.upperBound) && lowerHalves[low] == lower ? low : nil
    }
}
