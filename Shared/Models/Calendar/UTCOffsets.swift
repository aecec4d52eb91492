/// The offsets of one time zone from UTC, so that services need no time zone database.
///
/// The table is part of the county definition: a due date never changes because a machine's database was updated.
public struct UTCOffsets: Codable, Sendable, Hashable {
    /// The name the table was made from: `Asia/Shanghai`.
    public let zone: String
    /// When each offset begins, in seconds since 1970 UTC, ascending; the first offset also holds before its beginning
    /// and the last one for ever.
    public let beginnings: [Int64]
    /// Seconds east of UTC, one for each beginning.
    public let seconds: [Int64]

    /// Nil unless there are as many offsets as beginnings, at least one, in ascending order, each less than a day
    /// and within a thousand years of 1970.
    public init?(zone: String, beginnings: [Int64], seconds: [Int64]) {
        guard !beginnings.isEmpty, beginnings.count == seconds.count, zip(beginnings, beginnings.dropFirst()).allSatisfy(<),
            seconds.allSatisfy({ (-86_399...86_399).contains($0) }),
            // Within a thousand years of 1970, so that no sum of theirs can overflow.
            beginnings.allSatisfy({ (-31_557_600_000...31_557_600_000).contains($0) })
        else { return nil }
        self.zone = zone
        self.beginnings = beginnings
        self.seconds = seconds
    }

    private enum CodingKeys: String, CodingKey { case zone, beginnings, seconds }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard
            let value = UTCOffsets(
                zone: try container.decode(String.self, forKey: .zone), beginnings: try container.decode([Int64].self, forKey: .beginnings),
                seconds: try container.decode([Int64].self, forKey: .seconds))
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .beginnings, in: container, debugDescription: "is no ascending table of offsets")
        }
        self = value
    }

    /// The offset in force at `instant`.
    public func offset(at instant: Instant) -> Duration {
        .seconds(seconds[segment(at: Instant.floorDivide(instant.microseconds, 1_000_000).0)])
    }

    /// The date that the clocks of the county show at `instant`.
    public func date(at instant: Instant) -> LocalDate {
        let local = instant.microseconds + offset(at: instant).wholeMicroseconds
        return LocalDate(dayNumber: Int(Instant.floorDivide(local, 86_400_000_000).0))
    }

    /// How long after the beginning of its date the clocks show at `instant`.
    public func timeOfDay(at instant: Instant) -> Duration {
        let local = instant.microseconds + offset(at: instant).wholeMicroseconds
        return .microseconds(Instant.floorDivide(local, 86_400_000_000).1)
    }

    /// The first instant after which the clocks never again show an earlier time of `date` than `timeOfDay`.
    ///
    /// Where a change of offset leaves that local time out, it is the instant of the change; where it repeats it, the second one.
    public func instant(_ date: LocalDate, _ timeOfDay: Duration = .zero) -> Instant {
        let local = Int64(date.dayNumber) * 86_400_000_000 + timeOfDay.wholeMicroseconds
        var result = local - seconds[0] * 1_000_000
        // Offsets are less than a day, so only segments that begin within two days can matter.
        var index = segment(at: local / 1_000_000 - 172_800)
        while index < beginnings.count, index == 0 || beginnings[index] * 1_000_000 + seconds[index] * 1_000_000 < local {
            result = local - seconds[index] * 1_000_000
            if index + 1 < beginnings.count { result = min(result, beginnings[index + 1] * 1_000_000) }
            index += 1
        }
        return Instant(microseconds: result)
    }

    /// The last microsecond of `date`: what a term that ends with this day is due at.
    public func endOfDay(_ date: LocalDate) -> Instant { instant(date + 1) - .microseconds(1) }

    /// The index of the offset in force at a second since 1970.
    private func segment(at second: Int64) -> Int {
        var (low, high) = (0, beginnings.count)
        while low < high {
            let middle = (low + high) / 2
            if beginnings[middle] <= second { low = middle + 1 } else { high = middle }
        }
        return max(0, low - 1)
    }
}
