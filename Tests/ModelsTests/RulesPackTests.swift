import Models
import TestModels
import Testing

@Suite struct RulesPackTests {
    @Test("Of the packs that fit, the one with most conditions is chosen, whatever their order", arguments: [false, true])
    func choose(_ isReversed: Bool) throws {
        let packs = [
            try CountyFixture.pack("base"), try CountyFixture.pack("urgent", PackConditions(urgencies: [.emergency])),
            try CountyFixture.pack("phone", PackConditions(kinds: [.inquiry], channels: [.hotline])),
            try CountyFixture.pack(
                "meals", PackConditions(kinds: [.inquiry], channels: [.hotline], topics: [CountyFixture.code("school-fees")])),
        ]
        let index = try CountyIndex(CountyFixture.definition(packs: isReversed ? packs.reversed() : packs))
        func choose(_ kind: CaseKind, _ channel: Channel, _ urgency: Urgency, _ topic: String?) throws -> String {
            index.choosePack(kind: kind, channel: channel, urgency: urgency, topic: try topic.map { try CountyFixture.code($0) }, on: nil)
                .code.text
        }

        #expect(try choose(.claim, .web, .ordinary, nil) == "base")
        #expect(try choose(.claim, .web, .emergency, nil) == "urgent")
        #expect(try choose(.inquiry, .hotline, .ordinary, "road") == "phone")
        #expect(try choose(.inquiry, .hotline, .ordinary, "school-fees-meals") == "meals")
        #expect(try choose(.inquiry, .hotline, .ordinary, "school") == "phone")
    }

    @Test("An event starts the clocks that are meant for the case's kind")
    func clocks() throws {
        let pack = try CountyFixture.pack("base")

        #expect(pack.clocks(startedBy: try CountyFixture.event("case.accepted"), for: .claim).map(\.name) == [.handle])
        #expect(pack.clocks(startedBy: try CountyFixture.event("case.accepted"), for: .inquiry).isEmpty)
        #expect(pack.clocks(startedBy: try CountyFixture.event("case.registered"), for: .inquiry).map(\.name) == [.dispose])
    }

    @Test("A clock that only ends a right keeps no case: nobody is urged under it")
    func owed() throws {
        var pack = try CountyFixture.pack("base")
        #expect(pack.keepsClock(for: .claim) && pack.eventsWithoutClock(for: .claim) == ["review.requested", "final-review.requested"])

        let dispose = try #require(pack.clocks.firstIndex { $0.name == .dispose })
        pack.clocks[dispose].endsWith.append(try CountyFixture.event("case.assigned"))
        #expect(!pack.keepsClock(for: .claim), "after the assignment only the time to object would run")
        pack.clocks[dispose].endsWith.removeLast()
        pack.clocks[dispose].lapses = true
        #expect(!pack.keepsClock(for: .claim))
        pack.clocks[dispose].lapses = false

        let handle = try #require(pack.clocks.firstIndex { $0.name == .handle })
        pack.clocks[handle].endsWith.append(try CountyFixture.event("case.assigned"))
        #expect(pack.eventsWithoutClock(for: .claim).contains("case.assigned"), "handed over after its acceptance")
    }

    @Test("The rungs of a clock stand at their shares, just after the due date and after working days")
    func rungs() throws {
        let calendar = try CalendarFixture.calendar()
        let pack = try CountyFixture.pack("base")
        let clock = try #require(pack.clock(.dispose))
        let start = try #require(Instant("2026-09-10T01:00:00Z"))
        let due = calendar.due(from: start, term: Term(15, .day))

        let rungs = Rungs.plan(start: start, due: due.at, clock: clock, of: pack, calendar: calendar)

        // Due on Friday 25 September, a holiday; working days after it are 28 September and, the fifth, 9 October.
        #expect(due.date.description == "2026-09-25")
        #expect(rungs.map(\.index) == Array(0..<7))
        #expect(
            rungs.map(\.kind) == [
                .warning(share: 50), .warning(share: 75), .warning(share: 85), .warning(share: 99), .due, .after(Term(1, .workday)),
                .after(Term(5, .workday)),
            ])
        #expect(rungs[4].at == Instant("2026-09-25T16:00:00Z"))
        #expect(rungs[5].at == Instant("2026-09-28T16:00:00Z"))
        #expect(rungs[6].at == Instant("2026-10-09T16:00:00Z"))
        #expect(rungs[4].audience == [.officer, .unitHead])
    }

    @Test("A clock that lapses urges nobody and ends behind its due instant")
    func lapses() throws {
        let pack = try CountyFixture.pack("base")
        let clock = try #require(pack.clock(.objection))
        let rungs = Rungs.plan(
            start: Instant(microseconds: 0), due: Instant(microseconds: 10), clock: clock, of: pack,
            calendar: try CalendarFixture.calendar())

        #expect(rungs.map(\.kind) == [.lapse] && rungs.map(\.at) == [Instant(microseconds: 11)] && rungs.allSatisfy(\.audience.isEmpty))
    }

    @Test("No rung is early: each warning lies at or after its share of the time, and the others after the due instant")
    func neverEarly() throws {
        let calendar = try CalendarFixture.calendar()
        let ladder = try CountyFixture.pack("base").ladder
        var numbers = SeededRandom(seed: 3)
        for _ in 0..<500 {
            let start = Instant(microseconds: Int64.random(in: 0..<2_000_000_000_000_000, using: &numbers))
            let due = start + .microseconds(Int64.random(in: 1..<100_000_000_000_000, using: &numbers))

            let rungs = Rungs.plan(start: start, due: due, ladder: ladder, calendar: calendar)

            for rung in rungs {
                let gone = rung.at.microseconds - start.microseconds
                switch rung.kind {
                case .warning(let share):
                    let length = due.microseconds - start.microseconds
                    #expect(gone * 100 >= length * Int64(share) && (gone - 1) * 100 < length * Int64(share))
                case .due, .after, .lapse: #expect(rung.at > due)
                }
            }
            #expect(
                rungs.map(\.at) == rungs.map(\.at).sorted()
                    && rungs == Rungs.plan(start: start, due: due, ladder: ladder, calendar: calendar))
        }
    }
}
