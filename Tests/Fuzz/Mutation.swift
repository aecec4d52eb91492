import TestModels

/// Makes inputs that are nearly right: what is right is changed in a few places.
enum Mutation {
    static func input(from corpus: [[UInt8]], words: [[UInt8]], _ random: inout SeededRandom) -> [UInt8] {
        var input = corpus[Int.random(in: 0..<corpus.count, using: &random)]
        // Now and then rubbish from the first byte to the last.
        if Int.random(in: 0..<50, using: &random) == 0 {
            return (0..<Int.random(in: 0..<300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        for _ in 0..<Int.random(in: 0...6, using: &random) { change(&input, corpus, words, &random) }
        return input
    }

    private static func change(_ input: inout [UInt8], _ corpus: [[UInt8]], _ words: [[UInt8]], _ random: inout SeededRandom) {
        let place = Int.random(in: 0...input.count, using: &random)
        let length = min(input.count - place, 1 << Int.random(in: 0...7, using: &random))
        let range = place..<place + length
        switch Int.random(in: 0..<10, using: &random) {
        case 0: if place < input.count { input[place] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
        case 1: if place < input.count { input[place] = UInt8.random(in: 0...255, using: &random) }
        case 2: input.removeSubrange(range)
        case 3: input.insert(contentsOf: input[range], at: place)
        case 4: input.removeLast(input.count - place)
        case 5: input.insert(contentsOf: words[Int.random(in: 0..<words.count, using: &random)], at: place)
        case 6: input.replaceSubrange(range, with: words[Int.random(in: 0..<words.count, using: &random)])
        case 7:
            let other = corpus[Int.random(in: 0..<corpus.count, using: &random)]
            let begin = Int.random(in: 0...other.count, using: &random)
            input.replaceSubrange(range, with: other[begin..<min(other.count, begin + length)])
        case 8:
            // One piece many times: depth, length and counts.
            let count = 1 << Int.random(in: 1...9, using: &random)
            let word = words[Int.random(in: 0..<words.count, using: &random)]
            for _ in 0..<count { input.insert(contentsOf: word, at: place) }
        default: input.insert(UInt8.random(in: 0...255, using: &random), at: place)
        }
    }
}
