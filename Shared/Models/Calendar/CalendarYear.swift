/// One year's holidays and make-up working days (调休), as the State Council announces them.
public struct CalendarYear: Codable, Sendable, Hashable {
    public var year: Int
    /// Whether the notice is out; due dates that reach into a year without one are provisional.
    public var isPublished: Bool
    /// The title of the notice, for whoever wants to check.
    public var notice: String
    public var holidays: [Holiday]
    /// Weekend days that are worked in exchange for days off.
    public var makeUpDays: [LocalDate]

    public init(year: Int, isPublished: Bool, notice: String, holidays: [Holiday], makeUpDays: [LocalDate]) {
        self.year = year
        self.isPublished = isPublished
        self.notice = notice
        self.holidays = holidays
        self.makeUpDays = makeUpDays
    }
}

/// A run of days off with one name, both ends included.
public struct Holiday: Codable, Sendable, Hashable {
    public var name: LocalizedText
    public var first: LocalDate
    public var last: LocalDate

    public init(name: LocalizedText, first: LocalDate, last: LocalDate) {
        self.name = name
        self.first = first
        self.last = last
    }
}

/// A day that is different in this county only: a local festival, a flood, an extra day of work.
public struct CalendarOverlay: Codable, Sendable, Hashable {
    public var date: LocalDate
    public var isWorking: Bool
    public var reason: LocalizedText

    public init(date: LocalDate, isWorking: Bool, reason: LocalizedText) {
        self.date = date
        self.isWorking = isWorking
        self.reason = reason
    }
}

/// A part of a working day that counts for terms in working hours, in seconds from the beginning of the day.
public struct WorkingHours: Codable, Sendable, Hashable {
    public var opens: Int
    public var closes: Int

    public init(opens: Int, closes: Int) {
        self.opens = opens
        self.closes = closes
    }
}
