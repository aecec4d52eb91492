import Models
import TestSupport
import Testing

@testable import Intake

@Suite("The duty report")
struct DutyReportTests {
    private let head = DutyReport.Leader(person: PersonCode(validated: "l-1"), unit: UnitCode(validated: "county"), level: .county)
    private let mayor = DutyReport.Leader(person: PersonCode(validated: "t-1"), unit: UnitCode(validated: "east"), level: .township)

    private func line(
        _ month: String, _ leader: DutyReport.Leader, _ times: [String], kind: SessionKind = .visit, rules: [DutyRule] = DutyRule.standard
    ) throws -> DutyReport.Line {
        let held = try times.map { DutyReport.Held(leader: leader, kind: kind, opened: try #require(Instant($0))) }
        let report = DutyReport(
            month: try #require(CountyMonth(month)), leaders: [leader], held: held, rules: rules,
            offsets: TestCounty.definition().offsets)
        #expect(report.lines.count == 1)
        return try #require(report.lines.first)
    }

    @Test("counts the day on which the county's clocks showed a session begin")
    func monthBoundaries() throws {
        // The last moment of October, the first and the last of November in China, and the first of December.
        let times = ["2026-10-31T15:59:59Z", "2026-10-31T16:00:00Z", "2026-11-30T15:59:59Z", "2026-11-30T16:00:00Z"]

        let november = try line("2026-11", head, times)

        #expect(november.days.map(\.description) == ["2026-11-01", "2026-11-30"])
        #expect(november.served == 1)
        #expect(november.owed == 1)
        #expect(try line("2026-10", head, times).days.map(\.description) == ["2026-10-31"])
        #expect(try line("2026-12", head, times).days.map(\.description) == ["2026-12-01"])
        #expect(try line("2027-01", head, times).served == 0)
    }

    @Test("gives each week to the month in which its Thursday lies, so that none is owed twice or never")
    func weeks() throws {
        let months = try (1...12).map { try #require(CountyMonth($0 < 10 ? "2026-0\($0)" : "2026-\($0)")) }

        let weeks = months.flatMap { $0.periods(.week) }

        #expect(weeks.first?.lowerBound.description == "2025-12-29")
        #expect(weeks.last?.upperBound.description == "2027-01-03")
        #expect(zip(weeks, weeks.dropFirst()).allSatisfy { $0.upperBound + 1 == $1.lowerBound })
        #expect(weeks.count == 53)
        #expect(months[1].span.lowerBound.description == "2026-02-01")
        #expect(months[1].span.upperBound.description == "2026-03-01")
    }

    @Test("does not let a full week stand in for an empty one, nor two sessions of a day for two days")
    func fullWeeks() throws {
        // Monday to Wednesday of one week, twice on Monday; then nothing.
        let line = try line(
            "2026-11", mayor, ["2026-11-09T01:00:00Z", "2026-11-09T06:00:00Z", "2026-11-10T01:00:00Z", "2026-11-11T01:00:00Z"])

        #expect(line.days.count == 3)
        #expect(line.served == 1)
        #expect(line.owed == 4)
    }

    @Test("counts what the county's rule counts; a box and a questionnaire are nobody's day unless it says so")
    func kinds() throws {
        let times = ["2026-11-09T01:00:00Z"]
        let boxes = [DutyRule(level: .county, days: 2, per: .month, kinds: [.suggestionBox])]

        #expect(try line("2026-11", head, times, kind: .suggestionBox).served == 0)
        #expect(try line("2026-11", head, times, kind: .survey).served == 0)
        let counted = try line("2026-11", head, times, kind: .suggestionBox, rules: boxes)
        #expect(counted.served == 1)
        #expect(counted.owed == 2)
        #expect(try line("2026-11", mayor, times, rules: boxes).owed == 0)
    }

    @Test("names leaders who served no day, and those whom only their sessions name")
    func leaders() throws {
        let held = DutyReport.Held(leader: mayor, kind: .forum, opened: try #require(Instant("2026-11-09T01:00:00Z")))
        let report = DutyReport(
            month: try #require(CountyMonth("2026-11")), leaders: [head], held: [held], rules: DutyRule.standard,
            offsets: TestCounty.definition().offsets)

        #expect(report.lines.map(\.leader) == [head, mayor])
        #expect(report.lines.map(\.served) == [0, 1])
        var county = TestCounty.definition()
        county.units[0].members = [UnitMember(person: head.person, role: .leader), UnitMember(person: mayor.person, role: .clerk)]
        #expect(DutyReport.leaders(of: county) == [head])
    }

    @Test("is of a month that exists", arguments: ["2026-13", "2026-00", "2026-1", "1999-12", "2026/11", "2026-11-01", ""])
    func months(text: String) {
        #expect(CountyMonth(text) == nil)
    }

    @Test("is by rules that a county may leave out without another version")
    func versions() throws {
        let plain = TestCounty.definition()
        var ruled = plain
        ruled.duties = [DutyRule(level: .county, days: 2, per: .month)]

        #expect(try !String(decoding: plain.canonicalJSON(), as: UTF8.self).contains("duties"))
        #expect(try CountyDefinition(canonicalJSON: ruled.canonicalJSON()).duties == ruled.duties)
        #expect(try ruled.version() != plain.version())
        ruled.duties = [DutyRule(level: .county, days: 8, per: .week)]
        #expect(throws: CountyError.self) { try ruled.checkLimits() }
    }
}
