import Models
import TestSupport
import Testing

@Suite("An instant")
struct InstantTests {
    @Test("is read and written as RFC 3339")
    func text() {
        #expect(Instant("1970-01-01T00:00:00Z")?.microseconds == 0)
        #expect(Instant("2026-11-24T08:00:00.5+08:00")?.description == "2026-11-24T00:00:00.500000Z")
        #expect(Instant("0001-01-02T00:00:00Z")?.description == "0001-01-02T00:00:00.000000Z")
        for wrong in ["2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+8:00", "x"]
        {
            #expect(Instant(wrong) == nil, "\(wrong)")
        }
    }

    @Test("reads back for every day of four centuries")
    func days() {
        for day in stride(from: Int64(-80_000), to: 70_000, by: 1) {
            let instant = Instant(microseconds: day * 86_400_000_000 + 3_723_000_001)
            #expect(Instant(instant.description) == instant)
        }
    }

    @Test("reads back from its text, wherever in time it was made")
    func roundTrip() {
        var random = SeededRandom(seed: 4)
        var moments: [Int64] = [.min, .max, 0, -1, 253_402_300_799_999_999, -62_135_596_800_000_000]
        for _ in 0..<50_000 { moments.append(Int64.random(in: -70_000_000_000_000_000...260_000_000_000_000_000, using: &random)) }

        for moment in moments {
            let instant = Instant(microseconds: moment)
            #expect(Instant(instant.description) == instant)
        }
    }

    @Test(
        "is refused where the year differs between UTC and the text",
        arguments: [
            "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00", "9999-12-31T00:00:00Z", "0000-06-01T00:00:00Z",
        ])
    func edges(text: String) {
        #expect(Instant(text) == nil)
    }

    @Test("is cut to the last there is when a term leads beyond")
    func saturates() throws {
        let late = try #require(Instant("9999-12-30T12:00:00Z"))

        #expect(late + .seconds(86_400 * 4000) == Instant("9999-12-30T23:59:59.999999Z"))
    }
}
