import Models
import TestModels
import Testing

@Suite struct CalendarDueTests {
    @Test(
        "Terms end where the notices put them",
        arguments: [
            ("2025-01-24", 3, TermUnit.workday, DueRoll.none, "2025-02-05", false),
            ("2025-09-28", 5, .workday, .none, "2025-10-11", false),
            ("2026-12-30", 5, .workday, .none, "2027-01-06", true),
            ("2026-12-30", 1, .workday, .none, "2026-12-31", false),
            ("2025-01-20", 15, .day, .none, "2025-02-04", false),
            ("2025-01-20", 15, .day, .nextWorkday, "2025-02-05", false),
            ("2026-12-20", 60, .day, .none, "2027-02-18", false),
            ("2026-12-20", 60, .day, .nextWorkday, "2027-02-18", true),
            ("2024-12-31", 1, .workday, .none, "2025-01-02", false),
            ("2024-12-30", 1, .workday, .none, "2024-12-31", true),
        ])
    func examples(_ start: String, _ count: Int, _ unit: TermUnit, _ roll: DueRoll, _ expected: String, _ isProvisional: Bool) throws {
        let due = try CalendarFixture.calendar().due(from: CalendarFixture.date(start), term: Term(count, unit), roll: roll)

        #expect(due.date.description == expected)
        #expect(due.isProvisional == isProvisional)
    }

    @Test("A term in days is due in the last microsecond of its last local day")
    func endOfDay() throws {
        let calendar = try CalendarFixture.calendar()
        // Half past midnight of 21 January in the county, still the 20th in UTC.
        let start = try #require(Instant("2025-01-20T16:30:00Z"))

        let due = calendar.due(from: start, term: Term(15, .day))

        #expect(due.start.description == "2025-01-21")
        #expect(due.at == Instant("2025-02-05T15:59:59.999999Z"))
        #expect(calendar.offsets.date(at: due.at) == due.date)
    }

    @Test("Hours run day and night, working hours only in working hours")
    func hours() throws {
        let calendar = try CalendarFixture.calendar()
        // 17:00 on the last working day before the National Day week of 2026.
        let start = try #require(Instant("2026-09-30T09:00:00Z"))

        #expect(calendar.due(from: start, term: Term(24, .hour)).at == Instant("2026-10-01T09:00:00Z"))
        #expect(calendar.due(from: start, term: Term(1, .workhour)).at == Instant("2026-09-30T10:00:00Z"))
        #expect(calendar.due(from: start, term: Term(2, .workhour)).at == Instant("2026-10-08T02:00:00Z"))
        #expect(calendar.due(from: start, term: Term(5, .workhour)).at == Instant("2026-10-08T06:00:00Z"))
        #expect(calendar.due(from: start, term: Term(9, .workhour)).at == Instant("2026-10-08T10:00:00Z"))
        #expect(calendar.due(from: start, term: Term(10, .workhour)).at == Instant("2026-10-09T02:00:00Z"))
    }

    @Test("Working hours counted at once agree with working hours counted minute by minute")
    func workingHoursAgree() throws {
        let calendar = try CalendarFixture.calendar()
        var numbers = SeededRandom(seed: 7)
        for _ in 0..<40 {
            let start = Instant(microseconds: 1_758_000_000_000_000 + Int64.random(in: 0..<40_000, using: &numbers) * 60_000_000)
            let count = Int.random(in: 1...30, using: &numbers)
            var (at, left) = (start, count * 60)
            while left > 0 {
                let date = calendar.offsets.date(at: at)
                let minute = calendar.offsets.timeOfDay(at: at).wholeMicroseconds / 60_000_000
                let isOpen = (540..<720).contains(minute) || (780..<1080).contains(minute)
                if calendar.day(date).kind.isWorking, isOpen { left -= 1 }
                at = at + .seconds(60)
            }

            #expect(calendar.due(from: start, term: Term(count, .workhour)).at == at, "\(count) from \(start)")
        }
    }

    @Test("Whatever the start, a term in working days ends on a working day with exactly that many working days in between")
    func properties() throws {
        let calendar = try CalendarFixture.calendar()
        var numbers = SeededRandom(seed: 2026)
        for _ in 0..<3000 {
            let start = LocalDate(yearStart: 2024) + Int.random(in: 0..<1500, using: &numbers)
            let count = Int.random(in: 1...250, using: &numbers)

            let due = calendar.due(from: start, term: Term(count, .workday))
            let rolled = calendar.due(from: start, term: Term(count, .day), roll: .nextWorkday)

            #expect(due.date > start && calendar.isWorkingDay(due.date))
            #expect(calendar.workingDays(after: start, through: due.date) == count)
            #expect(calendar.due(from: start, term: Term(count + 1, .workday)).date > due.date)
            #expect(calendar.due(from: start + 1, term: Term(count, .workday)).date >= due.date)
            #expect(rolled.countedLast == start + count && rolled.date >= rolled.countedLast && calendar.isWorkingDay(rolled.date))
            #expect(calendar.workingDays(after: rolled.countedLast - 1, through: rolled.date) == 1)
        }
    }

    @Test("The explanation counts every day once, and as many as the term has")
    func explanation() throws {
        let calendar = try CalendarFixture.calendar()
        var numbers = SeededRandom(seed: 99)
        for _ in 0..<200 {
            let start = LocalDate(yearStart: 2025) + Int.random(in: 0..<700, using: &numbers)
            let term = Term(Int.random(in: 1...60, using: &numbers), Bool.random(using: &numbers) ? .day : .workday)
            let due = calendar.due(from: start, term: term, roll: Bool.random(using: &numbers) ? .none : .nextWorkday)

            let days = Array(DueExplanation(due, calendar: calendar))

            #expect(days.map(\.date) == (0...(due.date - start)).map { start + $0 })
            #expect(days.compactMap(\.ordinal) == Array(1...term.count))
            #expect(days.first?.isCounted == false && days.last?.date == due.date)
            #expect(days.allSatisfy { !$0.reason.zh.isEmpty && !$0.reason.en.isEmpty })
        }
    }

    @Test("The explanation of a term over the Spring Festival names the festival and the make-up Sunday")
    func explainsFestival() throws {
        let calendar = try CalendarFixture.calendar()
        let due = calendar.due(from: try CalendarFixture.date("2025-01-24"), term: Term(3, .workday))

        let days = Array(DueExplanation(due, calendar: calendar))

        #expect(days.map(\.ordinal) == [nil, nil, 1, 2, nil, nil, nil, nil, nil, nil, nil, nil, 3])
        #expect(days[0].reason.en == "the start day is not counted")
        #expect(days[1].reason.en == "weekend")
        #expect(days[2].reason.en == "make-up working day")
        #expect(days[4].reason.en == "holiday: festival")
    }

    @Test("A term of a hundred thousand working days is counted without walking them")
    func farAway() throws {
        let calendar = try CalendarFixture.calendar()
        let start = LocalDate(yearStart: 2026)

        for count in stride(from: 1, through: 100_000, by: 7) {
            let due = calendar.due(from: start, term: Term(count, .workday))
            #expect(calendar.workingDays(after: start, through: due.date) == count)
        }
    }
}
