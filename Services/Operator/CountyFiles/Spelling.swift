/// Guesses what a misspelt word was meant to be.
enum Spelling {
    /// The known word that differs least, if the difference is small for the word's length.
    static func nearest(to word: String, among known: some Sequence<String>) -> String? {
        let limit = (word.count + 2) / 3
        let ranked = known.map { (distance($0, word), $0) }.filter { $0.0 <= limit }
        return ranked.min { ($0.0, $0.1) < ($1.0, $1.1) }?.1
    }

    /// How many letters must be put in, taken out or changed to turn one word into the other.
    private static func distance(_ first: String, _ second: String) -> Int {
        let (first, second) = (Array(first.prefix(64)), Array(second.prefix(64)))
        var row = Array(0...second.count)
        for (i, letter) in first.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in second.enumerated() {
                let change = diagonal + (letter == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(change, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[second.count]
    }
}
