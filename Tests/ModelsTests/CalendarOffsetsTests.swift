import Models
import Testing

@Suite struct CalendarOffsetsTests {
    /// A zone that skips the hour after midnight on 10 April 2026 and repeats the hour before midnight of 20 October 2026.
    private func shifting() throws -> UTCOffsets {
        let spring = Int64(try CalendarFixture.date("2026-04-10").dayNumber) * 86_400 - 7200
        let autumn = Int64(try CalendarFixture.date("2026-10-20").dayNumber) * 86_400 + 86_400 - 10_800
        return try #require(UTCOffsets(zone: "Test/Shifting", beginnings: [0, spring, autumn], seconds: [7200, 10_800, 7200]))
    }

    @Test("A day whose first hour is skipped begins with the change")
    func skipped() throws {
        let offsets = try shifting()
        let date = try CalendarFixture.date("2026-04-10")

        #expect(offsets.instant(date) == Instant("2026-04-09T22:00:00Z"))
        #expect(offsets.endOfDay(date - 1) == Instant("2026-04-09T21:59:59.999999Z"))
        #expect(offsets.date(at: offsets.instant(date)) == date)
    }

    @Test("A day whose last hour is repeated ends with the second one")
    func repeated() throws {
        let offsets = try shifting()
        let date = try CalendarFixture.date("2026-10-20")

        #expect(offsets.endOfDay(date) == Instant("2026-10-20T21:59:59.999999Z"))
        #expect(offsets.date(at: offsets.endOfDay(date)) == date)
        #expect(offsets.date(at: offsets.endOfDay(date) + .microseconds(1)) == date + 1)
    }

    @Test("Every instant lies between the beginning and the end of its own day")
    func contains() throws {
        let offsets = try shifting()
        let start = Int64(LocalDate(yearStart: 2026).dayNumber) * 86_400_000_000
        for step in Int64(0)..<(366 * 24 * 2) {
            let instant = Instant(microseconds: start + step * 1_800_000_000)
            let date = offsets.date(at: instant)
            #expect(instant <= offsets.endOfDay(date) && instant > offsets.endOfDay(date - 1) || date.description == "2026-10-20")
        }
    }

    @Test("Tables that are no tables are refused")
    func refuses() {
        #expect(UTCOffsets(zone: "X", beginnings: [], seconds: []) == nil)
        #expect(UTCOffsets(zone: "X", beginnings: [0, 0], seconds: [0, 0]) == nil)
        #expect(UTCOffsets(zone: "X", beginnings: [0], seconds: [0, 0]) == nil)
        #expect(UTCOffsets(zone: "X", beginnings: [0], seconds: [90_000]) == nil)
    }

    @Test("What waits for working hours goes out within them, and else as the next ones begin")
    func opening() throws {
        let holiday = Holiday(
            name: LocalizedText(zh: "劳动节", en: "Labour Day"), first: try CalendarFixture.date("2026-05-01"),
            last: try CalendarFixture.date("2026-05-05"))
        let utc = try #require(UTCOffsets(zone: "UTC", beginnings: [0], seconds: [0]))
        let calendar = CountyCalendar(
            years: [
                CalendarYear(
                    year: 2026, isPublished: true, notice: "", holidays: [holiday], makeUpDays: [try CalendarFixture.date("2026-05-09")])
            ], overlays: [],
            workingHours: [WorkingHours(opens: 9 * 3600, closes: 12 * 3600), WorkingHours(opens: 14 * 3600, closes: 18 * 3600)],
            offsets: utc)
        for (asked, opens) in [
            ("2026-04-30T09:00:00Z", "2026-04-30T09:00:00Z"), ("2026-04-30T08:59:59Z", "2026-04-30T09:00:00Z"),
            ("2026-04-30T12:00:00Z", "2026-04-30T14:00:00Z"), ("2026-04-30T18:00:00Z", "2026-05-06T09:00:00Z"),
            ("2026-05-08T23:00:00Z", "2026-05-09T09:00:00Z"), ("2026-05-09T15:30:00Z", "2026-05-09T15:30:00Z"),
            ("2026-05-10T15:30:00Z", "2026-05-11T09:00:00Z"),
        ] { #expect(calendar.opening(notBefore: try #require(Instant(asked))) == Instant(opens), "\(asked)") }
        let never = CountyCalendar(years: [], overlays: [], workingHours: [], offsets: utc)
        let noon = try #require(Instant("2026-05-10T12:00:00Z"))
        #expect(never.opening(notBefore: noon) == noon)
    }

    @Test("Quiet hours over midnight hold a notice until the morning")
    func quietHours() throws {
        let offsets = try CalendarFixture.shanghai()
        let quiet = QuietHours(from: 21 * 3600, until: 8 * 3600)
        let morning = try #require(Instant("2026-03-02T00:00:00Z"))

        #expect(quiet.release(of: try #require(Instant("2026-03-01T13:00:00Z")), offsets: offsets) == morning)
        #expect(quiet.release(of: try #require(Instant("2026-03-01T20:00:00Z")), offsets: offsets) == morning)
        #expect(quiet.release(of: morning, offsets: offsets) == morning)
        let noon = try #require(Instant("2026-03-02T04:00:00Z"))
        #expect(quiet.release(of: noon, offsets: offsets) == noon)
    }
}
