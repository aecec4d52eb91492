/// By when a term is over, and enough to explain it.
///
/// The start day never counts. A term in days is due at the last microsecond of its last local day; whoever asks whether it
/// has passed compares with `>`.
public struct DueDate: Sendable, Hashable {
    public let start: LocalDate
    public let term: Term
    public let roll: DueRoll
    /// The instant that the term is due at.
    public let at: Instant
    /// The local date of that instant.
    public let date: LocalDate
    /// The last day as counted, before a roll moved it.
    public let countedLast: LocalDate
    /// Whether a day that the result rests on lies in a year whose holiday notice is not out.
    public let isProvisional: Bool
}

extension CountyCalendar {
    /// The end of a term that starts at an instant; the local date of the instant is the start day.
    public func due(from start: Instant, term: Term, roll: DueRoll = .none) -> DueDate {
        let date = offsets.date(at: start)
        switch term.unit {
        case .day, .workday:
            return due(from: date, term: term, roll: roll)
        case .hour:
            return hours(term, from: date, at: start + .seconds(3600 * max(0, term.count)), isProvisional: false)
        case .workhour:
            let at = afterWorking(.seconds(3600 * max(0, term.count)), from: start)
            return hours(term, from: date, at: at, isProvisional: isProvisional(from: date, through: offsets.date(at: at)))
        }
    }

    /// The end of a term that starts on a date; a term in hours starts with the date's first instant.
    public func due(from start: LocalDate, term: Term, roll: DueRoll = .none) -> DueDate {
        let counted: LocalDate
        switch term.unit {
        case .day: counted = start + max(0, term.count)
        case .workday: counted = workingDay(term.count, after: start)
        case .hour, .workhour: return due(from: offsets.instant(start), term: term, roll: roll)
        }
        let rolled = roll == .nextWorkday && !isWorkingDay(counted) ? workingDay(1, after: counted) : counted
        let date = min(rolled, .last)
        let rests: Bool =
            switch (term.unit, roll) {
            case (.workday, _): isProvisional(from: min(start + 1, counted), through: date)
            case (_, .nextWorkday): isProvisional(from: counted, through: date)
            default: false
            }
        return DueDate(
            start: start, term: term, roll: roll, at: offsets.endOfDay(date), date: date, countedLast: counted, isProvisional: rests)
    }

    private func hours(_ term: Term, from start: LocalDate, at: Instant, isProvisional: Bool) -> DueDate {
        let date = offsets.date(at: at)
        return DueDate(
            start: start, term: term, roll: .none, at: at, date: date, countedLast: date, isProvisional: isProvisional)
    }

    /// The first instant of the county's working hours that is not before another; that one itself in a county without any.
    public func opening(notBefore instant: Instant) -> Instant {
        guard let first = workingHours.first else { return instant }
        let date = offsets.date(at: instant)
        if isWorkingDay(date) {
            let time = offsets.timeOfDay(at: instant)
            for hours in workingHours where time < .seconds(hours.closes) {
                return time >= .seconds(hours.opens) ? instant : offsets.instant(date, .seconds(hours.opens))
            }
        }
        return offsets.instant(workingDay(1, after: date), .seconds(first.opens))
    }

    /// How much of the county's working hours lies between two instants; none when the second is not later.
    func workingTime(from start: Instant, to end: Instant) -> Duration {
        let daily = workingHours.reduce(0) { $0 + $1.closes - $1.opens }
        let (first, last) = (offsets.date(at: start), offsets.date(at: end))
        guard daily > 0, start < end else { return .zero }
        /// What of a day's working hours lies before its time of day.
        func before(_ instant: Instant, on date: LocalDate) -> Duration {
            guard isWorkingDay(date) else { return .zero }
            let time = offsets.timeOfDay(at: instant)
            return workingHours.reduce(.zero) { $0 + max(.zero, min(time, .seconds($1.closes)) - .seconds($1.opens)) }
        }
        // Whole days before the last, less what of the first had gone by.
        let whole = workingDays(after: first - 1, through: last - 1)
        return .seconds(whole * daily) - before(start, on: first) + before(end, on: last)
    }

    /// The instant at which so much of the working hours has gone by since `start`.
    func afterWorking(_ time: Duration, from start: Instant) -> Instant {
        let daily = workingHours.reduce(0) { $0 + $1.closes - $1.opens }
        guard daily > 0, time > .zero else { return start }
        var left = time
        var date = offsets.date(at: start)
        if isWorkingDay(date) {
            let now = offsets.timeOfDay(at: start)
            for hours in workingHours where now < .seconds(hours.closes) {
                let opens = max(now, .seconds(hours.opens))
                let open = .seconds(hours.closes) - opens
                if left <= open { return offsets.instant(date, opens + left) }
                left -= open
            }
        }
        // All but the last of the following working days are used up whole.
        let whole = Int((left.wholeMicroseconds - 1) / (Int64(daily) * 1_000_000))
        left -= .seconds(whole * daily)
        date = workingDay(whole + 1, after: date)
        for hours in workingHours {
            let open = Duration.seconds(hours.closes - hours.opens)
            if left <= open { return offsets.instant(date, .seconds(hours.opens) + left) }
            left -= open
        }
        return offsets.endOfDay(date)
    }
}
