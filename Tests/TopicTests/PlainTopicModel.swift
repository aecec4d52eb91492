import Glibc

@testable import Routing

/// A topic model reckoned in the plainest way, to hold the fast one against: every step as it is defined, whatever it costs.
struct PlainTopicModel {
    private let model: TopicModel
    private let numbers: [UInt32: Int]
    private let tellings: [UInt16]
    private let columns: [[Int16]]

    init(_ model: TopicModel) {
        self.model = model
        numbers = Dictionary(uniqueKeysWithValues: model.vocabulary.hashes.enumerated().map { ($1, $0) })
        tellings = Array(model.weights.tellings)
        columns = model.topics.indices.map { Array(model.weights.column($0)) }
    }

    private struct Entry {
        var piece: Int
        var value: Int64
        var place: Int
    }

    func suggestion(for text: String, pieces: Int) -> TopicSuggestion {
        let text = PlainText(text)
        let entries = entries(text)
        let scores = model.topics.indices.map { topic in
            amount(entries.reduce(model.weights.scales[topic].bias) { $0 + contribution($1, topic) }, topic)
        }
        let ranking = scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
        let confidence = model.calibration.confidence(lead: scores[ranking[0]] - scores[ranking[1]])
        let others = ranking.dropFirst().map { topic in
            let chance = TopicCalibration.logistic(model.calibration.slope * (scores[topic] - scores[ranking[1]]))
            return chance / (1 - chance)
        }
        let shares = [confidence] + others.map { (1 - confidence) * $0 / others.reduce(0, +) }
        let choices = ranking.prefix(3).enumerated().map { rank, topic in
            choice(topic, scores[topic], entries.isEmpty ? 0 : shares[rank], text, entries, pieces)
        }
        return TopicSuggestion(choices: choices, confidence: entries.isEmpty ? 0 : confidence, model: model.version)
    }

    private func choice(
        _ topic: Int, _ score: Double, _ confidence: Double, _ text: PlainText, _ entries: [Entry], _ pieces: Int
    ) -> TopicChoice {
        var sums: [Int: Int64] = [:]
        for entry in entries { sums[entry.place, default: 0] += contribution(entry, topic) }
        let spoken = sums.filter { $0.value != 0 }.sorted { $0.key < $1.key }
        let highest = spoken.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(pieces)
        let lowest = spoken.filter { $0.value < 0 }.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.prefix(pieces)
        let rest = spoken.reduce(0) { $0 + $1.value } - (highest + lowest).reduce(0) { $0 + $1.value }
        func shown(_ place: Int, _ sum: Int64) -> TopicPiece { TopicPiece(text: text.shown(place), weight: amount(sum, topic)) }
        return TopicChoice(
            topic: model.topics[topic], score: score, confidence: confidence, bias: amount(model.weights.scales[topic].bias, topic),
            speakingFor: highest.map { shown($0.key, $0.value) }, speakingAgainst: lowest.map { shown($0.key, $0.value) },
            rest: amount(rest, topic), restCount: spoken.count - highest.count - lowest.count)
    }

    private func contribution(_ entry: Entry, _ topic: Int) -> Int64 { Int64(columns[topic][entry.piece]) * entry.value }

    private func amount(_ steps: Int64, _ topic: Int) -> Double {
        Double(steps) / Double(1 << model.weights.scales[topic].shift) / 1_048_576
    }

    private func entries(_ text: PlainText) -> [Entry] {
        var places: [Int: [Int]] = [:]
        for (hash, place) in text.pieces { if let piece = numbers[hash] { places[piece, default: []].append(place) } }
        let found = places.filter { tellings[$0.key] > 0 }.sorted { $0.key < $1.key }
        let values = found.map { piece, places in
            (places.count == 1 ? 1 : 1 + Float(log(Double(places.count)))) * Float(tellings[piece])
        }
        let factor = 1_048_576 / values.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
        return zip(found, values).map { one, value in
            Entry(piece: one.key, value: Int64((value * factor).rounded()), place: one.value.min() ?? 0)
        }
    }
}

/// A text of which the letters are found one after the other.
struct PlainText {
    private var read: [Unicode.Scalar]
    private var letters: [(value: UInt32, span: Range<Int>)] = []

    init(_ text: String) {
        read = Array(text.unicodeScalars.prefix(4_000))
        var place = 0
        while place < read.count {
            if read[place...].starts(with: "_x000D_".unicodeScalars) {
                place += 7
                continue
            }
            let start = place
            place += 1
            guard let letter = Self.letter(read[start]) else { continue }
            while letter == 0x30, place < read.count, Self.letter(read[place]) == 0x30 { place += 1 }
            letters.append((letter, start..<place))
        }
    }

    /// The hash of each piece at each place, four places to a letter.
    var pieces: [(hash: UInt32, place: Int)] {
        var pieces: [(UInt32, Int)] = []
        for position in letters.indices {
            for end in position..<min(position + 4, letters.count) {
                var state: UInt64 = 0x2545_F491_4F6C_DD1D
                for letter in letters[position...end] {
                    state = (state ^ UInt64(letter.value)) &* 0x9E37_79B9_7F4A_7C15
                    state ^= state >> 29
                }
                let hash = UInt32(truncatingIfNeeded: state >> 16)
                pieces.append((hash & ~1, position * 4 + end - position))
                if end < 25 { pieces.append((hash | 1, position * 4 + end - position)) }
            }
        }
        return pieces
    }

    func shown(_ place: Int) -> String {
        var shown = String.UnicodeScalarView()
        for letter in place / 4...place / 4 + place % 4 {
            if letter > place / 4 {
                let gap = read[letters[letter - 1].span.upperBound..<letters[letter].span.lowerBound].filter { !$0.properties.isWhitespace }
                if gap.count > 3 { shown.append("…") } else { shown.append(contentsOf: gap) }
            }
            shown.append(contentsOf: read[letters[letter].span.prefix(12)])
            if letters[letter].span.count > 12 { shown.append("…") }
        }
        return String(shown)
    }

    private static let functionWords = Set("的了着是在我们你您他她它这那就都也很被把让给与及和或而且吗呢吧啊呀之其有".unicodeScalars)

    private static func letter(_ scalar: Unicode.Scalar) -> UInt32? {
        let value = (0xFF01...0xFF5E).contains(scalar.value) ? scalar.value - 0xFEE0 : scalar.value
        switch value {
        case 0x30...0x39: return 0x30
        case 0x41...0x5A: return value + 0x20
        case 0x61...0x7A: return value
        case 0..<0x80: return nil
        case 0x4E00...0x9FFF: return functionWords.contains(scalar) ? nil : value
        default: return scalar.properties.isAlphabetic ? value : nil
        }
    }
}
