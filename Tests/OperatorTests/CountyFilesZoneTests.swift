import Foundation
import Models
import Operator
import Testing

@Suite struct CountyFilesZoneTests {
    private func offsets(_ zone: String) throws -> UTCOffsets {
        try CountyFilesFixture.smallest.replacing("Asia/Shanghai", in: "county.yaml", with: zone).compile().get().offsets
    }

    @Test("The compiled offsets of Shanghai have its summer times of 1986 to 1991 and nothing after")
    func shanghai() throws {
        let offsets = try offsets("Asia/Shanghai")

        #expect(offsets.beginnings.count == 13)
        #expect(offsets.offset(at: try #require(Instant("1987-07-01T00:00:00Z"))) == .seconds(32_400))
        #expect(offsets.offset(at: try #require(Instant("2026-07-01T00:00:00Z"))) == .seconds(28_800))
        #expect(offsets.offset(at: try #require(Instant("2500-07-01T00:00:00Z"))) == .seconds(28_800))
    }

    @Test(
        "The compiled offsets agree with Foundation's time zones",
        arguments: [
            "Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu",
            "America/Sao_Paulo", "UTC",
        ])
    func agrees(_ name: String) throws {
        let offsets = try offsets(name)
        let zone = try #require(TimeZone(identifier: name))
        var differences = 0
        // Every 13 hours and some minutes from 1980 to 2037.
        for second in stride(from: Int64(315_619_200), to: 2_114_380_800, by: 47_111) {
            let expected = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second)))
            if offsets.offset(at: Instant(microseconds: second * 1_000_000)) != .seconds(expected) { differences += 1 }
        }
        #expect(differences == 0)
    }

    @Test("After the database's last change, the rule of the zone goes on until 2100")
    func rule() throws {
        let offsets = try offsets("America/New_York")

        for (text, expected) in [
            ("2060-03-14T06:59:59Z", -18_000), ("2060-03-14T07:00:00Z", -14_400), ("2060-11-07T05:59:59Z", -14_400),
            ("2060-11-07T06:00:00Z", -18_000), ("2099-07-01T00:00:00Z", -14_400),
        ] {
            #expect(offsets.offset(at: try #require(Instant(text))) == .seconds(expected), "\(text)")
        }
    }

    @Test(
        "Where the clocks are put forward and back, a term ends with the local day all the same",
        arguments: ["Asia/Shanghai", "Europe/London"])
    func dueDates(_ name: String) throws {
        let offsets = try offsets(name)
        let calendar = CountyCalendar(years: [], overlays: [], workingHours: [], offsets: offsets)
        let zone = try #require(TimeZone(identifier: name))
        var gregorian = Calendar(identifier: .gregorian)
        gregorian.timeZone = zone
        var wrong: [String] = []
        // Six years of starts, at every hour of the day in turn.
        for step in 0..<(6 * 366) {
            let start = Date(timeIntervalSince1970: 504_921_600 + Double(step) * 90_000)
            let first = try #require(gregorian.dateInterval(of: .day, for: start)).start
            for days in [1, 15, 60] {
                let end = try #require(gregorian.date(byAdding: .day, value: days + 1, to: first))
                let expected = Int64(try #require(gregorian.dateInterval(of: .day, for: end)).start.timeIntervalSince1970) * 1_000_000 - 1
                let due = calendar.due(from: Instant(microseconds: Int64(start.timeIntervalSince1970) * 1_000_000), term: Term(days, .day))
                if due.at.microseconds != expected || offsets.date(at: due.at) != due.date { wrong.append("\(start) + \(days)") }
            }
        }
        #expect(wrong == [])
    }

    @Test("A file that is no time zone is refused")
    func noZone() throws {
        let county = try CountyFilesFixture.smallest.replacing("Asia/Shanghai", in: "county.yaml", with: "zone.tab")
        let mistakes = try county.mistakes()

        #expect(mistakes.count == 1 && mistakes.first?.line == 3)
    }
}
