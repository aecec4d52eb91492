import CaseFlow
import Models
import Testing

@Suite("The gate")
struct GateTests {
    static func event(_ source: Source, _ sequence: Int64, after: SourcePositions = .init()) -> CaseEvent {
        CaseEvent(
            id: EventID(UniqueID(high: 1, low: UInt64(sequence))), source: source, subject: .county, type: "case.registered", version: 1,
            time: Instant(microseconds: 0), sequence: sequence, after: after, county: "", traceparent: nil, data: Array("{}".utf8))
    }

    @Test("lets exactly the next event through, for every reader, source and position")
    func sequences() {
        for reader in Source.allCases {
            for source in reader.hears {
                for applied in Int64(0)...4 {
                    for sequence in Int64(1)...6 {
                        var clock = CaseClock()
                        clock.positions[source] = applied

                        let verdict = Gate.judge(Self.event(source, sequence), reader: reader, clock: clock, knowsCounty: true)

                        let expected: Gate.Verdict = sequence <= applied ? .duplicate : sequence == applied + 1 ? .ready : .wait
                        #expect(verdict == expected)
                    }
                }
            }
        }
    }

    @Test("waits for every cause that the reader hears, and for no other")
    func causes() {
        for reader in Source.allCases {
            for source in reader.hears {
                for cause in Source.allCases where cause != source && cause != reader {
                    var after = SourcePositions()
                    after[cause] = 2
                    for known in Int64(0)...3 {
                        var clock = CaseClock()
                        clock.positions[cause] = known

                        let verdict = Gate.judge(Self.event(source, 1, after: after), reader: reader, clock: clock, knowsCounty: true)

                        #expect(verdict == (reader.hears.contains(cause) && known < 2 ? .wait : .ready))
                    }
                }
            }
        }
    }

    @Test("waits for the county version, but knows a duplicate without it")
    func county() {
        var clock = CaseClock()
        #expect(Gate.judge(Self.event(.intake, 1), reader: .routing, clock: clock, knowsCounty: false) == .wait)
        clock.positions[.intake] = 1
        #expect(Gate.judge(Self.event(.intake, 1), reader: .routing, clock: clock, knowsCounty: false) == .duplicate)
    }
}
