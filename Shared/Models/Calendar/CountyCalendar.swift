/// Answers which days are worked, and counts them, in logarithmic time.
///
/// Working days are weekdays, minus holidays, plus make-up working days, corrected by the county's own overlays. A year
/// without a published notice is plain weekdays, and everything that reaches into it is provisional.
public struct CountyCalendar: Sendable {
    public let offsets: UTCOffsets
    /// The parts of a working day that count for terms in working hours, ascending and apart.
    public let workingHours: [WorkingHours]
    private let publishedYears: Set<Int>
    /// The days that something is known of, ascending.
    private let knownDays: [Int]
    private let kinds: [DayKind]
    private let labels: [LocalizedText?]
    /// After each known day: how many more working days there were up to it than weekdays.
    private let surplus: [Int]

    /// Builds the calendar; of two statements about one day the overlay wins, then the make-up day, then the holiday.
    public init(years: [CalendarYear], overlays: [CalendarOverlay], workingHours: [WorkingHours], offsets: UTCOffsets) {
        var known: [Int: (kind: DayKind, label: LocalizedText?)] = [:]
        for year in years {
            for holiday in year.holidays where holiday.first <= holiday.last {
                for day in holiday.first.dayNumber...holiday.last.dayNumber { known[day] = (.holiday, holiday.name) }
            }
        }
        for date in years.flatMap(\.makeUpDays) { known[date.dayNumber] = (.makeUp, nil) }
        for overlay in overlays {
            known[overlay.date.dayNumber] = (overlay.isWorking ? .localWorking : .localOff, overlay.reason)
        }
        var (days, kinds, labels, surplus, sum) = ([Int](), [DayKind](), [LocalizedText?](), [Int](), 0)
        for (day, what) in known.sorted(by: { $0.key < $1.key }) {
            let isWeekday = !Weekday(dayNumber: day).isWeekend
            sum += (what.kind.isWorking ? 1 : 0) - (isWeekday ? 1 : 0)
            days.append(day)
            kinds.append(what.kind)
            labels.append(what.label)
            surplus.append(sum)
        }
        (knownDays, self.kinds, self.labels, self.surplus) = (days, kinds, labels, surplus)
        self.offsets = offsets
        self.workingHours = workingHours
        publishedYears = Set(years.filter(\.isPublished).map(\.year))
    }

    public func day(_ date: LocalDate) -> CalendarDay {
        let index = knownCount(through: date.dayNumber) - 1
        let isProvisional = !publishedYears.contains(date.year)
        if index >= 0, knownDays[index] == date.dayNumber {
            return CalendarDay(date: date, kind: kinds[index], label: labels[index], isProvisional: isProvisional)
        }
        return CalendarDay(date: date, kind: date.weekday.isWeekend ? .weekend : .working, label: nil, isProvisional: isProvisional)
    }

    public func isWorkingDay(_ date: LocalDate) -> Bool { workingDays(through: date) > workingDays(through: date - 1) }

    /// How many working days lie after `start`, up to and including `end`; negative when `end` comes first.
    public func workingDays(after start: LocalDate, through end: LocalDate) -> Int {
        workingDays(through: end) - workingDays(through: start)
    }

    /// The working day that is the `count`th after `start`; `start` itself for a count of zero or less.
    public func workingDay(_ count: Int, after start: LocalDate) -> LocalDate {
        guard count > 0 else { return start }
        let wanted = workingDays(through: start) + count
        var (low, width) = (start, count + 8)
        while workingDays(through: low + width) < wanted {
            low = low + width
            width *= 2
        }
        var high = low + width
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if workingDays(through: middle) < wanted { low = middle } else { high = middle }
        }
        return high
    }

    /// Whether a statement about the days from `first` to `last` rests on a year whose notice is not out.
    public func isProvisional(from first: LocalDate, through last: LocalDate) -> Bool {
        first <= last && !(first.year...last.year).allSatisfy(publishedYears.contains)
    }

    /// Working days up to and including a day, counted from an origin that does not matter.
    private func workingDays(through date: LocalDate) -> Int {
        // Day 0 was a Thursday, so day −3 was a Monday.
        let (weeks, rest) = Instant.floorDivide(Int64(date.dayNumber) + 4, 7)
        let known = knownCount(through: date.dayNumber)
        return Int(weeks * 5 + min(rest, 5)) + (known == 0 ? 0 : surplus[known - 1])
    }

    /// How many of the known days are not after `day`.
    private func knownCount(through day: Int) -> Int {
        var (low, high) = (0, knownDays.count)
        while low < high {
            let middle = (low + high) / 2
            if knownDays[middle] <= day { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
