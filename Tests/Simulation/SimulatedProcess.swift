import CaseFlow
import Models

/// A service's process as it is, but for a case that it cannot work on for a while, and for a defect that the simulation has to find.
struct SimulatedProcess<Base: CaseProcess>: CaseProcess {
    typealias State = Base.State
    typealias Command = Base.Command
    typealias Effect = Base.Effect

    let base: Base
    let world: SimulatedWorld
    let tampering: Tampering<Base>

    var source: Source { base.source }

    func apply(_ event: CaseEvent, to state: inout State?, in context: FlowContext) throws(EventError) -> Consequences<Effect> {
        if case .refuses(event.subject) = world.ailments[source] {
            throw EventError(reason: "the simulated process has a defect that this case shows")
        }
        guard let apply = tampering.apply else { return try base.apply(event, to: &state, in: context) }
        return try apply(base, event, &state, context)
    }

    func decide(_ command: Command, on state: State?, in context: FlowContext) throws(Refusal) -> Decision {
        guard let decide = tampering.decide else { return try base.decide(command, on: state, in: context) }
        return try decide(base, command, state, context)
    }
}

/// How a defect that the simulation has to find changes one service; nothing unless a defect is asked for.
struct Tampering<Process: CaseProcess>: Sendable {
    typealias Apply =
        @Sendable (Process, CaseEvent, inout Process.State?, FlowContext) throws(EventError) -> Consequences<Process.Effect>
    typealias Decide = @Sendable (Process, Process.Command, Process.State?, FlowContext) throws(Refusal) -> Decision

    var apply: Apply?
    var decide: Decide?
    /// Changes what is about to be stored.
    var changes: (@Sendable (inout Changes<Process.State, Process.Effect>) -> Void)?
    /// Changes events as they are delivered, given how far their subjects are.
    var delivered: (@Sendable (inout [CaseEvent], [Subject: CaseClock]) -> Void)?
    /// Acknowledges deliveries before they are durable.
    var acknowledgesEarly = false
    /// Takes what was committed out of the outbox before the broker has confirmed it.
    var forgetsUnsent = false
    /// Stores the half of what a process that died had decided.
    var tearsCommits = false
    /// Reads and writes a case without locking its row.
    var skipsLock = false
}
