import CaseFlow
import Models

/// Deadline's decisions: by when, and what if not.
public struct DeadlineProcess: CaseProcess {
    public typealias State = DeadlineState
    public typealias Effect = DeadlineEffect

    /// What the clock sweep asks, and what a unit's head may ask.
    public enum Command: Sendable {
        /// Fires every rung of the case whose moment has come.
        case fire
        /// Gives a clock more time (延期; Article 34).
        case extend(ExtensionCommand)
        /// Stops a clock for a lawful reason, lets it run again, or moves a case to the terms in force.
        case change(ClockCommand)
        /// Counts the dates of running clocks anew by the calendar in force.
        case recount
    }

    public let source = Source.deadline

    public init() {}

    public func apply(
        _ event: CaseEvent, to state: inout State?, in context: FlowContext
    ) throws(EventError) -> Consequences<Effect> {
        if event.type == CaseRegistered.type { return try register(event, &state, context) }
        guard state != nil || event.type == CaseAssigned.type || event.source == .deadline else {
            // Sessions and the county are subjects of their own, which have no clocks.
            return Consequences()
        }
        let before = state?.life.stage
        try state?.life.take(event)
        switch event.type {
        case CaseAssigned.type: return try assign(event, &state, context)
        case ClockStarted.type: try start(event, &state, context)
        case ClockWarned.type:
            let facts = try event.facts(ClockWarned.self)
            try fired(facts.rung, of: facts.clock, facts.serial, event, &state)
        case ClockPassed.type:
            let facts = try event.facts(ClockPassed.self)
            try fired(facts.rung, of: facts.clock, facts.serial, event, &state)
        case ClockMet.type:
            let facts = try event.facts(ClockMet.self)
            try end(facts.clock, facts.serial, .met, event, &state)
        case ClockLapsed.type:
            let facts = try event.facts(ClockLapsed.self)
            guard facts.at.map({ $0 <= event.time }) ?? true else {
                throw EventError(reason: "the clock \"\(facts.clock)\" of \(event.subject) lapses early")
            }
            try end(facts.clock, facts.serial, .lapsed, event, &state)
        case ClockExtended.type:
            let facts = try event.facts(ClockExtended.self)
            let turn = LegalClock.Turn(
                kind: .extended, at: event.time, by: facts.by, reason: LocalizedText(zh: facts.reason, en: facts.reason), term: facts.term,
                old: facts.old, due: facts.due)
            try turned(turn, facts.clock, facts.serial, event, &state, context) { clock in
                clock.extensions = (clock.extensions ?? 0) + 1
                (clock.dueDate, clock.provisional) = (facts.dueDate, facts.provisional)
            }
        case ClockPaused.type:
            let facts = try event.facts(ClockPaused.self)
            let turn = LegalClock.Turn(
                kind: .paused, at: event.time, by: facts.by, reason: facts.reason, term: nil, old: facts.due, due: facts.due)
            try turned(turn, facts.clock, facts.serial, event, &state, context) { $0.phase = .paused }
        case ClockResumed.type:
            let facts = try event.facts(ClockResumed.self)
            let reason = LocalizedText(zh: "恢复计时", en: "the clock runs again")
            let turn = LegalClock.Turn(
                kind: .resumed, at: event.time, by: facts.by, reason: reason, term: nil, old: facts.old, due: facts.due)
            try turned(turn, facts.clock, facts.serial, event, &state, context) { clock in
                clock.phase = .running
                (clock.dueDate, clock.provisional) = (facts.dueDate, facts.provisional)
            }
        case ClockRebased.type:
            let facts = try event.facts(ClockRebased.self)
            let turn = LegalClock.Turn(
                kind: .rebased, at: event.time, by: facts.by, reason: facts.reason, term: facts.term, old: facts.old, due: facts.due)
            try turned(turn, facts.clock, facts.serial, event, &state, context) { clock in
                (clock.term, clock.roll) = (facts.term ?? clock.term, facts.roll ?? clock.roll)
                (clock.dueDate, clock.provisional) = (facts.dueDate, facts.provisional)
            }
        case CaseSucceeded.type:
            let facts = try event.facts(CaseSucceeded.self)
            state?.hand(from: facts.from, to: facts.to)
            return try move(event, state, from: before, context)
        default: return try move(event, state, from: before, context)
        }
        return Consequences()
    }

    public func decide(_ command: Command, on state: State?, in context: FlowContext) throws(Refusal) -> Decision {
        guard let state else { throw Refusal.unknownCase }
        switch command {
        case .extend(let command): return try ClockExtensions.decide(command, on: state, in: context)
        case .change(let command): return try ClockChanges.decide(command, on: state, in: context)
        case .recount:
            let facts = ClockChanges.recount(state, in: context)
            return Decision(facts: facts, answer: Array("\(facts.count)".utf8))
        case .fire: return Decision(facts: RungCalls.due(on: state, in: context))
        }
    }

