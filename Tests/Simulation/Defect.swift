import CaseFlow
import Deadline
import Intake
import Models
import Notification
import Routing

/// A deliberate mistake that the simulation has to find.
///
/// Each changes what stands around the engine and the processes, in the simulation alone; nothing of it can be reached in a service.
package enum Defect: String, CaseIterable, Sendable {
    /// Every delivery is applied as it comes, whatever its sequence and what it came after.
    case skipGate = "skip-gate"
    /// An event says nothing of what it came after.
    case dropAfter = "drop-after"
    /// Deliveries are acknowledged before they are durable.
    case acknowledgeEarly = "acknowledge-early"
    /// What must wait is acknowledged and not kept.
    case loseHeld = "lose-held"
    /// Outbox rows go before the broker has confirmed them.
    case forgetUnsent = "forget-unsent"
    /// A process that dies leaves the half of a commit behind.
    case tearCommit = "tear-commit"
    /// Two workers read a case at the same time, and one writes over the other.
    case skipLock = "skip-lock"
    /// What is applied after it was held gets no line in the ledger.
    case skipLedgerLine = "skip-ledger-line"
    /// Who registered under which key is not written down.
    case loseClaims = "lose-claims"
    /// A rung that has fired stays on its clock.
    case doubleRung = "double-rung"
    /// A rung fires up to two hours early.
    case earlyRung = "early-rung"
    /// No rung after a due date fires at all.
    case missingRung = "missing-rung"
    /// An accepted case gets no clock.
    case unclockedCase = "unclocked-case"
    /// A notice that is posted again gets another identifier.
    case newNoticeIdentifier = "new-notice-identifier"
    /// The feed gives confidential cases to everybody.
    case openSecret = "open-secret"
    /// A case is taken from a unit without a word of which.
    case namelessHandover = "nameless-handover"

    var intake: Tampering<IntakeProcess> {
        var tampering: Tampering<IntakeProcess> = general()
        if self == .skipLedgerLine {
            tampering.changes = { changes in
                if changes.released.isEmpty { return }
                changes.effects.removeAll { effect in
                    if case .line = effect { true } else { false }
                }
            }
        }
        if self == .loseClaims { tampering.changes = { $0.claims = [] } }
        return tampering
    }

    var routing: Tampering<RoutingProcess> {
        var tampering: Tampering<RoutingProcess> = general()
        if self == .namelessHandover {
            tampering.decide = { (process, command, state, context) throws(Refusal) in
                var decision = try process.decide(command, on: state, in: context)
                decision.facts = decision.facts.map { fact in
                    guard var assigned = fact as? CaseAssigned else { return fact }
                    assigned.previous = nil
                    return assigned
                }
                return decision
            }
        }
        return tampering
    }

    var deadline: Tampering<DeadlineProcess> {
        var tampering: Tampering<DeadlineProcess> = general()
        switch self {
        case .doubleRung:
            tampering.apply = { (process, event, state, context) throws(EventError) in
                let before = state
                let consequences = try process.apply(event, to: &state, in: context)
                // Each second one, so that no clock fires for ever.
                if Self.isRung(event), event.sequence % 2 == 0, let before { state?.clocks = before.clocks }
                return consequences
            }
        case .earlyRung:
            let haste = Duration.seconds(7200)
            tampering.decide = { (process, command, state, context) throws(Refusal) in
                let early = FlowContext(now: context.now + haste, counties: context.counties, claims: context.claims)
                if case .fire = command { return try process.decide(command, on: state, in: early) }
                return try process.decide(command, on: state, in: context)
            }
            tampering.apply = { (process, event, state, context) throws(EventError) in
                var late = event
                if Self.isRung(event) { late.time = event.time + haste }
                return try process.apply(late, to: &state, in: context)
            }
        case .missingRung:
            tampering.decide = { (process, command, state, context) throws(Refusal) in
                var decision = try process.decide(command, on: state, in: context)
                if case .fire = command { decision.facts.removeAll { $0 is ClockPassed } }
                return decision
            }
        case .unclockedCase:
            tampering.apply = { (process, event, state, context) throws(EventError) in
                var consequences = try process.apply(event, to: &state, in: context)
                if event.type == CaseAccepted.type { consequences.facts.removeAll { $0 is ClockStarted } }
                return consequences
            }
        default: break
        }
        return tampering
    }

    var notification: Tampering<NotificationProcess> {
        var tampering: Tampering<NotificationProcess> = general()
        if self == .openSecret {
            tampering.apply = { (process, event, state, context) throws(EventError) in
                var consequences = try process.apply(event, to: &state, in: context)
                consequences.effects = consequences.effects.map { effect in
                    guard case .feed(var entry) = effect else { return effect }
                    entry.circle = nil
                    return .feed(entry)
                }
                return consequences
            }
        }
        return tampering
    }

    /// What is wrong with every service alike.
    private func general<P: CaseProcess>() -> Tampering<P> {
        var tampering = Tampering<P>()
        switch self {
        case .skipGate:
            tampering.delivered = { events, clocks in
                var positions = clocks.mapValues(\.positions)
                for index in events.indices {
                    let (subject, source) = (events[index].subject, events[index].source)
                    let next = positions[subject, default: SourcePositions()][source] + 1
                    positions[subject, default: SourcePositions()][source] = next
                    (events[index].sequence, events[index].after) = (next, SourcePositions())
                }
            }
        case .dropAfter:
            tampering.delivered = { events, _ in for index in events.indices { events[index].after = SourcePositions() } }
        case .acknowledgeEarly: tampering.acknowledgesEarly = true
        case .loseHeld: tampering.changes = { $0.held = [] }
        case .forgetUnsent: tampering.forgetsUnsent = true
        case .tearCommit: tampering.tearsCommits = true
        case .skipLock: tampering.skipsLock = true
        default: break
        }
        return tampering
    }

    private static func isRung(_ event: CaseEvent) -> Bool { event.type == ClockWarned.type || event.type == ClockPassed.type }
}
