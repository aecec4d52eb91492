/// A calendar date in the proleptic Gregorian calendar, without a time of day or a time zone.
public struct LocalDate: Hashable, Comparable, Sendable {
    /// Days since 1970-01-01.
    public let dayNumber: Int

    public init(dayNumber: Int) { self.dayNumber = dayNumber }

    /// Nil when there is no such date, as for 30 February; years 1 to 9999.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= Int(Instant.daysIn(Int64(month), Int64(year)))
        else { return nil }
        dayNumber = Int(Instant.days(Int64(year), Int64(month), Int64(day)))
    }

    /// The last day that ends before instants do: 9999-12-30.
    static let last = LocalDate(dayNumber: 2_932_895)

    /// The first day of a year.
    public init(yearStart year: Int) { dayNumber = Int(Instant.days(Int64(year), 1, 1)) }

    public var year: Int { Int(civil.year) }
    public var month: Int { Int(civil.month) }
    public var day: Int { Int(civil.day) }

    private var civil: (year: Int64, month: Int64, day: Int64) { Instant.civil(days: Int64(dayNumber)) }

    public var weekday: Weekday { Weekday(dayNumber: dayNumber) }

    public static func < (left: LocalDate, right: LocalDate) -> Bool { left.dayNumber < right.dayNumber }
    public static func + (date: LocalDate, days: Int) -> LocalDate { LocalDate(dayNumber: date.dayNumber + days) }
    public static func - (date: LocalDate, days: Int) -> LocalDate { LocalDate(dayNumber: date.dayNumber - days) }
    /// Whole days from `earlier` to `later`.
    public static func - (later: LocalDate, earlier: LocalDate) -> Int { later.dayNumber - earlier.dayNumber }
}

extension LocalDate: LosslessStringConvertible {
    /// ISO 8601: `2026-11-24`.
    public var description: String {
        if hasUsualYear {
            return String(unsafeUninitializedCapacity: Self.length) { buffer in
                spell(into: buffer, at: 0)
                return Self.length
            }
        }
        let (year, month, day) = civil
        return Instant.padded(year, 4) + "-" + Instant.padded(month, 2) + "-" + Instant.padded(day, 2)
    }

    /// How many bytes the text of a usual year's date has.
    static var length: Int { 10 }

    /// Whether its year has four digits, as all have that can be read: 0001 to 9999.
    var hasUsualYear: Bool { (-719_162...2_932_896).contains(dayNumber) }

    /// Sets the bytes of its text from `place` on; only for a usual year.
    func spell(into buffer: UnsafeMutableBufferPointer<UInt8>, at place: Int) {
        let (year, month, day) = civil
        buffer.setPair(UInt32(truncatingIfNeeded: year) / 100, at: place)
        buffer.setPair(UInt32(truncatingIfNeeded: year) % 100, at: place + 2)
        buffer[place + 4] = UInt8(ascii: "-")
        buffer.setPair(UInt32(truncatingIfNeeded: month), at: place + 5)
        buffer[place + 7] = UInt8(ascii: "-")
        buffer.setPair(UInt32(truncatingIfNeeded: day), at: place + 8)
    }

    /// Reads `2026-11-24`, in exactly this form; nil for anything else and for dates that do not exist.
    public init?(_ description: String) {
        var description = description
        guard let value = description.withUTF8({ LocalDate(utf8: $0) }) else { return nil }
        self = value
    }

    /// The same, of the bytes of the text.
    private init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for place in range {
                let byte = bytes[place]
                guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else { return nil }
        self.init(year: year, month: month, day: day)
    }
}

extension LocalDate: Codable, JSONReadable, JSONWritable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = LocalDate(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "is not a date like 2026-11-24")
        }
        self = value
    }

    public init(json place: JSONPlace) throws {
        guard let value = try place.string({ LocalDate(utf8: $0) }) else { throw place.corrupted("is not a date like 2026-11-24") }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    public func write(json text: inout JSONText) { text.write(self) }
}
