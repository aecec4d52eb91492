import CaseFlow
import Models
import ServiceKit
import TestSupport
import Testing

@testable import Routing

@Suite("The calendar of what a unit owes")
struct DueCalendarTests {
    private let subject = Subject(UniqueID(high: 0x0193_0000_0000_7000, low: 0x8000_0000_0000_0001))

    /// A case at a unit with four clocks: one of the case, one of a helping unit, a right, and one that stands still.
    private func state(in county: CountyIndex) throws -> RoutingState {
        let now = try #require(Instant("2026-03-02T02:00:00Z"))
        let facts = CaseRegistered(
            number: "20260302-000001-0", kind: .claim, channel: .web, urgency: .ordinary, title: "secret", narrative: "secret", topic: nil,
            region: nil, occurred: nil, anonymous: true, petitioners: [], registered: now, receipt: "")
        let event = try CaseEvent(
            id: EventID(subject.raw), source: .intake, subject: subject, type: CaseRegistered.type, version: CaseRegistered.version,
            time: now, sequence: 1, after: SourcePositions(), county: county.version, traceparent: nil, stating: facts)
        func clock(
            _ name: ClockName, _ due: Instant, isRight: Bool = false, unit: UnitCode? = nil, isPaused: Bool = false
        ) -> RoutingState.RunningClock {
            .init(name: name, serial: 1, due: due, isRight: isRight, unit: unit, isPaused: isPaused)
        }
        let offsets = county.calendar.offsets
        let day = offsets.endOfDay(try #require(LocalDate("2026-03-17")))
        return RoutingState(
            number: facts.number, title: facts.title, channel: .web, region: nil, registered: now, county: county.version,
            life: CaseLife(event, facts, in: county), assignment: nil,
            clocks: [
                clock(.dispose, day), clock(.coHandle, day - .seconds(3600), unit: TestCounty.works),
                clock(.objection, day, isRight: true), clock(.inform, day, isPaused: true),
            ])
    }

    private func lines(of unit: UnitCode, _ language: Language = .en) throws -> [String] {
        let county = try CountyIndex(TestCounty.whole())
        let calendar = DueCalendar(unit: unit, county: county, language: language)
            .calendar(of: [(subject, try state(in: county))]) { _ in county }
        return String(decoding: calendar.bytes, as: UTF8.self).replacing("\r\n ", with: "").split(separator: "\r\n").map(String.init)
    }

    @Test("names what the unit of the case owes by its day, and nothing of rights, pauses and what was written")
    func lead() throws {
        let lines = try lines(of: TestCounty.desk)

        #expect(lines.count { $0 == "BEGIN:VEVENT" } == 1)
        #expect(lines.contains("DTSTART;VALUE=DATE:20260317"))
        #expect(lines.contains { $0.hasPrefix("UID:\(subject)-dispose-1@") })
        #expect(lines.contains { $0.hasPrefix("SUMMARY:") && $0.hasSuffix("20260302-000001-0") })
        #expect(!lines.contains { $0.contains("secret") })
        #expect(lines.first == "BEGIN:VCALENDAR" && lines.last == "END:VCALENDAR")
    }

    @Test("names to the second what a helping unit owes within a day")
    func helping() throws {
        let lines = try lines(of: TestCounty.works, .zh)

        #expect(lines.filter { $0.hasPrefix("DTSTART") }.count == 1)
        #expect(lines.contains { $0.hasPrefix("DTSTART:202603") && $0.hasSuffix("5959Z") }, "\(lines)")
    }
}
