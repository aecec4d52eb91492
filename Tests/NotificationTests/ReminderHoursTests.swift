import Models
import TestSupport
import Testing

@testable import Notification

@Suite("When reminders go out")
struct ReminderHoursTests {
    private func county() throws -> CountyIndex {
        var definition = TestCounty.whole()
        definition.workingHours = [WorkingHours(opens: 9 * 3600, closes: 17 * 3600)]
        definition.quietHours = QuietHours(from: 21 * 3600, until: 8 * 3600)
        return try CountyIndex(definition)
    }

    @Test("Units are urged in working hours, and petitioners not at night; an emergency waits for nothing")
    func hours() throws {
        let county = try county()
        let offsets = county.calendar.offsets
        // A Friday.
        let day = try #require(LocalDate("2026-11-27"))
        func at(_ date: LocalDate, _ hour: Int64) -> Instant { offsets.instant(date, .seconds(hour * 3600)) }
        let (morning, noon, night) = (at(day, 7), at(day, 12), at(day, 23))

        func release(
            _ template: TemplateID, _ urgency: Urgency, _ instant: Instant, to recipient: NoticeRecipient = .petitioner
        ) -> Instant? {
            ReminderHours(template, to: recipient, urgency: urgency)?.release(of: instant, in: county)
        }
        for template in [TemplateID.warned, .passed, .supervised] {
            #expect(release(template, .ordinary, noon) == noon)
            #expect(release(template, .urgent, morning) == at(day, 9))
            #expect(release(template, .ordinary, night) == at(day + 3, 9))
            #expect(release(template, .emergency, night) == nil)
        }
        for template in [TemplateID.delayed, .rescheduled, .answered, .closed] {
            #expect(release(template, .ordinary, noon) == noon)
            #expect(release(template, .ordinary, night) == at(day + 1, 8))
            #expect(release(template, .emergency, night) == nil)
        }
        #expect(release(.receipt, .ordinary, night) == nil)
        // An office has its work at once; whoever works there is not woken.
        #expect(release(.assigned, .ordinary, night, to: .unit(TestCounty.roads)) == nil)
        #expect(release(.assigned, .ordinary, night, to: .person(PersonCode(validated: "roads-1"))) == at(day + 1, 8))
        #expect(release(.assigned, .emergency, night, to: .person(PersonCode(validated: "roads-1"))) == nil)
    }
}
