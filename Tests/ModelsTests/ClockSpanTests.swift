import Models
import TestSupport
import Testing

@Suite("A term with all that happened to it")
struct ClockSpanTests {
    private let calendar: CountyCalendar

    init() throws { calendar = try CalendarFixture.calendar() }

    @Test("ends where a plain term ends when nothing happened to it")
    func plain() {
        var random = SeededRandom(seed: 4)
        for _ in 0..<20_000 {
            let (span, _) = randomSpan(&random)
            let plain = ClockSpan(from: span.from, term: span.term, roll: span.roll)
            let due = calendar.due(from: span.from, term: span.term, roll: span.roll)
            let end = calendar.end(of: plain)
            #expect(end.at == due.at && end.date == due.date && end.isProvisional == due.isProvisional, "\(plain)")
        }
    }

    @Test("owes as many days as it has, however often it is paused and resumed")
    func owed() {
        var random = SeededRandom(seed: 5)
        for _ in 0..<5000 {
            let (span, isInDays) = randomSpan(&random)
            guard isInDays else { continue }
            let days = calendar.explanation(of: span)
            let counted = days.count(where: \.isCounted)
            #expect(counted == ([span.term] + span.extensions).map(\.count).reduce(0, +), "\(span)")
            #expect(days.last?.date == calendar.end(of: span).date || days.count == 1, "\(span)")
            #expect(zip(days, days.dropFirst()).allSatisfy { $1.date == $0.date + 1 }, "\(span)")
        }
    }

    @Test("loses nothing by a pause of no length, and never ends earlier for a pause")
    func short() {
        var random = SeededRandom(seed: 6)
        for _ in 0..<5000 {
            var (span, _) = randomSpan(&random)
            span.pauses = []
            let end = calendar.end(of: span)
            let moment =
                span.from + .microseconds(Int64.random(in: 0...max(1, end.at.microseconds - span.from.microseconds), using: &random))
            var (nothing, longer) = (span, span)
            nothing.pauses = [.init(from: moment, until: moment)]
            longer.pauses = [.init(from: moment, until: moment + .seconds(Int64.random(in: 1...3_000_000, using: &random)))]
            #expect(calendar.end(of: nothing) == end, "\(nothing)")
            #expect(calendar.end(of: longer).at >= end.at, "\(longer)")
        }
    }

    /// A span with extensions and pauses in its time, and whether all of it is counted in days.
    private func randomSpan(_ random: inout SeededRandom) -> (ClockSpan, Bool) {
        let isInDays = Bool.random(using: &random)
        let units: [TermUnit] = isInDays ? [.day, .workday] : [.hour, .workhour]
        func term() -> Term { Term(Int.random(in: 1...60, using: &random), units[Int.random(in: 0...1, using: &random)]) }
        let from = Instant(microseconds: 1_735_689_600_000_000 + Int64.random(in: 0...60_000_000_000_000, using: &random))
        var span = ClockSpan(from: from, term: term(), roll: !isInDays || Bool.random(using: &random) ? .none : .nextWorkday)
        for _ in 0..<Int.random(in: 0...2, using: &random) { span.extensions.append(term()) }
        var moment = from
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let stop = moment + .seconds(Int64.random(in: 1...900_000, using: &random))
            guard stop <= calendar.end(of: span).at else { break }
            moment = stop + .seconds(Int64.random(in: 1...2_000_000, using: &random))
            span.pauses.append(.init(from: stop, until: moment))
        }
        return (span, isInDays)
    }
}
