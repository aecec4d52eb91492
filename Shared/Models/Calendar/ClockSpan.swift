/// A term as it is really counted: with what was added to it (延期) and what of its time does not count (中止).
///
/// Its due date follows from this and a calendar alone, so it can be counted again whenever the calendar changes.
public struct ClockSpan: Sendable, Hashable {
    /// Time that does not count: not the days after that of its beginning up to that of its end, and in hours not a microsecond of it.
    public struct Pause: Sendable, Hashable {
        public var from: Instant
        public var until: Instant

        public init(from: Instant, until: Instant) {
            self.from = from
            self.until = until
        }
    }

    /// The instant the term is counted from; its local date is the start day, which does not count.
    public var from: Instant
    public var term: Term
    /// What happens when the last day of all is no working day.
    public var roll: DueRoll
    /// What was added, each counted from the end of what was there before.
    public var extensions: [Term]
    /// In the order of time, without overlaps.
    public var pauses: [Pause]

    public init(from: Instant, term: Term, roll: DueRoll, extensions: [Term] = [], pauses: [Pause] = []) {
        self.from = from
        self.term = term
        self.roll = roll
        self.extensions = extensions
        self.pauses = pauses
    }
}

/// When a span ends.
public struct SpanEnd: Sendable, Hashable {
    public let at: Instant
    /// The local date of that instant.
    public let date: LocalDate
    /// Whether a day that it rests on lies in a year whose holiday notice is not out.
    public let isProvisional: Bool

    public init(at: Instant, date: LocalDate, isProvisional: Bool) {
        self.at = at
        self.date = date
        self.isProvisional = isProvisional
    }
}

extension CountyCalendar {
    /// A stretch of a span that is counted in one unit.
    private struct Stretch {
        var start: Instant
        var term: Term
        var end: Instant
        var pauses: [ClockSpan.Pause] = []
    }

    /// The end of a span.
    public func end(of span: ClockSpan) -> SpanEnd {
        let stretches = stretches(of: span)
        var isProvisional = stretches.contains { stretch in
            let (first, last) = (offsets.date(at: stretch.start), offsets.date(at: stretch.end))
            return switch stretch.term.unit {
            case .workday: self.isProvisional(from: min(first + 1, last), through: last)
            case .workhour: self.isProvisional(from: first, through: last)
            case .day, .hour: false
            }
        }
        guard let last = stretches.last else { return SpanEnd(at: span.from, date: offsets.date(at: span.from), isProvisional: false) }
        let counted = offsets.date(at: last.end)
        guard span.roll == .nextWorkday, last.term.unit == .day || last.term.unit == .workday else {
            return SpanEnd(at: last.end, date: counted, isProvisional: isProvisional)
        }
        let date = min(isWorkingDay(counted) ? counted : workingDay(1, after: counted), .last)
        isProvisional = isProvisional || self.isProvisional(from: counted, through: date)
        return SpanEnd(at: offsets.endOfDay(date), date: date, isProvisional: isProvisional)
    }

    /// The days of a span one by one, from the start day to the due date, with what each did to the count.
    ///
    /// Stretches in hours have no days to count; of them only the days of pauses are told.
    public func explanation(of span: ClockSpan) -> [CountedDay] {
        let stretches = stretches(of: span)
        let start = day(offsets.date(at: span.from))
        var days = [CountedDay(day: start, ordinal: nil, reason: LocalizedText(zh: "起始日不计", en: "the start day is not counted"))]
        for (place, stretch) in stretches.enumerated() where stretch.term.unit == .day || stretch.term.unit == .workday {
            var (date, count) = (offsets.date(at: stretch.start) + 1, 0)
            let last = offsets.date(at: stretch.end)
            while date <= last {
                days.append(counted(date, in: stretch, isExtension: place > 0, &count))
                date = date + 1
            }
        }
        let (end, counted) = (end(of: span), stretches.last.map { offsets.date(at: $0.end) } ?? start.date)
        var date = counted + 1
        while date <= end.date, counted < end.date {
            let day = day(date)
            let reason =
                date == end.date
                ? LocalizedText(zh: "顺延至该工作日", en: "the term is moved to this working day")
                : LocalizedText(zh: "顺延：\(day.reason.zh)", en: "passed over: \(day.reason.en)")
            days.append(CountedDay(day: day, ordinal: nil, reason: reason))
            date = date + 1
        }
        return days
    }

    private func counted(_ date: LocalDate, in stretch: Stretch, isExtension: Bool, _ count: inout Int) -> CountedDay {
        let day = day(date)
        let isPaused = stretch.pauses.contains { offsets.date(at: $0.from) < date && date <= offsets.date(at: $0.until) }
        if isPaused { return CountedDay(day: day, ordinal: nil, reason: LocalizedText(zh: "中止计时", en: "the clock is paused")) }
        guard stretch.term.unit == .day || day.kind.isWorking else { return CountedDay(day: day, ordinal: nil, reason: day.reason) }
        count += 1
        guard isExtension else { return CountedDay(day: day, ordinal: count, reason: day.reason) }
        return CountedDay(
            day: day, ordinal: count, reason: LocalizedText(zh: "延期：\(day.reason.zh)", en: "of the extension: \(day.reason.en)"))
    }

    private func stretches(of span: ClockSpan) -> [Stretch] {
        var (stretches, pauses, start) = ([Stretch](), span.pauses[...], span.from)
        for term in [span.term] + span.extensions {
            var stretch = Stretch(start: start, term: term, end: due(from: start, term: term).at)
            while let pause = pauses.first, pause.from <= stretch.end {
                stretch.end = moved(stretch.end, by: pause, term.unit)
                stretch.pauses.append(pause)
                pauses.removeFirst()
            }
            stretches.append(stretch)
            start = stretch.end
        }
        return stretches
    }

    /// Where an end lies when what was owed at the beginning of a pause is owed from the end of the pause on.
    private func moved(_ end: Instant, by pause: ClockSpan.Pause, _ unit: TermUnit) -> Instant {
        guard pause.until > pause.from else { return end }
        let (stopped, resumed) = (offsets.date(at: pause.from), offsets.date(at: pause.until))
        switch unit {
        case .day: return offsets.endOfDay(min(offsets.date(at: end) + (resumed - stopped), .last))
        case .workday:
            let owed = max(0, workingDays(after: stopped, through: offsets.date(at: end)))
            return offsets.endOfDay(min(owed == 0 ? max(resumed, offsets.date(at: end)) : workingDay(owed, after: resumed), .last))
        case .hour: return end + .microseconds(pause.until.microseconds - pause.from.microseconds)
        case .workhour: return afterWorking(workingTime(from: pause.from, to: end), from: pause.until)
        }
    }
}
