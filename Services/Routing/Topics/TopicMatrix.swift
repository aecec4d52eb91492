import Glibc

/// Training messages as rows of numbers: which pieces each has, and how often, damped.
struct TopicMatrix: Sendable {
    /// The topics in the order of their names (by UTF-8).
    let topics: [String]
    /// The number of each row's topic.
    let labels: [Int]
    /// The pieces that are columns, by hash, strictly ascending.
    let hashes: [UInt32]
    /// Where each row's entries begin; one more than there are rows.
    let starts: [Int]
    /// The column of each entry, ascending within a row.
    let columns: [Int32]
    /// 1 + ln of how often the piece occurs in the message.
    let frequencies: [Float]

    /// In fewer messages than this a piece is left out: it would teach the model single messages by heart.
    let leastMessages: Int

    var rows: Range<Int> { labels.indices }

    init(_ examples: [TopicExample]) {
        let topics = Set(examples.map(\.topic)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let numbers = Dictionary(uniqueKeysWithValues: topics.enumerated().map { ($1, $0) })
        var counted = CountedGrams()
        for example in examples { counted.add(TopicText(example.text)) }

        var leastMessages = examples.count < 200 ? 1 : examples.count < 1_000 ? 2 : 3
        var hashes = counted.hashes(inMessages: leastMessages)
        while hashes.count > TopicModel.mostPieces {
            leastMessages += 1
            hashes = counted.hashes(inMessages: leastMessages)
        }
        let vocabulary = TopicVocabulary(hashes: hashes)
        var (starts, columns, frequencies): ([Int], [Int32], [Float]) = ([0], [], [])
        columns.reserveCapacity(counted.hashes.count)
        frequencies.reserveCapacity(counted.hashes.count)
        for row in examples.indices {
            for entry in counted.starts[row]..<counted.starts[row + 1] {
                guard let number = vocabulary.number(of: counted.hashes[entry]) else { continue }
                columns.append(Int32(number))
                frequencies.append(Self.damped(Int(counted.counts[entry])))
            }
            starts.append(columns.count)
        }
        self.topics = topics
        labels = examples.map { numbers[$0.topic] ?? 0 }
        (self.hashes, self.starts, self.columns, self.frequencies) = (hashes, starts, columns, frequencies)
        self.leastMessages = leastMessages
    }

    /// How much a piece counts that occurs so often in one message.
    @inline(__always)
    static func damped(_ count: Int) -> Float { count == 1 ? 1 : 1 + Float(log(Double(count))) }
}

/// The pieces of many messages, each once a message, with how often it occurs there.
private struct CountedGrams {
    var starts = [0]
    var hashes: [UInt32] = []
    var counts: [UInt16] = []

    mutating func add(_ text: TopicText) {
        var all: [UInt32] = []
        all.reserveCapacity(TopicGrams.atMost(letters: text.letters.count))
        TopicGrams.forEach(in: text.letters) { all.append($0.hash) }
        all.sort()
        var place = 0
        while place < all.count {
            let start = place
            while place < all.count, all[place] == all[start] { place += 1 }
            hashes.append(all[start])
            counts.append(UInt16(clamping: place - start))
        }
        starts.append(hashes.count)
    }

    /// The pieces that occur in at least so many messages, ascending.
    func hashes(inMessages least: Int) -> [UInt32] {
        let sorted = RadixOrder.sorted(hashes)
        var (kept, place): ([UInt32], Int) = ([], 0)
        while place < sorted.count {
            let start = place
            while place < sorted.count, sorted[place] == sorted[start] { place += 1 }
            if place - start >= least { kept.append(sorted[start]) }
        }
        return kept
    }
}

/// Sorts many millions of numbers in four passes.
private enum RadixOrder {
    static func sorted(_ numbers: [UInt32]) -> [UInt32] {
        var (from, to) = (numbers, [UInt32](repeating: 0, count: numbers.count))
        for shift: UInt32 in [0, 8, 16, 24] {
            var places = [Int](repeating: 0, count: 257)
            for number in from { places[Int((number >> shift) & 0xFF) + 1] += 1 }
            for byte in 0..<256 { places[byte + 1] += places[byte] }
            for number in from {
                let byte = Int((number >> shift) & 0xFF)
                to[places[byte]] = number
                places[byte] += 1
            }
            swap(&from, &to)
        }
        return from
    }
}
