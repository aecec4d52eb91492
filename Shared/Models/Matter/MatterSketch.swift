/// What the text of a matter comes to, small enough to be compared with those of a million others (同事).
///
/// Every three letters that stand side by side are a piece; of each of 48 groups of pieces the least hash is kept (MinHash by one
/// permutation, empty groups filled from others). Two texts have as large a share of groups in common as of pieces. White space,
/// punctuation and the width of letters say nothing. Pure: the same text gives the same sketch everywhere and in every version.
public struct MatterSketch: Hashable, Sendable {
    /// How many groups there are.
    public static let width = 48
    /// How many groups a band joins: texts that share one band are worth comparing.
    private static let bandWidth = 4
    /// Of a text only so many characters are looked at.
    private static let longest = 4_000
    /// Texts with fewer letters are alike by accident.
    public static let leastLetters = 8

    /// From what likeness on two texts are taken to be of one matter, in thousandths.
    public static let sameMatter = 600

    private let groups: [UInt16]

    /// Nil for a text of fewer than eight letters, which is no matter that could be known again.
    public init?(title: String, narrative: String) {
        let letters = PlainLetters.of(title, atMost: Self.longest) + PlainLetters.of(narrative, atMost: Self.longest)
        guard letters.count >= Self.leastLetters else { return nil }
        var least = [UInt32](repeating: .max, count: Self.width)
        for place in 0..<letters.count - 2 {
            let hash = Self.hash(letters[place], letters[place + 1], letters[place + 2])
            // The group by the upper half of the bits, the value by the lower one.
            let group = Int(((hash >> 32) * UInt64(Self.width)) >> 32)
            least[group] = min(least[group], UInt32(truncatingIfNeeded: hash) >> 1)
        }
        groups = least.indices.map { group in
            var (found, turn) = (group, UInt32(0))
            while least[found] == .max {
                turn += 1
                found = Int(Self.hash(UInt32(group), turn, 0x5EED) >> 33) % Self.width
            }
            return UInt16(truncatingIfNeeded: least[found] ^ least[found] >> 16)
        }
    }

    /// Reads what `bytes` wrote; nil for anything else.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 2 * Self.width else { return nil }
        groups = (0..<Self.width).map { UInt16(bytes[2 * $0]) << 8 | UInt16(bytes[2 * $0 + 1]) }
    }

    /// 96 bytes.
    public var bytes: [UInt8] { groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } }

    /// The share of pieces that two texts have in common, as their sketches tell it: from 0 to 1, in steps of 1/48.
    public func likeness(to other: MatterSketch) -> Double {
        Double(zip(groups, other.groups).count { $0 == $1 }) / Double(Self.width)
    }

    /// Twelve numbers, of which texts that are alike share one: at a likeness of 0.8 nearly always (0.998), at 0.6 mostly (0.81), at 0.1
    /// hardly ever (0.001).
    public var bands: [Int32] {
        stride(from: 0, to: Self.width, by: Self.bandWidth).map { first in
            let joined = groups[first..<first + Self.bandWidth].reduce(UInt64(first)) { ($0 ^ UInt64($1)) &* 0x9E37_79B9_7F4A_7C15 }
            return Int32(truncatingIfNeeded: joined >> 32)
        }
    }

    private static func hash(_ first: UInt32, _ second: UInt32, _ third: UInt32) -> UInt64 {
        var state = UInt64(first) << 32 ^ UInt64(second) << 11 ^ UInt64(third) &* 0xD6E8_FEB8_6659_FD93
        state = (state ^ state >> 32) &* 0x9E37_79B9_7F4A_7C15
        state = (state ^ state >> 29) &* 0xBF58_476D_1CE4_E5B9
        return state ^ state >> 32
    }
}
