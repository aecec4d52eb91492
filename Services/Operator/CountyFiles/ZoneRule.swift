import Models

/// The rule that a time zone follows after its last known change, as the `TZ` variable of POSIX spells it: `EST5EDT,M3.2.0,M11.1.0`.
struct ZoneRule {
    /// A day of every year and a time of day on it, in seconds.
    struct Change {
        enum Day {
            case weekday(month: Int, week: Int, day: Int)
            /// From 1, 29 February not counted.
            case fixed(Int)
            /// From 0, 29 February counted.
            case ordinal(Int)
        }
        var day: Day
        var time: Int64
    }

    /// Seconds east of UTC.
    let standard: Int64
    let daylight: (offset: Int64, from: Change, until: Change)?

    init?(_ text: String) {
        var cursor = Cursor(rest: text.utf8[...])
        guard cursor.name(), let west = cursor.time() else { return nil }
        standard = -west
        guard !cursor.rest.isEmpty else {
            daylight = nil
            return
        }
        guard cursor.name() else { return nil }
        var offset = standard + 3600
        if cursor.rest.first != UInt8(ascii: ",") {
            guard let west = cursor.time() else { return nil }
            offset = -west
        }
        guard let from = cursor.change(), let until = cursor.change(), cursor.rest.isEmpty else { return nil }
        daylight = (offset, from, until)
    }

    /// The changes of one year, as instants with the offset from then on.
    func transitions(in year: Int) -> [(Int64, Int64)] {
        guard let daylight else { return [] }
        return [
            (Self.instant(daylight.from, year) - standard, daylight.offset),
            (Self.instant(daylight.until, year) - daylight.offset, standard),
        ]
    }

    /// The local time of a change, in seconds since 1970.
    private static func instant(_ change: Change, _ year: Int) -> Int64 {
        let start = LocalDate(yearStart: year)
        let date: LocalDate
        switch change.day {
        case .ordinal(let day): date = start + day
        case .fixed(let day):
            let hasLeapDay = LocalDate(yearStart: year + 1) - start == 366
            date = start + (day - 1) + (hasLeapDay && day >= 60 ? 1 : 0)
        case .weekday(let month, let week, let day):
            let first = LocalDate(year: year, month: month, day: 1) ?? start
            let next = month == 12 ? LocalDate(yearStart: year + 1) : LocalDate(year: year, month: month + 1, day: 1) ?? start
            let weekday = first.weekday.rawValue % 7
            var found = first + (day - weekday + 7) % 7 + (week - 1) * 7
            while found >= next { found = found - 7 }
            date = found
        }
        return Int64(date.dayNumber) * 86_400 + change.time
    }

    private struct Cursor {
        var rest: Substring.UTF8View

        mutating func take(_ byte: UInt8) -> Bool {
            guard rest.first == byte else { return false }
            rest.removeFirst()
            return true
        }

        /// Skips a name: letters, or anything between angle brackets.
        mutating func name() -> Bool {
            if take(UInt8(ascii: "<")) {
                while let byte = rest.popFirst(), byte != UInt8(ascii: ">") {}
                return true
            }
            let before = rest.count
            while let byte = rest.first, byte | 0x20 >= UInt8(ascii: "a"), byte | 0x20 <= UInt8(ascii: "z") { rest.removeFirst() }
            return before - rest.count >= 3
        }

        mutating func number() -> Int? {
            var value: Int?
            while let byte = rest.first, byte >= 0x30, byte <= 0x39, (value ?? 0) < 100_000 {
                value = (value ?? 0) * 10 + Int(byte - 0x30)
                rest.removeFirst()
            }
            return value
        }

        /// Reads hours with optional minutes and seconds, as seconds.
        mutating func time() -> Int64? {
            let isNegative = take(UInt8(ascii: "-"))
            if !isNegative { _ = take(UInt8(ascii: "+")) }
            guard let hours = number() else { return nil }
            var seconds = hours * 3600
            for unit in [60, 1] where take(UInt8(ascii: ":")) {
                guard let value = number() else { return nil }
                seconds += value * unit
            }
            return Int64(isNegative ? -seconds : seconds)
        }

        /// Reads a comma and a day with an optional time; without one it is two in the morning.
        mutating func change() -> Change? {
            guard take(UInt8(ascii: ",")) else { return nil }
            let day: Change.Day
            if take(UInt8(ascii: "M")) {
                guard let month = number(), (1...12).contains(month), take(UInt8(ascii: ".")), let week = number(), (1...5).contains(week),
                    take(UInt8(ascii: ".")), let weekday = number(), (0...6).contains(weekday)
                else { return nil }
                day = .weekday(month: month, week: week, day: weekday)
            } else if take(UInt8(ascii: "J")) {
                guard let number = number(), (1...365).contains(number) else { return nil }
                day = .fixed(number)
            } else {
                guard let number = number(), (0...365).contains(number) else { return nil }
                day = .ordinal(number)
            }
            guard take(UInt8(ascii: "/")) else { return Change(day: day, time: 7200) }
            return time().map { Change(day: day, time: $0) }
        }
    }
}
