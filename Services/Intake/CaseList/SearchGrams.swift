/// The short pieces of a case's title and number by which a search finds it (column `registrations.grams`).
///
/// Chinese has no spaces between words, so a title is indexed by every two characters that stand side by side. A number has few
/// characters and is indexed by every three. A search only narrows by them; titles and numbers themselves have the last word.
enum SearchGrams {
    private static let numberAlphabet = Array("0123456789-X".unicodeScalars)

    static func of(title: String, number: String) -> Set<Int32> { Set(pairs(title) + triples(number)) }

    /// What a case must hold to hold `text`: all of one of these; empty where pieces cannot tell.
    static func sought(_ text: String) -> [[Int32]] {
        let inTitle = pairs(text)
        if inTitle.isEmpty { return [] }
        guard text.unicodeScalars.allSatisfy(numberAlphabet.contains) else { return [inTitle] }
        let inNumber = triples(text)
        return inNumber.isEmpty ? [] : [inTitle, inNumber]
    }

    /// Two characters as one number, from 0 up; the migration M0006_lists computes the same.
    private static func pairs(_ text: String) -> [Int32] {
        zip(text.unicodeScalars, text.unicodeScalars.dropFirst()).map { Int32($0.value & 0x7FFF) << 16 | Int32($1.value & 0xFFFF) }
    }

    /// Three characters of a number as one number, below 0.
    private static func triples(_ number: String) -> [Int32] {
        let places = number.unicodeScalars.compactMap { numberAlphabet.firstIndex(of: $0) }
        return zip(zip(places, places.dropFirst()), places.dropFirst(2)).map { -1 - Int32(($0.0 * 12 + $0.1) * 12 + $1) }
    }
}
