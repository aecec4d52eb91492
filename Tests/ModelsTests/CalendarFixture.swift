import Models

/// Calendars that tests count with, written down independently of the files that the repository ships.
enum CalendarFixture {
    static func date(_ text: String) throws -> LocalDate {
        guard let date = LocalDate(text) else { throw FixtureError(text: text) }
        return date
    }

    struct FixtureError: Error {
        var text: String
    }

    /// Eight hours east of UTC, all the time.
    static func shanghai() throws -> UTCOffsets {
        guard let offsets = UTCOffsets(zone: "Asia/Shanghai", beginnings: [0], seconds: [28_800]) else {
            throw FixtureError(text: "offsets")
        }
        return offsets
    }

    static let offDays = [
        "2025-01-01", "2025-01-28..2025-02-04", "2025-04-04..2025-04-06", "2025-05-01..2025-05-05", "2025-05-31..2025-06-02",
        "2025-10-01..2025-10-08", "2026-01-01..2026-01-03", "2026-02-15..2026-02-23", "2026-04-04..2026-04-06",
        "2026-05-01..2026-05-05", "2026-06-19..2026-06-21", "2026-09-25..2026-09-27", "2026-10-01..2026-10-07",
    ]
    static let workedDays = [
        "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11", "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09",
        "2026-09-20", "2026-10-10",
    ]

    static func off() throws -> Set<LocalDate> {
        var days: Set<LocalDate> = []
        for span in offDays {
            let ends = span.split(separator: ".").map(String.init)
            let (first, last) = (try date(ends[0]), try date(ends[ends.count - 1]))
            for offset in 0...(last - first) { days.insert(first + offset) }
        }
        return days
    }

    static func years() throws -> [CalendarYear] {
        try [2025, 2026].map { year in
            let holidays = try offDays.filter { $0.hasPrefix("\(year)") }.map { span -> Holiday in
                let ends = span.split(separator: ".").map(String.init)
                return Holiday(name: LocalizedText(zh: "假", en: "festival"), first: try date(ends[0]), last: try date(ends[ends.count - 1]))
            }
            return CalendarYear(
                year: year, isPublished: true, notice: "notice", holidays: holidays,
                makeUpDays: try workedDays.filter { $0.hasPrefix("\(year)") }.map(date))
        }
    }

    static func calendar(overlays: [CalendarOverlay] = []) throws -> CountyCalendar {
        CountyCalendar(
            years: try years(), overlays: overlays,
            workingHours: [WorkingHours(opens: 9 * 3600, closes: 12 * 3600), WorkingHours(opens: 13 * 3600, closes: 18 * 3600)],
            offsets: try shanghai())
    }
}
