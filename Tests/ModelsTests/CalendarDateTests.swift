import Foundation
import Models
import Testing

@Suite struct CalendarDateTests {
    @Test("Every day from 1600 to 2400 has the date and weekday that counting forward gives")
    func countsForward() throws {
        let first = try CalendarFixture.date("1600-01-01")
        var (year, month, day, weekday) = (1600, 1, 1, 6)
        var failures = 0
        for number in first.dayNumber..<LocalDate(yearStart: 2400).dayNumber {
            let date = LocalDate(dayNumber: number)
            if (date.year, date.month, date.day, date.weekday.rawValue) != (year, month, day, weekday) { failures += 1 }
            if LocalDate(year: year, month: month, day: day) != date { failures += 1 }
            let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
            let length = month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
            (day, weekday) = (day + 1, weekday % 7 + 1)
            if day > length { (day, month) = (1, month + 1) }
            if month > 12 { (month, year) = (1, year + 1) }
        }
        #expect(failures == 0)
    }

    @Test(
        "Dates that do not exist are refused",
        arguments: [
            "2026-02-29", "2026-02-30", "1900-02-29", "2026-13-01", "2026-00-01", "2026-04-31", "2026-01-00", "0000-01-01", "2026-1-01",
            "2026/01/01", "2026-01-01 ", "", "２０２６-01-01", "-026-01-01", "+026-01-01", "2026-01-01T00:00:00Z",
        ])
    func refuses(_ text: String) {
        #expect(LocalDate(text) == nil)
    }

    @Test("A date survives its text and its JSON", arguments: ["0001-01-01", "1969-12-31", "1970-01-01", "2024-02-29", "9999-12-31"])
    func survives(_ text: String) throws {
        let date = try CalendarFixture.date(text)

        #expect(date.description == text)
        #expect(try JSONDecoder().decode([LocalDate].self, from: JSONEncoder().encode([date])) == [date])
    }

    @Test("Adding days and taking the difference are inverse")
    func adds() throws {
        let date = try CalendarFixture.date("2026-02-27")

        #expect((date + 2).description == "2026-03-01")
        #expect((date - 58).description == "2025-12-31")
        #expect((date + 400) - date == 400)
    }
}
