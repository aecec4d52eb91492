import CaseFlow
import Deadline
import Intake
import Models

/// Invariants 5 and 10: a clock or a reason at every position, and no rung early, twice or never.
extension PromiseCheck {
    /// Whether `clock` presses whoever owes a step: what only ends a right does not.
    private func isOwed(_ clock: ClockName, _ pack: RulePackCode, _ county: CountyIndex?) -> Bool {
        county?.pack(pack)?.clock(clock)?.lapses != true
    }

    /// Whether a clock of the case runs or is paused for a recorded reason, or nobody owes a step.
    func isCovered(_ state: DeadlineState) -> Bool {
        let county = counties[state.county]?.index
        return !state.life.stage.owesStep || state.clocks.contains { $0.isOpen && $0.unit == nil && isOwed($0.name, $0.pack, county) }
    }

    /// Invariants 5 and 10 at rest: a clock from the beginning, one now, and no rung that is missing.
    func clocks(_ record: SubjectRecord, _ events: [CaseEvent], _ found: inout [Violation]) {
        let county = record.deadline.flatMap { counties[$0.county]?.index }
        let starts = events.compactMap { try? $0.facts(ClockStarted.self) }.filter { isOwed($0.clock, $0.pack, county) }
        guard let registered = record.intake?.file?.registered, starts.contains(where: { $0.from == registered }) else {
            found.append(Violation(5, record.subject, "no clock runs from its registration"))
            return
        }
        if record.deadline.map({ !isCovered($0) }) ?? true {
            found.append(Violation(5, record.subject, "no clock runs and no reason is on record"))
        }
        if let late = record.deadline?.dueRungs(at: now).first {
            found.append(
                Violation(
                    10, record.subject,
                    "rung \(late.rung.index) of the clock \(late.clock.name) was due at \(late.rung.at) and has not fired"))
        }
    }

    /// Invariant 5 at every position: after each of its units of work, deadline had a clock running or a reason why none did.
    ///
    /// What deadline had applied by then is told by `after` of what it wrote. At rest its last unit of work is all on record, too.
    func coverage(_ record: SubjectRecord, _ events: [CaseEvent], isAtRest: Bool, _ found: inout [Violation]) {
        let process = DeadlineProcess()
        var state: DeadlineState?
        var waiting = events.filter { process.source.hears.contains($0.source) }[...]
        var known: SourcePositions?
        func take(_ event: CaseEvent) {
            // What cannot be applied is reported where the ledger is replayed.
            _ = try? process.apply(event, to: &state, in: FlowContext(now: event.time, counties: counties))
        }
        func look() {
            if let state, !isCovered(state) {
                found.append(Violation(5, record.subject, "there was a time when no clock ran and no reason was on record"))
            }
        }
        for event in events where event.source == process.source {
            if event.after != known {
                if known != nil { look() }
                known = event.after
                for other in waiting where other.sequence <= event.after[other.source] { take(other) }
                waiting = waiting.filter { $0.sequence > event.after[$0.source] }[...]
            }
            take(event)
        }
        if isAtRest, known != nil { look() }
    }

    /// Invariant 10: no rung fired early, twice or out of order, and no clock ended early.
    func rungs(_ record: SubjectRecord, _ events: [CaseEvent], _ found: inout [Violation]) {
        var fired: [String: Int] = [:]
        for event in events {
            let rung: (String, Int, Instant)
            if let facts = try? event.facts(ClockWarned.self) {
                rung = ("\(facts.clock) \(facts.serial)", facts.rung, facts.at)
            } else if let facts = try? event.facts(ClockPassed.self) {
                rung = ("\(facts.clock) \(facts.serial)", facts.rung, facts.at)
            } else {
                if let facts = try? event.facts(ClockLapsed.self), let at = facts.at, at > event.time {
                    found.append(Violation(10, record.subject, "the clock \(facts.clock) \(facts.serial) lapsed early"))
                }
                continue
            }
            if rung.2 > event.time { found.append(Violation(10, record.subject, "rung \(rung.1) of the clock \(rung.0) fired early")) }
            if let last = fired[rung.0], last >= rung.1 {
                found.append(Violation(10, record.subject, "rung \(rung.1) of the clock \(rung.0) fired after rung \(last)"))
            }
            fired[rung.0] = rung.1
        }
    }
}
