import CaseFlow
import Models

/// Which clocks an event starts, and until when they run.
extension DeadlineProcess {
    /// The clocks that `event` starts, counted from `instant`.
    static func starts(
        by event: CaseEvent, at instant: Instant, _ state: State, _ pack: RulePack, _ calendar: CountyCalendar
    ) throws(EventError) -> [ClockStarted] {
        guard let type = EventType(event.type) else { return [] }
        return try starts(of: pack, by: type, at: instant, state, calendar)
    }

    static func starts(
        of pack: RulePack, by type: EventType, at instant: Instant, _ state: State, _ calendar: CountyCalendar
    ) throws(EventError) -> [ClockStarted] {
        pack.clocks(startedBy: type, for: state.life.kind).compactMap { clock in
            guard let term = clock.term else { return nil }
            return start(clock, term, of: pack, at: instant, state, calendar)
        }
    }

    static func start(
        _ clock: PackClock, _ term: Term, of pack: RulePack, at instant: Instant, _ state: State, _ calendar: CountyCalendar,
        for unit: UnitCode? = nil, task: Int? = nil
    ) -> ClockStarted {
        let due = calendar.due(from: instant, term: term, roll: clock.roll)
        return ClockStarted(
            clock: clock.name, serial: state.clocks.count { $0.name == clock.name } + 1, pack: pack.code, from: instant, due: due.at,
            dueDate: due.date, provisional: due.isProvisional, citation: clock.citation, unit: unit, task: task, term: term)
    }

    /// The clock of a co-handling unit, whose term the lead unit has set.
    static func coHandling(
        _ event: CaseEvent, _ state: State, _ pack: RulePack, _ calendar: CountyCalendar
    ) throws(EventError) -> [ClockStarted] {
        let facts = try event.facts(CoHandlingAssigned.self)
        guard let type = EventType(event.type) else { return [] }
        return pack.clocks(startedBy: type, for: state.life.kind).map { clock in
            start(clock, clock.term ?? Term(facts.workdays, .workday), of: pack, at: event.time, state, calendar, for: facts.unit)
        }
    }

    /// The clock of an assistance task, whose term was set with it; none of any other event.
    static func assistance(
        _ event: CaseEvent, _ state: State, _ county: CountyIndex, _ calendar: CountyCalendar
    ) throws(EventError) -> [ClockStarted] {
        guard event.type == AssistanceOpened.type, let type = EventType(event.type), let pack = county.pack(state.pack) else { return [] }
        let facts = try event.facts(AssistanceOpened.self)
        return pack.clocks(startedBy: type, for: state.life.kind).compactMap { clock in
            guard let term = clock.term ?? facts.workdays.map({ Term($0, .workday) }) else { return nil }
            return start(clock, term, of: pack, at: event.time, state, calendar, for: facts.unit, task: facts.serial)
        }
    }

    /// The instant that the clocks started by an event count from: for what was served, the day of service.
    static func beginning(_ event: CaseEvent) throws(EventError) -> Instant {
        switch event.type {
        case AnswerServed.type: try event.facts(AnswerServed.self).on
        case ReviewServed.type: try event.facts(ReviewServed.self).on
        default: event.time
        }
    }
}
