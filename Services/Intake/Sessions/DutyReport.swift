import Models

/// Who owed how many days at the grassroots in a month, and who served them.
///
/// A day counts once for a leader, however many sessions were held on it: the local date on which a session began. Days beyond what a
/// week asks for do not make up for another week; they are shown, not counted.
struct DutyReport: Sendable {
    /// A leader who owes days.
    struct Leader: Hashable, Sendable {
        var person: PersonCode
        var unit: UnitCode
        var level: DutyLevel
    }

    /// A session that was held.
    struct Held: Hashable, Sendable {
        var leader: Leader
        var kind: SessionKind
        var opened: Instant
    }

    struct Line: Hashable, Sendable {
        var leader: Leader
        /// Days that count, at most as many as each period owes.
        var served: Int
        var owed: Int
        /// All days in the month's periods on which the leader was at the grassroots.
        var days: [LocalDate]
    }

    let lines: [Line]

    /// Reports on `month` for the leaders of the county and those who held sessions; lines are in the order of staff numbers.
    init(month: CountyMonth, leaders: [Leader], held: [Held], rules: [DutyRule], offsets: UTCOffsets) {
        var known: [PersonCode: Leader] = [:]
        // Whom the county names is what the county says; others are what their last session said.
        for leader in held.sorted(by: { $0.opened < $1.opened }).map(\.leader) + leaders { known[leader.person] = leader }
        var sessions: [PersonCode: [Held]] = [:]
        for session in held { sessions[session.leader.person, default: []].append(session) }
        lines = known.values.sorted { $0.person < $1.person }.map { leader in
            var (served, owed, days) = (0, 0, Set<LocalDate>())
            for rule in rules where rule.level == leader.level {
                let counted = Set((sessions[leader.person] ?? []).filter { rule.counts($0.kind) }.map { offsets.date(at: $0.opened) })
                for period in month.periods(rule.per) {
                    let within = counted.filter(period.contains)
                    days.formUnion(within)
                    owed += rule.days
                    served += min(rule.days, within.count)
                }
            }
            return Line(leader: leader, served: served, owed: owed, days: days.sorted())
        }
    }

    /// The report as an answer: for each leader the days that count, the days owed, and all days.
    func json(of month: CountyMonth) -> JSONValue {
        .object([
            "month": .string(month.description),
            "leaders": .array(
                lines.map { line in
                    .object([
                        "leader": .string(line.leader.person.text), "unit": .string(line.leader.unit.text),
                        "level": .string(line.leader.level.rawValue), "served": .integer(Int64(line.served)),
                        "owed": .integer(Int64(line.owed)), "days": .array(line.days.map { .string($0.description) }),
                    ])
                }),
        ])
    }

    /// The leaders that a county definition names: members of the county itself and of its townships.
    static func leaders(of county: CountyDefinition) -> [Leader] {
        county.units.flatMap { unit -> [Leader] in
            let level: DutyLevel
            switch unit.kind {
            case .county: level = .county
            case .township: level = .township
            case .bureau, .village, .socialOrganisation, .volunteerTeam, .desk, .higherLevel: return []
            }
            return (unit.members ?? []).filter { $0.role == .leader }.map { Leader(person: $0.person, unit: unit.code, level: level) }
        }
    }
}

/// A month of the county's calendar: `2026-11`.
struct CountyMonth: Hashable, Sendable, LosslessStringConvertible {
    let first: LocalDate
    let last: LocalDate

    /// Reads four digits, a hyphen and two digits; nil for anything else.
    init?(_ text: String) {
        guard text.utf8.count == 7, let first = LocalDate(text + "-01"), (2000..<2100).contains(first.year) else { return nil }
        self.first = first
        // 31 days on lies in the next month, whatever the month's length.
        let next = first + 31
        last = next - next.day
    }

    var description: String { String(first.description.prefix(7)) }

    /// The periods that belong to the month: the month itself, or the weeks whose Thursday lies in it.
    func periods(_ period: DutyRule.Period) -> [ClosedRange<LocalDate>] {
        switch period {
        case .month: return [first...last]
        case .week:
            let thursday = Weekday.thursday.rawValue
            let start = first + (thursday - first.weekday.rawValue + 7) % 7
            return stride(from: 0, through: last - start, by: 7).map { (start + $0 - 3)...(start + $0 + 3) }
        }
    }

    /// The days that any of its periods has.
    var span: ClosedRange<LocalDate> {
        let weeks = periods(.week)
        return min(first, weeks.first?.lowerBound ?? first)...max(last, weeks.last?.upperBound ?? last)
    }
}