    private func register(_ event: CaseEvent, _ state: inout State?, _ context: FlowContext) throws(EventError) -> Consequences<Effect> {
        if state != nil { throw EventError(reason: "the case \(event.subject) is registered already") }
        let facts = try event.facts(CaseRegistered.self)
        let county = try Self.county(event.county, context)
        let pack = county.choosePack(
            kind: facts.kind, channel: facts.channel, urgency: facts.urgency, topic: facts.topic,
            on: county.calendar.offsets.date(at: facts.registered))
        let fresh = State(
            number: facts.number, channel: facts.channel, registered: facts.registered, topic: facts.topic, pack: pack.code,
            county: event.county,
            life: CaseLife(event, facts, in: county))
        state = fresh
        return Consequences(facts: try Self.starts(by: event, at: facts.registered, fresh, pack, Self.calendar(county, context)))
    }

    private func assign(_ event: CaseEvent, _ state: inout State?, _ context: FlowContext) throws(EventError) -> Consequences<Effect> {
        guard var next = state else { throw EventError(reason: "the case \(event.subject) is assigned before it is registered") }
        let facts = try event.facts(CaseAssigned.self)
        let county = try Self.county(next.county, context)
        guard let pack = county.pack(facts.pack) else {
            throw EventError(reason: "the county version \(next.county) has no rule pack \"\(facts.pack)\"")
        }
        let calendar = Self.calendar(county, context)
        var consequences: [any EventFacts] = []
        next.topic = facts.topic
        if next.pack != facts.pack {
            // The dispatch desk's rules chose another pack than kind and channel alone: its clocks take the place of the others.
            let reason = LocalizedText(zh: "改用办理规则 \(pack.name.zh)", en: "the rule pack \(pack.name.en) applies instead")
            consequences += next.clocks.filter { $0.isOpen && $0.task == nil }.map {
                ClockLapsed(clock: $0.name, serial: $0.serial, reason: reason)
            }
            next.pack = facts.pack
            if let registered = EventType(CaseRegistered.type) {
                consequences += try Self.starts(of: pack, by: registered, at: next.registered, next, calendar)
            }
        } else {
            consequences += Self.met(by: event, next, context)
        }
        consequences += Self.idle(next, except: consequences)
        // A step that this assignment did not know of may have ended the case.
        if next.life.stage.isFinal {
            state = next
            return Consequences(facts: consequences + Self.lapses(of: next, except: consequences))
        }
        let handedOver = LocalizedText(zh: "转交后重新计时", en: "the case was handed over, and a new clock of this name runs")
        let starts = try Self.starts(by: event, at: event.time, next, pack, calendar)
        consequences += Self.lapses(of: next, replacedBy: starts, handedOver, except: consequences)
        state = next
        return Consequences(facts: consequences + starts)
    }

    /// What an event of the case other than its registration and assignments does to its clocks: it ends some and starts others, and when
    /// the case has come to an end it leaves none.
    ///
    /// - Parameter before: Where the case stood before the event.
    private func move(
        _ event: CaseEvent, _ state: State?, from before: Stage?, _ context: FlowContext
    ) throws(EventError) -> Consequences<Effect> {
        guard let state, event.source != .deadline, let type = EventType(event.type) else { return Consequences() }
        let county = try Self.county(state.county, context)
        let calendar = Self.calendar(county, context)
        // A step that another one counts above fulfils nothing and begins nothing: what the other asks for is still owed.
        let isOverruled = state.life.overrules(event)
        var ends = isOverruled ? [] : Self.met(by: event, state, context)
        if state.life.stage.isFinal {
            // Help for the petitioner goes on, and may begin now (Article 37).
            return Consequences(facts: try ends + Self.lapses(of: state, except: ends) + Self.assistance(event, state, county, calendar))
        }
        // Where no unit owes a step any more, the clocks of earlier steps press nobody; the petitioner's windows stay open.
        if state.life.stage != before, !state.life.stage.owesStep {
            ends += Self.lapses(of: state, except: ends) { county.pack($0.pack)?.clock($0.name)?.lapses != true }
        }
        ends += Self.idle(state, except: ends)
        guard !isOverruled, let pack = county.pack(state.pack) else { return Consequences(facts: ends) }
        var starts =
            switch event.type {
            case CoHandlingAssigned.type: try Self.coHandling(event, state, pack, calendar)
            case AssistanceOpened.type: try Self.assistance(event, state, county, calendar)
            default: try Self.starts(of: pack, by: type, at: try Self.beginning(event), state, calendar)
            }
        // Taken up again, the case owes what it owed at its beginning: to be placed, accepted or shown the lawful way.
        if [CaseReopened.type, CaseUnmerged.type].contains(event.type), let registered = EventType(CaseRegistered.type) {
            starts += try Self.starts(of: pack, by: registered, at: event.time, state, calendar)
        }
        // Accepted again after a hand-over, the case keeps the clock that its first acceptance started (Article 34).
        if event.type == CaseAccepted.type, !starts.isEmpty {
            let fresh = starts.filter { start in !state.clocks.contains { $0.isOpen && $0.name == start.clock } }
            return Consequences(facts: ends + fresh)
        }
        let anew = LocalizedText(zh: "重新计时", en: "a new clock of this name runs")
        return Consequences(facts: ends + Self.lapses(of: state, replacedBy: starts, anew, except: ends) + starts)
    }

