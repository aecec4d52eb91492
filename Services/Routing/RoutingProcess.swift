import CaseFlow
import Models

/// Routing's decisions: who is responsible.
public struct RoutingProcess: CaseProcess {
    /// Remembered between registration and the assignment that the same unit of work emits.
    public enum State: Equatable, Sendable, Codable {
        case registered(number: String, region: RegionCode?, county: String)
        case assigned(RoutingState)
    }

    public typealias Effect = RoutingEffect

    /// Nothing is asked of routing yet: the rules decide alone.
    public enum Command: Sendable {}

    public let source = Source.routing

    public init() {}

    public func apply(
        _ event: CaseEvent, to state: inout State?, in context: FlowContext
    ) throws(EventError) -> Consequences<Effect> {
        switch event.type {
        case CaseRegistered.type: try register(event, &state, context)
        case CaseAssigned.type: try assign(event, &state)
        default: Consequences()
        }
    }

    public func decide(_ command: Command, on state: State?, in context: FlowContext) throws(Refusal) -> Decision {}

    private func register(_ event: CaseEvent, _ state: inout State?, _ context: FlowContext) throws(EventError) -> Consequences<Effect> {
        if state != nil { throw EventError(reason: "the case \(event.subject) is registered already") }
        guard let county = context.counties[event.county] else {
            throw EventError(reason: "the case names the county version \"\(event.county)\", which is not known here")
        }
        let facts = try event.facts(CaseRegistered.self)
        let ruling = county.rules.decide(
            RuleFacts(
                kind: facts.kind, channel: facts.channel, urgency: facts.urgency, topic: facts.topic, region: facts.region,
                title: facts.title, narrative: facts.narrative))
        state = .registered(number: facts.number, region: facts.region, county: event.county)
        return Consequences(facts: [
            CaseAssigned(
                unit: ruling.unit, rule: ruling.rule, reason: ruling.reason, topic: ruling.topic, urgency: ruling.urgency,
                pack: ruling.pack, previous: nil, handOffs: 0)
        ])
    }

    private func assign(_ event: CaseEvent, _ state: inout State?) throws(EventError) -> Consequences<Effect> {
        let facts = try event.facts(CaseAssigned.self)
        let (number, region, county): (String, RegionCode?, String)
        switch state {
        case .registered(let known, let place, let version): (number, region, county) = (known, place, version)
        case .assigned(let before): (number, region, county) = (before.number, before.region, before.county)
        case nil: throw EventError(reason: "the case \(event.subject) is assigned before it is registered")
        }
        state = .assigned(
            RoutingState(
                number: number, unit: facts.unit, rule: facts.rule, reason: facts.reason, topic: facts.topic, region: region,
                urgency: facts.urgency, pack: facts.pack, assigned: event.time, handOffs: facts.handOffs, county: county))
        return Consequences()
    }
}
