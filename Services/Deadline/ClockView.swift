import CaseFlow
import Models

/// The clocks of a case, each with what happened to it and with every day of its term explained.
enum ClockView {
    static func whole(_ subject: Subject, _ state: DeadlineState, in county: CountyIndex, _ calendar: CountyCalendar) -> JSONValue {
        .object([
            "case": .string(subject.description), "number": state.number.map { .string($0) } ?? .null, "county": .string(state.county),
            "pack": .string(state.pack.text), "stage": .string(state.life.stage.rawValue),
            "clocks": .array(state.clocks.map { clock($0, state, county, calendar) }),
        ])
    }

    private static func clock(
        _ clock: LegalClock, _ state: DeadlineState, _ county: CountyIndex, _ calendar: CountyCalendar
    ) -> JSONValue {
        let rule = county.pack(clock.pack)?.clock(clock.name)
        let span = clock.span(by: rule)
        let next = clock.phase == .running ? clock.pending.first : nil
        return .object([
            "name": .string(clock.name.text), "serial": .integer(Int64(clock.serial)),
            "title": both(rule?.title ?? LocalizedText(zh: clock.name.text, en: clock.name.text)), "pack": .string(clock.pack.text),
            "phase": .string(clock.phase.rawValue), "from": .string(clock.from.description), "due": .string(clock.due.description),
            "dueDate": .string(clock.dueDate.description), "provisional": .bool(clock.provisional),
            "term": span.map { .object(["count": .integer(Int64($0.term.count)), "unit": .string($0.term.unit.rawValue)]) } ?? .null,
            "roll": span.map { .string($0.roll.rawValue) } ?? .null, "citation": rule.map { both($0.citation) } ?? .null,
            "lapses": .bool(rule?.lapses ?? false), "unit": clock.unit.map { .string($0.text) } ?? .null,
            "task": clock.task.map { .integer(Int64($0)) } ?? .null,
            "nextRung": next.map { .object(["at": .string($0.at.description), "audience": audience($0.audience)]) } ?? .null,
            "turns": .array((clock.turns ?? []).map(turn)),
            "days": .array(span.map { calendar.explanation(of: $0).map(day) } ?? []),
        ])
    }

    private static func turn(_ turn: LegalClock.Turn) -> JSONValue {
        .object([
            "kind": .string(turn.kind.rawValue), "at": .string(turn.at.description),
            "by": turn.by.map { person in
                .object([
                    "role": .string(person.role.rawValue), "unit": person.unit.map { .string($0.text) } ?? .null,
                    "person": person.person.map { .string($0.text) } ?? .null,
                ])
            } ?? .null,
            "reason": both(turn.reason), "old": .string(turn.old.description), "due": .string(turn.due.description),
        ])
    }

    private static func day(_ day: CountedDay) -> JSONValue {
        .object([
            "date": .string(day.date.description), "counted": .bool(day.isCounted),
            "ordinal": day.ordinal.map { .integer(Int64($0)) } ?? .null, "kind": .string(day.day.kind.rawValue),
            "reason": both(day.reason), "provisional": .bool(day.day.isProvisional),
        ])
    }

    private static func audience(_ audience: [Audience]) -> JSONValue { .array(audience.map { .string($0.rawValue) }) }

    private static func both(_ text: LocalizedText) -> JSONValue { .object(["zh": .string(text.zh), "en": .string(text.en)]) }
}
