import Foundation
import Models

/// Says why a time zone cannot be used.
struct ZoneError: Error {
    var reason: String
    var remedy: String
}

/// Reads the offsets of a time zone from the system's database (TZif version 2 or later, RFC 9636).
enum ZoneFile {
    /// The years that the table covers; before and after, the nearest offset holds.
    static let years = 1980...2100

    static func offsets(of zone: String, in directory: String) throws(ZoneError) -> UTCOffsets {
        let parts = zone.split(separator: "/", omittingEmptySubsequences: false)
        let isName = parts.allSatisfy { part in
            !part.isEmpty
                && part.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 || $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A || "_+-".utf8.contains($0) }
        }
        guard isName, zone.utf8.count < 64, let data = FileManager.default.contents(atPath: "\(directory)/\(zone)") else {
            throw ZoneError(
                reason: "the time zone \"\(zone)\" is not in \(directory)", remedy: "Write one like Asia/Shanghai, or install tzdata.")
        }
        guard let table = table(Array(data), zone) else {
            throw ZoneError(reason: "\(directory)/\(zone) is no time zone file", remedy: "Write a name like Asia/Shanghai.")
        }
        return table
    }

    private static func table(_ bytes: [UInt8], _ zone: String) -> UTCOffsets? {
        guard let (transitions, first, tail) = parse(bytes) else { return nil }
        let begin = Int64(LocalDate(yearStart: years.lowerBound).dayNumber) * 86_400
        let end = Int64(LocalDate(yearStart: years.upperBound + 1).dayNumber) * 86_400
        var all = transitions
        let known = transitions.last?.0 ?? Int64.min
        if let rule = tail {
            for year in years { all += rule.transitions(in: year).filter { $0.0 > known } }
            if transitions.isEmpty { all.insert((begin, rule.standard), at: 0) }
        }
        all.sort { $0.0 < $1.0 }
        let before = all.last { $0.0 <= begin }?.1 ?? first
        var (beginnings, seconds) = ([begin], [before])
        for (at, offset) in all where at > begin && at < end && offset != seconds.last {
            beginnings.append(at)
            seconds.append(offset)
        }
        return UTCOffsets(zone: zone, beginnings: beginnings, seconds: seconds)
    }

    /// The transitions as instants with the offset from then on, the offset before them, and the rule for what follows.
    private static func parse(_ bytes: [UInt8]) -> (transitions: [(Int64, Int64)], first: Int64, tail: ZoneRule?)? {
        func number(_ at: Int, _ width: Int) -> Int64? {
            guard at >= 0, at + width <= bytes.count else { return nil }
            var value: Int64 = bytes[at] & 0x80 == 0 ? 0 : -1
            for byte in bytes[at..<at + width] { value = value << 8 | Int64(byte) }
            return value
        }
        func counts(_ at: Int) -> [Int]? {
            guard at + 44 <= bytes.count, bytes[at..<at + 4].elementsEqual("TZif".utf8), bytes[at + 4] >= UInt8(ascii: "2") else {
                return nil
            }
            let counts = (0..<6).compactMap { number(at + 20 + 4 * $0, 4).map(Int.init) }
            return counts.count == 6 && counts.allSatisfy { (0..<100_000).contains($0) } ? counts : nil
        }
        guard let old = counts(0) else { return nil }
        // isutc, isstd, leap, time, type, char: the first block has times of 4 bytes and is passed over.
        let second = 44 + old[3] * 5 + old[4] * 6 + old[5] + old[2] * 8 + old[1] + old[0]
        guard let sizes = counts(second) else { return nil }
        let times = second + 44
        let kinds = times + sizes[3] * 8
        let types = kinds + sizes[3]
        let footer = types + sizes[4] * 6 + sizes[5] + sizes[2] * 12 + sizes[1] + sizes[0]
        guard footer < bytes.count, let first = number(types, 4) else { return nil }
        var transitions: [(Int64, Int64)] = []
        for index in 0..<sizes[3] {
            guard let at = number(times + index * 8, 8), Int(bytes[kinds + index]) < sizes[4],
                let offset = number(types + Int(bytes[kinds + index]) * 6, 4)
            else { return nil }
            transitions.append((at, offset))
        }
        let text = String(decoding: bytes[(footer + 1)...].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        if text.isEmpty { return (transitions, first, nil) }
        guard let tail = ZoneRule(text) else { return nil }
        return (transitions, first, tail)
    }
}
