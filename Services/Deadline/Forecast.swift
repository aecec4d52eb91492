import CaseFlow
import Models
import Postgres
import ServiceKit

/// What will fire in the days to come, for each unit that owes what it is about (时限预测).
struct Forecast: Sendable {
    /// The rungs of one unit.
    struct Tally: Equatable {
        var warnings = 0
        var due = 0
        var late = 0
    }

    /// A rung to come of a case that the asker may know of.
    struct Entry {
        var subject: Subject
        var number: String?
        var clock: LegalClock
        var rung: Rung
        var unit: UnitCode
    }

    static let mostDays = 60
    /// The most rungs that an answer lists one by one.
    static let mostEntries = 500
    private static let page = 500

    private(set) var units: [UnitCode: Tally] = [:]
    private(set) var entries: [Entry] = []
    private(set) var count = 0
    let until: Instant

    init(until: Instant) { self.until = until }

    /// Takes in a case that the asker may know of.
    mutating func add(_ subject: Subject, _ state: DeadlineState, owing: (LegalClock) -> UnitCode?) {
        for clock in state.clocks where clock.phase == .running {
            let unit = owing(clock) ?? state.life.lead
            // The end of a right concerns no desk.
            for rung in clock.pending.prefix(while: { $0.at <= until }) where rung.kind != .lapse {
                switch rung.kind {
                case .warning: units[unit, default: Tally()].warnings += 1
                case .due: units[unit, default: Tally()].due += 1
                case .after: units[unit, default: Tally()].late += 1
                case .lapse: break
                }
                count += 1
                if entries.count < Self.mostEntries {
                    entries.append(Entry(subject: subject, number: state.number, clock: clock, rung: rung, unit: unit))
                }
            }
        }
    }

    /// Reads all cases with a rung before `until`, page by page in the order of their next rungs.
    static func read(
        until: Instant, for person: ActingPerson, unit: UnitCode?, from store: PostgresStore<DeadlineTables>
    ) async throws -> Forecast {
        var forecast = Forecast(until: until)
        var (after, last) = (Instant(microseconds: 0), Subject(UniqueID(high: 0, low: 0)))
        while true {
            let rows = try await store.client.run(
                """
                SELECT subject, next_at, state FROM cases WHERE next_at <= \(until) AND (next_at, subject) > (\(after), \(last))
                ORDER BY next_at, subject LIMIT \(page)
                """)
            let found = try rows.map {
                (subject: try $0.value(0, as: Subject.self), state: try StateCoding.decode($0.value(2), as: DeadlineState.self))
            }
            let counties = try await store.book(with: Set(found.map(\.state.county)))
            let context = FlowContext(now: until, counties: counties)
            for (subject, state) in found {
                guard let county = counties[state.county]?.index,
                    state.life.access(of: person, in: county, current: counties.current?.index) > .none
                else { continue }
                var own = Forecast(until: until)
                own.add(subject, state) { DeadlineProcess.owing($0, state, context) }
                forecast.merge(own, of: unit)
            }
            guard rows.count == page, let end = rows.last else { return forecast }
            (after, last) = (try end.value(1), try end.value(0))
        }
    }

    private mutating func merge(_ other: Forecast, of unit: UnitCode?) {
        for (code, tally) in other.units where unit == nil || code == unit {
            units[code, default: Tally()].warnings += tally.warnings
            units[code, default: Tally()].due += tally.due
            units[code, default: Tally()].late += tally.late
            count += tally.warnings + tally.due + tally.late
        }
        entries += other.entries.filter { unit == nil || $0.unit == unit }.prefix(Self.mostEntries - entries.count)
    }

    var json: JSONValue {
        .object([
            "until": .string(until.description), "rungs": .integer(Int64(count)),
            "units": .array(
                units.sorted { $0.key < $1.key }.map { unit, tally in
                    .object([
                        "unit": .string(unit.text), "warnings": .integer(Int64(tally.warnings)), "due": .integer(Int64(tally.due)),
                        "late": .integer(Int64(tally.late)),
                    ])
                }),
            "entries": .array(entries.sorted { ($0.rung.at, $0.subject) < ($1.rung.at, $1.subject) }.map(Self.line)),
        ])
    }

    private static func line(_ entry: Entry) -> JSONValue {
        let kind =
            switch entry.rung.kind {
            case .warning: "warning"
            case .due: "due"
            case .after: "late"
            case .lapse: "lapse"
            }
        return .object([
            "case": .string(entry.subject.description), "number": entry.number.map { .string($0) } ?? .null,
            "clock": .string(entry.clock.name.text), "unit": .string(entry.unit.text), "kind": .string(kind),
            "at": .string(entry.rung.at.description), "due": .string(entry.clock.due.description),
            "dueDate": .string(entry.clock.dueDate.description), "provisional": .bool(entry.clock.provisional),
        ])
    }
}
