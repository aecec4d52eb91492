/// A point in time, in whole microseconds since 1970-01-01T00:00:00Z, which is what PostgreSQL's `timestamptz` holds.
///
/// Only what RFC 3339 can write for every offset exists, so each instant and its local date read back as what they were: from
/// 0001-01-02 to 9999-12-30 in UTC. What would lie before or after is cut to the first or last instant of these.
public struct Instant: Hashable, Comparable, Sendable {
    public let microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = min(max(microseconds, Self.bounds.lowerBound), Self.bounds.upperBound) }

    private static let bounds: ClosedRange<Int64> = -62_135_510_400_000_000...253_402_214_399_999_999

    public static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }

    /// The instant `duration` later, cut to whole microseconds.
    public static func + (instant: Instant, duration: Duration) -> Instant {
        Instant(microseconds: instant.microseconds + duration.wholeMicroseconds)
    }

    public static func - (instant: Instant, duration: Duration) -> Instant {
        Instant(microseconds: instant.microseconds - duration.wholeMicroseconds)
    }

    public static func - (later: Instant, earlier: Instant) -> Duration {
        .microseconds(later.microseconds - earlier.microseconds)
    }
}

extension Duration {
    /// The duration in microseconds, cut towards zero.
    public var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}

extension Instant: LosslessStringConvertible {
    /// RFC 3339 in UTC with six digits after the second: `2026-11-24T08:00:00.000000Z`.
    public var description: String {
        String(unsafeUninitializedCapacity: Self.length) { buffer in
            spell(into: buffer, at: 0)
            return Self.length
        }
    }

    /// How many bytes its text has.
    static var length: Int { 27 }

    /// Sets the bytes of its text from `place` on.
    func spell(into buffer: UnsafeMutableBufferPointer<UInt8>, at place: Int) {
        let (days, inDay) = Self.floorDivide(microseconds, 86_400_000_000)
        LocalDate(dayNumber: Int(days)).spell(into: buffer, at: place)
        // Both are below a million.
        let (seconds, fraction) = (UInt32(truncatingIfNeeded: inDay / 1_000_000), UInt32(truncatingIfNeeded: inDay % 1_000_000))
        buffer[place + 10] = UInt8(ascii: "T")
        buffer.setPair(seconds / 3600, at: place + 11)
        buffer[place + 13] = UInt8(ascii: ":")
        buffer.setPair(seconds / 60 % 60, at: place + 14)
        buffer[place + 16] = UInt8(ascii: ":")
        buffer.setPair(seconds % 60, at: place + 17)
        buffer[place + 19] = UInt8(ascii: ".")
        buffer.setPair(fraction / 10_000, at: place + 20)
        buffer.setPair(fraction / 100 % 100, at: place + 22)
        buffer.setPair(fraction % 100, at: place + 24)
        buffer[place + 26] = UInt8(ascii: "Z")
    }

    /// Reads RFC 3339 with any offset and up to nine digits after the second; nil for anything else.
    ///
    /// From 0001-01-02 to 9999-12-30 in UTC; digits past the sixth are cut; a leap second is refused.
    public init?(_ text: String) {
        var text = text
        guard let value = text.withUTF8({ Instant(utf8: $0) }) else { return nil }
        self = value
    }

    /// The same, of the bytes of the text.
    private init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        guard let (local, offset) = Self.parse(bytes), let offset, Self.bounds.contains(local - offset) else { return nil }
        self.init(microseconds: local - offset)
    }

    /// Reads RFC 3339, or the same without an offset, which then is `defaultOffset` east of UTC.
    public init?(_ text: String, defaultOffset: Duration) {
        var text = text
        guard let (local, named) = text.withUTF8(Self.parse) else { return nil }
        let offset = named ?? defaultOffset.wholeMicroseconds
        guard Self.bounds.contains(local - offset) else { return nil }
        self.init(microseconds: local - offset)
    }

    /// Local microseconds and, where the text has one, the offset from UTC in microseconds.
    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> (Int64, Int64?)? {
        guard bytes.count >= 19, bytes.count <= 35 else { return nil }
        func number(_ start: Int, _ count: Int) -> Int64? {
            guard start + count <= bytes.count else { return nil }
            var value: Int64 = 0
            for place in start..<start + count {
                let byte = bytes[place]
                guard byte >= 48, byte <= 57 else { return nil }
                value = value * 10 + Int64(byte - 48)
            }
            return value
        }
        guard let year = number(0, 4), bytes[4] == 45, let month = number(5, 2), bytes[7] == 45, let day = number(8, 2),
            bytes[10] == 84 || bytes[10] == 116 || bytes[10] == 32,
            let hour = number(11, 2), bytes[13] == 58, let minute = number(14, 2), bytes[16] == 58, let second = number(17, 2),
            year >= 1, (1...12).contains(month), (1...daysIn(month, year)).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        var (at, fraction) = (19, Int64(0))
        if at < bytes.count, bytes[at] == 46 {
            var (scale, digits) = (Int64(100_000), 0)
            at += 1
            while at < bytes.count, bytes[at] >= 48, bytes[at] <= 57 {
                fraction += Int64(bytes[at] - 48) * scale
                scale /= 10
                digits += 1
                at += 1
            }
            guard (1...9).contains(digits) else { return nil }
        }
        let local = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60_000_000 + second * 1_000_000 + fraction
        if at == bytes.count { return (local, nil) }
        switch bytes[at] {
        case 90, 122:
            return at + 1 == bytes.count ? (local, 0) : nil
        case 43, 45:
            guard at + 6 == bytes.count, bytes[at + 3] == 58, let hours = number(at + 1, 2), let minutes = number(at + 4, 2),
                hours < 24, minutes < 60
            else { return nil }
            let offset = (hours * 60 + minutes) * 60_000_000
            return (local, bytes[at] == 43 ? offset : -offset)
        default:
            return nil
        }
    }
}

extension Instant: Codable, JSONReadable, JSONWritable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Instant(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "is not a time in RFC 3339")
        }
        self = value
    }

    public init(json place: JSONPlace) throws {
        guard let value = try place.string({ Instant(utf8: $0) }) else { throw place.corrupted("is not a time in RFC 3339") }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    public func write(json text: inout JSONText) { text.write(self) }
}

extension Instant {
    static func floorDivide(_ value: Int64, _ by: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: by)
        return remainder < 0 ? (quotient - 1, remainder + by) : (quotient, remainder)
    }

    /// Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
    static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        // Years begin in March here, so that the leap day is the last of its year.
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = floorDivide(shifted, 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivide(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    static func daysIn(_ month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    static func padded(_ value: Int64, _ width: Int) -> String {
        let text = String(value)
        return text.utf8.count >= width ? text : String(repeating: "0", count: width - text.utf8.count) + text
    }
}