    /// Takes in what changed a clock, and plans what has not fired yet by its new date.
    private func turned(
        _ turn: LegalClock.Turn, _ name: ClockName, _ serial: Int, _ event: CaseEvent, _ state: inout State?, _ context: FlowContext,
        _ change: (inout LegalClock) -> Void
    ) throws(EventError) {
        guard var next = state, let index = next.clocks.firstIndex(where: { $0.name == name && $0.serial == serial }),
            next.clocks[index].isOpen
        else { throw EventError(reason: "the clock \"\(name)\" of \(event.subject) changes, but has ended or never ran") }
        var clock = next.clocks[index]
        let county = try Self.county(next.county, context)
        guard let pack = county.pack(clock.pack), let rule = pack.clock(clock.name) else {
            throw EventError(reason: "the rule pack \"\(clock.pack)\" has no clock \"\(clock.name)\"")
        }
        let pending = Set(clock.pending.map(\.index))
        clock.due = turn.due
        clock.turns = (clock.turns ?? []) + [turn]
        change(&clock)
        // What has fired does not fire again; what has not, fires at its moment in the new term.
        clock.pending = Rungs.plan(
            start: clock.from, due: clock.due, clock: rule, of: pack, calendar: Self.calendar(of: event, county, context)
        ).filter { pending.contains($0.index) }
        next.clocks[index] = clock
        state = next
    }

    private func start(_ event: CaseEvent, _ state: inout State?, _ context: FlowContext) throws(EventError) {
        guard var next = state else { throw EventError(reason: "a clock starts on the unknown case \(event.subject)") }
        let facts = try event.facts(ClockStarted.self)
        let county = try Self.county(next.county, context)
        guard let pack = county.pack(facts.pack), let clock = pack.clock(facts.clock) else {
            throw EventError(reason: "the rule pack \"\(facts.pack)\" has no clock \"\(facts.clock)\"")
        }
        let rungs = Rungs.plan(
            start: facts.from, due: facts.due, clock: clock, of: pack, calendar: Self.calendar(of: event, county, context))
        next.clocks.append(
            LegalClock(
                name: facts.clock, serial: facts.serial, pack: facts.pack, from: facts.from, due: facts.due, dueDate: facts.dueDate,
                provisional: facts.provisional, phase: .running, pending: rungs,
                unit: facts.unit.map { next.life.successor($0, since: event.after[.routing]) }, task: facts.task,
                term: facts.term))
        state = next
    }

    private func fired(
        _ rung: Int, of name: ClockName, _ serial: Int, _ event: CaseEvent, _ state: inout State?
    ) throws(EventError) {
        guard let index = state?.clocks.firstIndex(where: { $0.name == name && $0.serial == serial && $0.phase == .running }),
            state?.clocks[index].pending.first?.index == rung, let at = state?.clocks[index].pending.first?.at
        else { throw EventError(reason: "rung \(rung) of the clock \"\(name)\" of \(event.subject) is not the next to fire") }
        guard at <= event.time else { throw EventError(reason: "rung \(rung) of the clock \"\(name)\" of \(event.subject) fires early") }
        state?.clocks[index].pending.removeFirst()
    }

    private func end(
        _ name: ClockName, _ serial: Int, _ phase: LegalClock.Phase, _ event: CaseEvent, _ state: inout State?
    ) throws(EventError) {
        guard let index = state?.clocks.firstIndex(where: { $0.name == name && $0.serial == serial && $0.isOpen }) else {
            throw EventError(reason: "the clock \"\(name)\" of \(event.subject) ends, but does not run")
        }
        state?.clocks[index].phase = phase
        state?.clocks[index].pending = []
    }
}

extension DeadlineProcess {
    static func county(_ version: String, _ context: FlowContext) throws(EventError) -> CountyIndex {
        guard let county = context.counties[version]?.index else {
            throw EventError(reason: "the case names the county version \"\(version)\", which is not known here")
        }
        return county
    }

    /// The calendar by which the writer of one of deadline's own events counted: that of the county in force then.
    private static func calendar(of event: CaseEvent, _ county: CountyIndex, _ context: FlowContext) -> CountyCalendar {
        context.counties[event.county]?.index.calendar ?? county.calendar
    }

    /// The unit that owes what a clock runs for, where it is not the lead unit's: a co-handling or helping one, or the one that reviews.
    static func owing(_ clock: LegalClock, _ state: State, _ context: FlowContext) -> UnitCode? {
        if let unit = clock.unit { return unit }
        let from = context.counties[state.county]?.index.pack(clock.pack)?.clock(clock.name)?.from.description
        return from == ReviewRequested.type || from == FinalReviewRequested.type ? state.life.reviewer : nil
    }

    /// The calendar that counts: which days are worked is known best by the county in force, whatever version the case is bound to.
    static func calendar(_ county: CountyIndex, _ context: FlowContext) -> CountyCalendar {
        context.counties.current?.index.calendar ?? county.calendar
    }
}
