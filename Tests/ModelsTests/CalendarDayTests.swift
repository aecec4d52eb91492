import Models
import Testing

@Suite struct CalendarDayTests {
    @Test("Every day from 2024 to 2027 is what the notices say")
    func everyDay() throws {
        let calendar = try CalendarFixture.calendar()
        let off = try CalendarFixture.off()
        let worked = Set(try CalendarFixture.workedDays.map(CalendarFixture.date))

        for number in LocalDate(yearStart: 2024).dayNumber..<LocalDate(yearStart: 2028).dayNumber {
            let day = calendar.day(LocalDate(dayNumber: number))
            let isWeekend = (number + 3) % 7 >= 5
            let expected: DayKind =
                worked.contains(day.date) ? .makeUp : off.contains(day.date) ? .holiday : isWeekend ? .weekend : .working
            #expect(day.kind == expected, "\(day.date)")
            #expect(calendar.isWorkingDay(day.date) == expected.isWorking, "\(day.date)")
            #expect(day.isProvisional == (day.date.year != 2025 && day.date.year != 2026), "\(day.date)")
        }
    }

    @Test("2025 has 248 working days and 2026 has 248")
    func yearTotals() throws {
        let calendar = try CalendarFixture.calendar()

        let totals = [2025, 2026].map {
            calendar.workingDays(after: LocalDate(yearStart: $0) - 1, through: LocalDate(yearStart: $0 + 1) - 1)
        }

        #expect(totals == [248, 248])
    }

    @Test("An overlay wins over a notice and over the weekend, and gives its reason")
    func overlay() throws {
        let reason = LocalizedText(zh: "防汛", en: "flood")
        let (monday, holiday) = (try CalendarFixture.date("2026-07-13"), try CalendarFixture.date("2026-10-05"))
        let calendar = try CalendarFixture.calendar(overlays: [
            CalendarOverlay(date: monday, isWorking: false, reason: reason),
            CalendarOverlay(date: holiday, isWorking: true, reason: reason),
        ])

        #expect(calendar.day(monday).kind == .localOff)
        #expect(calendar.day(monday).reason == LocalizedText(zh: "本县放假：防汛", en: "local day off: flood"))
        #expect(calendar.day(holiday).kind == .localWorking)
        #expect(calendar.workingDays(after: monday - 1, through: monday) == 0)
        #expect(calendar.workingDays(after: holiday - 1, through: holiday) == 1)
    }

    @Test("Working days counted at once agree with working days counted one by one, from 2019 to 2032")
    func countsAgree() throws {
        let calendar = try CalendarFixture.calendar()
        let start = LocalDate(yearStart: 2019)
        var count = 0
        for offset in 1..<(LocalDate(yearStart: 2033) - start) {
            let date = start + offset
            if calendar.day(date).kind.isWorking {
                count += 1
                #expect(calendar.workingDay(count, after: start) == date)
            }
            #expect(calendar.workingDays(after: start, through: date) == count)
        }
    }
}
