import Models
import TestSupport
import Testing

@testable import Operator

@Suite("Calendars at the command line")
struct CalendarCommandTests {
    @Test(
        "Worked examples are counted as the law counts them",
        .enabled(if: SharedData.path("golden-calendar.csv") != nil, SharedData.absence))
    func golden() throws {
        let calendar = try CalendarCommand.county(SampleCounty.directory).calendar()
        let rows = try SharedData.rows("golden-calendar.csv")
        for row in rows {
            let (start, term, unit, roll) = (row["start"] ?? "", row["term"] ?? "", row["unit"] ?? "", row["roll"] ?? "")
            let due = try TermQuestion(start: start, term: term, unit: unit, roll: roll).due(in: calendar)
            #expect(due.date.description == row["due"], "\(row)")
        }
        #expect(rows.count > 5)
    }

    @Test("What is no term is refused in a sentence that says which part")
    func refusals() {
        for (start, term, unit, roll, word) in [
            ("2026-02-30", "3", "day", "none", "start"), ("2026-02-28", "-1", "day", "none", "term"),
            ("2026-02-28", "1", "week", "none", "unit"), ("2026-02-28", "1", "day", "up", "roll"),
            ("2026-02-28", "9999999999999999999", "day", "none", "term"),
        ] {
            let failure = #expect(throws: CommandFailure.self) { try TermQuestion(start: start, term: term, unit: unit, roll: roll) }
            #expect(failure.map { "\($0)".contains(word) } == true)
        }
    }

    private static let feed = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20261001", "DTEND;VALUE=DATE:20261005",
        "SUMMARY:国庆节（休）", "END:VEVENT", "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20261005", "DTEND;VALUE=DATE:20261008", "SUMMARY:国庆节",
        " （休）", "END:VEVENT", "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20261010", "SUMMARY:国庆节（班）", "END:VEVENT", "BEGIN:VEVENT",
        "DTSTART:20261011T090000Z", "SUMMARY:a meeting\\, long", "END:VEVENT", "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20250101", "SUMMARY:元旦",
        "END:VEVENT", "END:VCALENDAR", "",
    ].joined(separator: "\r\n")

    @Test("A feed of holidays becomes a year's file, and what says nothing of it is named")
    func feed() throws {
        let sheet = HolidaySheet(try ICalendarReader.days(in: Self.feed), year: 2026)

        #expect(sheet.holidays.map(\.name) == ["国庆节"] && sheet.makeUpDays.map(\.description) == ["2026-10-10"])
        #expect(sheet.yaml.contains("days: 2026-10-01..2026-10-07}") && sheet.yaml.contains("make-up: [2026-10-10]"))
        #expect(sheet.passedOver.count == 2 && sheet.passedOver[0].contains("a meeting, long"))
    }

    @Test("A file that is no calendar is refused with its line")
    func brokenFeed() {
        for (text, word) in [
            ("nonsense", "line 1"), ("BEGIN:VEVENT\nDTSTART:20260230\nEND:VEVENT", "line 3"), ("BEGIN:VEVENT\nSUMMARY:x", "does not end"),
            ("BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT", "no DTSTART"), ("END:VEVENT", "has not begun"),
            ("BEGIN:VEVENT\nDTSTART:20260102\nDTEND:20260101\nEND:VEVENT", "no date after"),
        ] {
            let failure = #expect(throws: CommandFailure.self) { _ = try ICalendarReader.days(in: text) }
            #expect(failure.map { "\($0)".contains(word) } == true, "\(text)")
        }
    }
}
