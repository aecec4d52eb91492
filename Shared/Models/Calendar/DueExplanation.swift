/// A day between the start of a term and its due date, with what it did to the count.
public struct CountedDay: Sendable, Hashable {
    public let day: CalendarDay
    /// The how many-th day of the term this is; nil for a day that does not count.
    public let ordinal: Int?
    public let reason: LocalizedText

    public var date: LocalDate { day.date }
    public var isCounted: Bool { ordinal != nil }
}

/// The days of a term in days, one by one, from the start day to the due date; made as it is walked.
///
/// A term in hours has no days to explain, so its explanation is the start day alone.
public struct DueExplanation: Sequence, Sendable {
    public let due: DueDate
    public let calendar: CountyCalendar

    public init(_ due: DueDate, calendar: CountyCalendar) {
        self.due = due
        self.calendar = calendar
    }

    public func makeIterator() -> Iterator { Iterator(due: due, calendar: calendar) }

    public struct Iterator: IteratorProtocol {
        let due: DueDate
        let calendar: CountyCalendar
        private var offset = 0
        private var count = 0

        init(due: DueDate, calendar: CountyCalendar) {
            self.due = due
            self.calendar = calendar
        }

        public mutating func next() -> CountedDay? {
            let date = due.start + offset
            let inDays = due.term.unit == .day || due.term.unit == .workday
            guard offset == 0 || inDays && date <= due.date else { return nil }
            defer { offset += 1 }
            let day = calendar.day(date)
            if offset == 0 {
                return CountedDay(day: day, ordinal: nil, reason: LocalizedText(zh: "起始日不计", en: "the start day is not counted"))
            }
            if date > due.countedLast {
                let reason =
                    date == due.date
                    ? LocalizedText(zh: "顺延至该工作日", en: "the term is moved to this working day")
                    : LocalizedText(zh: "顺延：\(day.reason.zh)", en: "passed over: \(day.reason.en)")
                return CountedDay(day: day, ordinal: nil, reason: reason)
            }
            guard due.term.unit == .day || day.kind.isWorking else { return CountedDay(day: day, ordinal: nil, reason: day.reason) }
            count += 1
            return CountedDay(day: day, ordinal: count, reason: day.reason)
        }
    }
}
