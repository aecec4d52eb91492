import CaseFlow
import Models

/// What the rungs of a case's clocks say when their moment has come, and to whom.
enum RungCalls {
    /// How many rungs of a case fire in one commit: what a long silence has left comes in several.
    private static let most = 32

    /// The rungs that may fire now, the oldest first.
    static func due(on state: DeadlineState, in context: FlowContext) -> [any EventFacts] {
        state.dueRungs(at: context.now).prefix(most).map { clock, rung in call(rung, of: clock, on: state, in: context) }
    }

    private static func call(
        _ rung: Rung, of clock: LegalClock, on state: DeadlineState, in context: FlowContext
    ) -> any EventFacts {
        let unit = DeadlineProcess.owing(clock, state, context) ?? state.life.lead
        // Nobody waits any more for the help that goes on after a case has ended.
        let lead = unit == state.life.lead || state.life.stage.isFinal ? nil : state.life.lead
        let told = told(rung.audience, on: state, besides: unit, in: context)
        func passed(_ daysLate: Int, after: Term? = nil, supervise: Bool? = nil) -> ClockPassed {
            ClockPassed(
                clock: clock.name, serial: clock.serial, rung: rung.index, daysLate: daysLate, at: rung.at, due: clock.due,
                audience: rung.audience, unit: unit, lead: lead, supervise: supervise, told: told,
                next: clock.pending.first { $0.index != rung.index && $0.at > context.now }?.at, after: after)
        }
        return switch rung.kind {
        case .warning(let share):
            ClockWarned(
                clock: clock.name, serial: clock.serial, rung: rung.index, share: share, at: rung.at, due: clock.due,
                audience: rung.audience, unit: unit, lead: lead, told: told)
        case .due: passed(0)
        case .after(let term): passed(term.count, after: term, supervise: rung.supervise)
        case .lapse:
            ClockLapsed(
                clock: clock.name, serial: clock.serial,
                reason: LocalizedText(zh: "期限届满，权利终止", en: "its time is over, and with it the right"), at: rung.at)
        }
    }

    /// The units that hear of a rung besides those that owe what it is about: the desk of dispatchers, and where supervisors and leaders
    /// sit by the county in force, else the dispatch desk and the county itself.
    ///
    /// A confidential case stays with those who work on it (Articles 30 and 46).
    private static func told(
        _ audience: [Audience], on state: DeadlineState, besides unit: UnitCode, in context: FlowContext
    ) -> [UnitCode] {
        guard !state.life.isConfidential, let began = context.counties[state.county]?.index else { return [] }
        let county = context.counties.current?.index ?? began
        func seats(of role: Role) -> [UnitCode] {
            county.definition.units.filter { $0.successor == nil && $0.members?.contains { $0.role == role } ?? false }.map(\.code)
        }
        let denied = state.life.denied(in: began, current: county)
        let desk = county.desk(denied: denied)
        var units: Set<UnitCode> = []
        for listener in audience {
            switch listener {
            case .officer, .unitHead, .petitioner: break
            case .dispatcher: units.insert(desk)
            case .supervisor:
                let seats = seats(of: .supervisor)
                units.formUnion(seats.isEmpty ? [desk] : seats)
            case .leader:
                let seats = seats(of: .leader)
                units.formUnion(
                    seats.isEmpty ? county.definition.units.filter { $0.kind == .county && $0.successor == nil }.map(\.code) : seats)
            }
        }
        return units.filter { $0 != unit && !denied.contains($0) }.sorted()
    }
}
