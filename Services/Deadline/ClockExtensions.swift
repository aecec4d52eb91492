import CaseFlow
import Models

/// Asks for more time on a clock (延期), and says why.
public struct ExtensionCommand: Sendable {
    public var clock: ClockName
    public var term: Term
    public var reason: String
    public var by: ActingPerson
    /// The case must still be at this revision; nil extends whatever it has become.
    public var expected: CaseLife.Revision?

    public init(clock: ClockName, term: Term, reason: String, by: ActingPerson, expected: CaseLife.Revision? = nil) {
        self.clock = clock
        self.term = term
        self.reason = reason
        self.by = by
        self.expected = expected
    }
}

/// The rules of extensions: asked for before the term ends, as often and as long as the pack allows, approved by the unit's head.
enum ClockExtensions {
    static func decide(_ command: ExtensionCommand, on state: DeadlineState, in context: FlowContext) throws(Refusal) -> Decision {
        guard let county = context.counties[state.county]?.index,
            state.life.access(of: command.by, in: county, current: context.counties.current?.index) > .none
        else { throw Refusal.unknownCase }
        if let expected = command.expected, expected != state.life.revision { throw Refusal.caseChanged }
        do throws(StepRefusal) { _ = try state.life.judge(.extend, by: command.by, in: county) } catch { throw Refusal(error) }
        guard let clock = state.clocks.last(where: { $0.name == command.clock && $0.phase == .running }) else {
            throw refuse("no-such-clock", "no clock \"\(command.clock)\" runs for this case")
        }
        guard let rule = county.pack(clock.pack)?.clock(clock.name)?.extensionRule else {
            throw refuse("not-extendable", "the clock \"\(command.clock)\" cannot be extended")
        }
        let article = rule.citation.en
        if (clock.extensions ?? 0) >= rule.times {
            throw refuse("extended-already", "this clock can be extended \(rule.times == 1 ? "once" : "\(rule.times) times") (\(article))")
        }
        if context.now > clock.due {
            throw refuse("extension-too-late", "an extension is asked for before the term ends; it ended on \(clock.dueDate) (\(article))")
        }
        // Both are measured from the same day, so that terms in different units compare.
        let calendar = DeadlineProcess.calendar(county, context)
        let span = clock.span(by: county.pack(clock.pack)?.clock(clock.name))
        func end(_ more: Term) -> SpanEnd {
            guard var longer = span else {
                let due = calendar.due(from: clock.due, term: more, roll: .none)
                return SpanEnd(at: due.at, date: due.date, isProvisional: clock.provisional || due.isProvisional)
            }
            longer.extensions.append(more)
            return calendar.end(of: longer)
        }
        let (longest, due) = (end(rule.longest), end(command.term))
        if due.at > longest.at {
            throw refuse("extension-too-long", "an extension is at most \(rule.longest.name.en) (\(article))")
        }
        return Decision(
            facts: [
                ClockExtended(
                    by: command.by, clock: clock.name, serial: clock.serial, reason: command.reason, term: command.term, old: clock.due,
                    due: due.at, dueDate: due.date, provisional: due.isProvisional, citation: rule.citation)
            ],
            answer: JSONValue.object([
                "clock": .string(clock.name.text), "due": .string(due.at.description), "dueDate": .string(due.date.description),
            ]).canonical)
    }

    private static func refuse(_ rule: String, _ sentence: String) -> Refusal { Refusal(.conflict, rule: rule, sentence: sentence) }
}
