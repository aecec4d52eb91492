import CaseFlow
import Models

/// Asks for a change of clocks that is no extension.
public struct ClockCommand: Sendable {
    public enum Order: Sendable {
        /// Lets a clock stand still for the reason that its rule pack knows.
        case pause(ClockName, note: String)
        case resume(ClockName)
        /// Moves the running clocks of the case to the terms of the county definition in force.
        case rebase(reason: String)

        var step: CaseStep {
            switch self {
            case .pause: .pauseClock
            case .resume: .resumeClock
            case .rebase: .rebaseClocks
            }
        }
    }

    public var order: Order
    public var by: ActingPerson
    /// The case must still be at this revision; nil changes whatever it has become.
    public var expected: CaseLife.Revision?

    public init(_ order: Order, by: ActingPerson, expected: CaseLife.Revision? = nil) {
        self.order = order
        self.by = by
        self.expected = expected
    }
}

/// The rules of pauses and of counting anew.
enum ClockChanges {
    static func decide(_ command: ClockCommand, on state: DeadlineState, in context: FlowContext) throws(Refusal) -> Decision {
        guard let county = context.counties[state.county]?.index,
            state.life.access(of: command.by, in: county, current: context.counties.current?.index) > .none
        else { throw Refusal.unknownCase }
        if let expected = command.expected, expected != state.life.revision { throw Refusal.caseChanged }
        do throws(StepRefusal) { _ = try state.life.judge(command.order.step, by: command.by, in: county) } catch { throw Refusal(error) }
        let facts: [any EventFacts] =
            switch command.order {
            case .pause(let name, let note): [try pause(name, note, command.by, state, county)]
            case .resume(let name): [try resume(name, command.by, state, county, context)]
            case .rebase(let reason): try rebase(reason, command.by, state, context)
            }
        return Decision(facts: facts, answer: JSONValue.object(["clocks": .array(facts.compactMap(changed))]).canonical)
    }

    /// The running clocks whose date or certainty is another by the calendar in force.
    ///
    /// What has run out by its old date stays so: nobody is late, or in time, with hindsight.
    static func recount(_ state: DeadlineState, in context: FlowContext) -> [any EventFacts] {
        guard let county = context.counties[state.county]?.index else { return [] }
        let calendar = DeadlineProcess.calendar(county, context)
        return state.clocks.compactMap { clock in
            guard clock.phase == .running, clock.due >= context.now,
                let span = clock.span(by: county.pack(clock.pack)?.clock(clock.name))
            else { return nil }
            let end = calendar.end(of: span)
            if end.at == clock.due, end.isProvisional == clock.provisional { return nil }
            return ClockRebased(
                by: nil, clock: clock.name, serial: clock.serial, cause: .calendar,
                reason: LocalizedText(zh: "工作日历已更新，期限重新计算", en: "the calendar of working days changed"), old: clock.due, due: end.at,
                dueDate: end.date, provisional: end.isProvisional)
        }
    }

    private static func pause(
        _ name: ClockName, _ note: String, _ by: ActingPerson, _ state: DeadlineState, _ county: CountyIndex
    ) throws(Refusal) -> ClockPaused {
        let clock = try open(name, .running, state)
        try check(by, clock, state, county)
        guard let reason = county.pack(clock.pack)?.clock(clock.name)?.pause else {
            throw refuse(
                "not-pausable",
                "the law knows no reason for which the clock \"\(name)\" stands still; only a hearing stops a final review (Article 36)")
        }
        return ClockPaused(by: by, clock: name, serial: clock.serial, reason: reason, note: note, due: clock.due)
    }

    private static func resume(
        _ name: ClockName, _ by: ActingPerson, _ state: DeadlineState, _ county: CountyIndex, _ context: FlowContext
    ) throws(Refusal) -> ClockResumed {
        let clock = try open(name, .paused, state)
        if by.role != .dispatcher { try check(by, clock, state, county) }
        guard var span = clock.span(by: county.pack(clock.pack)?.clock(clock.name)), let since = clock.pausedSince else {
            throw refuse("no-such-clock", "the term of the clock \"\(name)\" is not known")
        }
        span.pauses.append(.init(from: since, until: context.now))
        let end = DeadlineProcess.calendar(county, context).end(of: span)
        return ClockResumed(
            by: by, clock: name, serial: clock.serial, old: clock.due, due: end.at, dueDate: end.date, provisional: end.isProvisional)
    }

    private static func rebase(
        _ reason: String, _ by: ActingPerson, _ state: DeadlineState, _ context: FlowContext
    ) throws(Refusal) -> [ClockRebased] {
        guard let current = context.counties.current?.index else { throw Refusal.unknownCase }
        let changed = state.clocks.compactMap { clock -> ClockRebased? in
            guard clock.phase == .running, clock.unit == nil, let rule = current.pack(clock.pack)?.clock(clock.name), let term = rule.term,
                var span = clock.span(by: rule)
            else { return nil }
            (span.term, span.roll) = (term, rule.roll)
            let end = current.calendar.end(of: span)
            if end.at == clock.due, end.isProvisional == clock.provisional { return nil }
            return ClockRebased(
                by: by, clock: clock.name, serial: clock.serial, cause: .policy, reason: LocalizedText(zh: reason, en: reason), term: term,
                roll: rule.roll, old: clock.due, due: end.at, dueDate: end.date, provisional: end.isProvisional)
        }
        if changed.isEmpty { throw refuse("nothing-to-rebase", "the running clocks of this case have the terms in force already") }
        return changed
    }

    /// A clock is stopped by those who owe what it runs for.
    private static func check(
        _ by: ActingPerson, _ clock: LegalClock, _ state: DeadlineState, _ county: CountyIndex
    ) throws(Refusal) {
        let from = county.pack(clock.pack)?.clock(clock.name)?.from.description
        let isReview = from == ReviewRequested.type || from == FinalReviewRequested.type
        if by.unit == (isReview ? state.life.reviewer : clock.unit ?? state.life.lead) { return }
        throw Refusal(.forbidden, rule: "not-its-clock", sentence: "a clock is stopped by the unit that owes what it runs for")
    }

    private static func open(_ name: ClockName, _ phase: LegalClock.Phase, _ state: DeadlineState) throws(Refusal) -> LegalClock {
        guard let clock = state.clocks.last(where: { $0.name == name && $0.phase == phase }) else {
            throw refuse("no-such-clock", "no clock \"\(name)\" \(phase == .paused ? "is paused" : "runs") for this case")
        }
        return clock
    }

    private static func changed(_ fact: any EventFacts) -> JSONValue? {
        func line(_ clock: ClockName, _ due: Instant) -> JSONValue {
            .object(["clock": .string(clock.text), "due": .string(due.description)])
        }
        return switch fact {
        case let fact as ClockPaused: line(fact.clock, fact.due)
        case let fact as ClockResumed: line(fact.clock, fact.due)
        case let fact as ClockRebased: line(fact.clock, fact.due)
        default: nil
        }
    }

    private static func refuse(_ rule: String, _ sentence: String) -> Refusal { Refusal(.conflict, rule: rule, sentence: sentence) }
}
