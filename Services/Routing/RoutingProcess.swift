import CaseFlow
import Models

/// Routing's decisions: who is responsible, and what units do at their desks.
public struct RoutingProcess: CaseProcess {
    public typealias State = RoutingState
    public typealias Effect = RoutingEffect

    /// What may be asked of routing.
    public enum Command: Sendable {
        /// Something about a case, at a desk.
        case order(DeskCommand)
        /// An issue has become hotter, as its keeper found.
        case heat(IssueHeating)
    }

    public let source = Source.routing
    private let topics: TopicShelf
    private let loads: LoadShelf
    private let beforeDeciding: (@Sendable () -> Void)?

    /// - Parameters:
    ///   - topics: The model that is asked for the topics of cases that come without one; an empty shelf asks none.
    ///   - loads: How much work units have, for rules that spread it; with an empty shelf they choose by the case alone.
    ///   - beforeDeciding: Takes time before a unit is looked for; measurements alone have something to do there.
    public init(
        topics: TopicShelf = TopicShelf(), loads: LoadShelf = LoadShelf(), beforeDeciding: (@Sendable () -> Void)? = nil
    ) {
        self.topics = topics
        self.loads = loads
        self.beforeDeciding = beforeDeciding
    }

    public func apply(
        _ event: CaseEvent, to state: inout State?, in context: FlowContext
    ) throws(EventError) -> Consequences<Effect> {
        if event.type == CaseRegistered.type { return try register(event, &state, context) }
        // Sessions and the county are subjects of their own, of which routing remembers nothing.
        guard var next = state else {
            if event.type == CaseAssigned.type { throw EventError(reason: "the case \(event.subject) is assigned before it is registered") }
            return Consequences()
        }
        let moves = try LoadMove.of(event, next).map { RoutingEffect.move($0) }
        try next.life.take(event)
        switch event.type {
        case CaseAssigned.type:
            // The unit's own time to object begins with the clock that follows.
            next.objectionEnd = nil
            let facts = try event.facts(CaseAssigned.self)
            let former = next.assignment
            next.assignment = RoutingState.Assignment(facts, at: event.time, event.sequence)
            next.assignment?.suggested = facts.suggested ?? former?.suggested
            next.assignment?.place = facts.place ?? former?.place
            let isCorrection = former != nil && facts.by != nil && facts.topic != nil && facts.topic != former?.topic
            next.assignment?.corrected = isCorrection ? true : former?.corrected
            next.region = next.region ?? facts.place?.region
        case ClockStarted.type:
            let facts = try event.facts(ClockStarted.self)
            let isRight = context.counties[next.county]?.index.pack(facts.pack)?.clock(facts.clock)?.lapses ?? false
            // Deadline may have started it before it heard that the unit has ended.
            let unit = facts.unit.map { next.life.successor($0, since: event.after[.routing]) }
            next.clocks.append(.init(name: facts.clock, serial: facts.serial, due: facts.due, isRight: isRight, unit: unit))
            if facts.clock == .objection { next.endObjections(at: facts.due, by: event) }
        case CaseSucceeded.type:
            let facts = try event.facts(CaseSucceeded.self)
            for index in next.clocks.indices where next.clocks[index].unit == facts.from { next.clocks[index].unit = facts.to }
        case ClockExtended.type:
            let facts = try event.facts(ClockExtended.self)
            next.change(facts.clock, facts.serial, by: event) { $0.due = facts.due }
        case ClockPaused.type:
            let facts = try event.facts(ClockPaused.self)
            next.change(facts.clock, facts.serial, by: event) { $0.isPaused = true }
        case ClockResumed.type:
            let facts = try event.facts(ClockResumed.self)
            next.change(facts.clock, facts.serial, by: event) { ($0.isPaused, $0.due) = (false, facts.due) }
        case ClockRebased.type:
            let facts = try event.facts(ClockRebased.self)
            next.change(facts.clock, facts.serial, by: event) { $0.due = facts.due }
        case ClockMet.type:
            let facts = try event.facts(ClockMet.self)
            next.clocks.removeAll { $0.name == facts.clock && $0.serial == facts.serial }
        case ClockLapsed.type:
            let facts = try event.facts(ClockLapsed.self)
            next.clocks.removeAll { $0.name == facts.clock && $0.serial == facts.serial }
        case CaseReopened.type: if try event.facts(CaseReopened.self).by.role == .petitioner { next.wentBack = true }
        default: break
        }
        state = next
        return switch event.type {
        case CaseUnmerged.type: Consequences(facts: [try again(event, next, context)])
        case ClockPassed.type: Consequences(facts: try supervision(try event.facts(ClockPassed.self), next, context))
        case CaseRated.type: Consequences(facts: try back(try event.facts(CaseRated.self), at: event.time, next, context))
        default: Consequences(effects: moves)
        }
    }

    public func decide(_ command: Command, on state: State?, in context: FlowContext) throws(Refusal) -> Decision {
        switch command {
        case .order(let command): try decide(command, on: state, in: context)
        case .heat(let heating): Decision(facts: [heating])
        }
    }

