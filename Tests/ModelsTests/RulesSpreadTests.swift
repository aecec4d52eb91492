import Models
import Testing

/// A rule that names several units of which one gets the case.
@Suite("Rules that spread work")
struct RulesSpreadTests {
    private let units: [UnitCode]
    private let index: CountyIndex
    private let book: RuleBook

    init() throws {
        units = try ["edu", "roads", "north", "discipline"].map { try CountyFixture.code($0) }
        index = try CountyIndex(CountyFixture.definition(rules: [CountyFixture.rule("spread", RuleConditions(), .leastLoaded(units))]))
        book = RuleBook(index)
    }

    /// Subjects as they come one after the other: with the same milliseconds and random bits behind.
    private static func subject(_ number: Int) -> Subject {
        let random = UInt64(number).multipliedReportingOverflow(by: 0x9E37_79B9_7F4A_7C15).partialValue
        return Subject(.version7(at: Instant(microseconds: 1_790_000_000_000_000 + Int64(number) * 300), random: (UInt64(number), random)))
    }

    private func decide(
        _ number: Int, _ loads: UnitLoads? = nil, denied: Set<UnitCode> = [], current: CountyIndex? = nil
    ) -> Ruling {
        book.decide(
            RuleFacts(kind: .claim, channel: .web, subject: Self.subject(number)), denied: denied, loads: loads, current: current)
    }

    @Test("The same case goes to the same unit as long as loads are the same, and is told why")
    func deterministic() {
        let loads = UnitLoads(open: [units[0]: 12, units[1]: 30, units[2]: 7])
        for number in 0..<200 {
            #expect(decide(number, loads) == decide(number, loads))
            #expect(decide(number) == decide(number))
            let ruling = decide(number, loads)
            let reason = ruling.reason.en
            #expect(ruling.rule?.text == "spread" && reason.contains("(\(loads.open(of: ruling.unit)) open here, "), "\(reason)")
        }
        #expect(decide(0).reason.en == "spread")
    }

    @Test("Without a count the hash alone spreads cases evenly")
    func even() {
        var counts: [UnitCode: Int] = [:]
        for number in 0..<8000 { counts[decide(number).unit, default: 0] += 1 }

        for unit in units { #expect((1800...2200).contains(counts[unit] ?? 0), "\(unit): \(counts[unit] ?? 0)") }
    }

    @Test("The fuller of two never gets it, the fullest of all nothing, and the emptiest not everything")
    func noHerd() {
        let loads = UnitLoads(open: [units[0]: 40, units[1]: 30, units[2]: 20, units[3]: 10])
        var counts: [UnitCode: Int] = [:]
        for number in 0..<6000 { counts[decide(number, loads).unit, default: 0] += 1 }

        // Of six pairs the emptiest is in three, the next in two of the others, then one.
        let shares = units.map { Double(counts[$0] ?? 0) / 6000 }
        #expect(shares[0] == 0 && abs(shares[1] - 1 / 6) < 0.03 && abs(shares[2] - 2 / 6) < 0.03 && abs(shares[3] - 3 / 6) < 0.03)
    }

    @Test("Where counts follow, open work stays level although they are old")
    func level() {
        var open: [UnitCode: Int] = [units[0]: 300]
        var counted = UnitLoads(open: open)
        for number in 0..<3000 {
            if number % 50 == 0 { counted = UnitLoads(open: open) }
            open[decide(number, counted).unit, default: 0] += 1
        }

        let loads = units.map { open[$0] ?? 0 }
        #expect((loads.max() ?? 0) - (loads.min() ?? 0) < 60, "\(loads)")
    }

    @Test("Units that must stay out or have ended are passed over; the only one left gets everything")
    func passedOver() throws {
        var definition = index.definition
        let ended = try #require(definition.units.firstIndex { $0.code == units[1] })
        definition.units[ended].successor = try CountyFixture.code("petitions")
        let current = try CountyIndex(definition)
        for number in 0..<300 {
            let ruling = decide(number, denied: [units[0]], current: current)
            #expect(ruling.unit == units[2] || ruling.unit == units[3])
            let only = decide(number, UnitLoads(open: [units[3]: 99]), denied: [units[0], units[2]], current: current)
            #expect(only.unit == units[3] && only.reason.en == "spread")
        }
    }

    @Test("Where all have ended their successors stand for them, and where all must stay out the desk decides")
    func nobodyLeft() throws {
        var definition = index.definition
        for code in units {
            let place = try #require(definition.units.firstIndex { $0.code == code })
            definition.units[place].successor = try CountyFixture.code("petitions")
        }
        let ended = decide(1, current: try CountyIndex(definition))
        let denied = decide(1, denied: Set(units.dropLast()).union([units[3]]))

        #expect(ended.unit.text == "petitions" && ended.rule?.text == "spread")
        #expect(denied.unit.text == "desk" && denied.withheld?.text == "spread" && denied.co.isEmpty)
    }

    @Test("A case that is none yet gets the first unit")
    func withoutCase() {
        #expect(book.decide(RuleFacts(kind: .claim, channel: .web)).unit == units[0])
    }
}