    /// Answers an order on a case.
    public func decide(_ command: DeskCommand, on state: State?, in context: FlowContext) throws(Refusal) -> Decision {
        guard let state, let county = context.counties[state.county]?.index, let current = context.counties.current?.index else {
            throw Refusal.unknownCase
        }
        // An administrator moves those cases of a unit that has ended, too, that they may not know of, and is told nothing of them.
        let movesUnit = command.order.step == .succeed && command.by.role == .administrator
        guard movesUnit || state.life.access(of: command.by, in: county, current: current) > .none else { throw Refusal.unknownCase }
        if let expected = command.expected, expected != state.life.revision { throw Refusal.caseChanged }
        let row: Transition
        do throws(StepRefusal) { row = try state.life.judge(command.order.step, by: command.by, in: county) } catch { throw Refusal(error) }
        let rules = DeskRules(
            state: state, by: command.by, now: context.now, county: county, current: current)
        let facts = try rules.facts(for: command.order)
        let revision = CaseLife.Revision(
            intake: state.life.revision.intake, routing: state.life.revision.routing + Int64(facts.count))
        let answer = JSONValue.object([
            "number": .string(state.number), "step": .string(row.step.rawValue),
            "stage": .string((row.to ?? state.life.stage).rawValue), "revision": .string(revision.description),
        ])
        return Decision(facts: facts, answer: answer.canonical)
    }

    private func register(_ event: CaseEvent, _ state: inout State?, _ context: FlowContext) throws(EventError) -> Consequences<Effect> {
        if state != nil { throw EventError(reason: "the case \(event.subject) is registered already") }
        let county = try Self.county(event.county, context)
        let facts = try event.facts(CaseRegistered.self)
        let life = CaseLife(event, facts, in: county.index)
        state = State(
            number: facts.number, title: facts.title, channel: facts.channel, region: facts.region, registered: facts.registered,
            county: event.county, life: life, assignment: nil)
        // What was settled where it was raised needs no unit to be found: its answer follows.
        let effects = Matter(event.subject, facts, life).map { [RoutingEffect.matter($0)] } ?? []
        if life.onTheSpot { return Consequences(effects: effects) }
        beforeDeciding?()
        let current = context.counties.current?.index ?? county.index
        let denied = life.denied(in: county.index, current: current)
        let placement = CasePlacement(
            of: facts, event.subject, in: county, current: current, denied: denied, topics: topics, loads: loads.loads)
        let ruling = placement.ruling
        let assigned = CaseAssigned(
            unit: placement.lead, rule: ruling.rule, reason: ruling.reason, topic: ruling.topic, urgency: ruling.urgency,
            pack: ruling.pack, previous: nil, handOffs: 0, by: nil, place: placement.place, suggested: placement.suggested)
        return Consequences(facts: [assigned] + placement.help, effects: effects)
    }

    /// The supervision that the rule pack opens when a clock is long overdue (Articles 38 to 40).
    private func supervision(_ facts: ClockPassed, _ state: State, _ context: FlowContext) throws(EventError) -> [any EventFacts] {
        guard facts.supervise == true, !state.life.stage.isFinal else { return [] }
        let county = try Self.county(state.county, context).index
        let title = county.definition.packs.lazy.compactMap { $0.clock(facts.clock) }.first?.title.zh ?? facts.clock.text
        return [
            CaseSupervised(
                by: ActingPerson(role: .supervisor), reason: .overdue, note: "\(title)逾期\(facts.after?.name.zh ?? "\(facts.daysLate)个工作日")")
        ]
    }

    /// What a petitioner who is not satisfied brings about, where the rule pack says so: the case goes back to the unit that has it.
    ///
    /// A closed one does so while the petitioner may still ask for review.
    private func back(
        _ facts: CaseRated, at instant: Instant, _ state: State, _ context: FlowContext
    ) throws(EventError) -> [any EventFacts] {
        let county = try Self.county(state.county, context).index
        guard facts.satisfaction == .unsatisfied, state.wentBack != true, state.life.answer == .unit,
            state.life.stage == .answered || state.life.stage == .closed && state.windowIsOpen(at: instant),
            let assignment = state.assignment,
            county.pack(assignment.pack)?.unsatisfied == .reopen
        else { return [] }
        let current = context.counties.current?.index ?? county
        return [
            CaseReopened(by: facts.by, reason: "对答复不满意"),
            CaseAssigned(
                unit: current.living(state.life.lead, denied: state.life.denied(in: county, current: current)), rule: assignment.rule,
                reason: LocalizedText(zh: "信访人不满意，重新办理", en: "the petitioner is not satisfied: taken up again"), topic: assignment.topic,
                urgency: assignment.urgency, pack: assignment.pack, previous: state.life.lead, handOffs: state.life.handOffs, by: nil),
        ]
    }

    /// The assignment of a case that was merged by mistake: to the unit that has the duties of the one that had it.
    private func again(_ event: CaseEvent, _ state: State, _ context: FlowContext) throws(EventError) -> CaseAssigned {
        let county = try Self.county(state.county, context)
        let current = context.counties.current?.index ?? county.index
        let pack = county.index.choosePack(kind: state.life.kind, channel: state.channel, urgency: .ordinary, topic: nil, on: nil).code
        return CaseAssigned(
            unit: current.living(state.life.lead, denied: state.life.denied(in: county.index, current: current)),
            rule: state.assignment?.rule,
            reason: LocalizedText(zh: "并案撤销，继续办理", en: "the merger was undone, and the case goes on"), topic: state.assignment?.topic,
            urgency: state.assignment?.urgency ?? .ordinary, pack: state.assignment?.pack ?? pack,
            previous: state.assignment.map { _ in state.life.lead },
            handOffs: state.life.handOffs, by: nil)
    }

    private static func county(_ version: String, _ context: FlowContext) throws(EventError) -> CountyBook.Edition {
        guard let county = context.counties[version] else {
            throw EventError(reason: "the case names the county version \"\(version)\", which is not known here")
        }
        return county
    }
}

extension RoutingState.Assignment {
    init(_ facts: CaseAssigned, at instant: Instant, _ sequence: Int64) {
        self.init(
            rule: facts.rule, reason: facts.reason, topic: facts.topic, urgency: facts.urgency, pack: facts.pack, at: instant,
            sequence: sequence)
    }
}
