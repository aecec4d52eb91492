import CaseFlow
import Models

/// Which clocks an event ends, and why nothing more is owed under others.
extension DeadlineProcess {
    /// The end of the running clocks, or of those that `isMeant`, of a case that has come to a stage where nothing is owed under them.
    ///
    /// Those of assistance tasks run on until the tasks end.
    static func lapses(
        of state: State, except met: [any EventFacts], where isMeant: (LegalClock) -> Bool = { _ in true }
    ) -> [any EventFacts] {
        let stage = state.life.stage.name
        let reason = LocalizedText(zh: "信访件\(stage.zh)，不再计时", en: "the case is \(stage.en), so nothing more is owed")
        return state.clocks.filter {
            $0.isOpen && !isEnded($0, by: met) && isMeant($0) && $0.task == nil
        }
        .map { ClockLapsed(clock: $0.name, serial: $0.serial, reason: reason) }
    }

    /// The end of co-handling units' clocks under which nothing is owed: by a unit that is not awaited any more, or that owes the same
    /// by an earlier date.
    static func idle(_ state: State, except met: [any EventFacts]) -> [any EventFacts] {
        let reason = LocalizedText(zh: "协办单位已无须答复", en: "the co-handling unit's answer is not awaited under this clock any more")
        let running = state.clocks.filter { $0.isOpen && $0.unit != nil && $0.task == nil && !isEnded($0, by: met) }
        return running.filter { clock in
            !state.life.awaited.contains { $0 == clock.unit }
                || running.contains { $0.name == clock.name && $0.unit == clock.unit && ($0.due, $0.serial) < (clock.due, clock.serial) }
        }
        .map { ClockLapsed(clock: $0.name, serial: $0.serial, reason: reason) }
    }

    /// The end of the running clocks in whose place clocks of the same name now run for the same unit.
    static func lapses(
        of state: State, replacedBy starts: [ClockStarted], _ reason: LocalizedText, except met: [any EventFacts]
    ) -> [any EventFacts] {
        state.clocks.filter { clock in
            clock.isOpen && !isEnded(clock, by: met)
                && starts.contains {
                    $0.clock == clock.name && $0.unit == clock.unit && $0.pack == clock.pack && $0.task == clock.task
                }
        }
        .map { ClockLapsed(clock: $0.name, serial: $0.serial, reason: reason) }
    }

    static func isEnded(_ clock: LegalClock, by facts: [any EventFacts]) -> Bool {
        facts.contains { fact in
            switch fact {
            case let met as ClockMet: met.clock == clock.name && met.serial == clock.serial
            case let lapsed as ClockLapsed: lapsed.clock == clock.name && lapsed.serial == clock.serial
            default: false
            }
        }
    }

    /// The running clocks that `event` ends in time or late, as their pack says.
    static func met(by event: CaseEvent, _ state: State?, _ context: FlowContext) -> [any EventFacts] {
        guard let state, let type = EventType(event.type), let county = context.counties[state.county]?.index else { return [] }
        // A co-handling unit's step ends its own clock alone.
        let unit = (try? event.facts(CoHandlingAnswered.self))?.unit ?? (try? event.facts(CoHandlingExcused.self))?.unit
        let task = (try? event.facts(AssistanceEnded.self))?.serial
        return state.clocks.filter { clock in
            clock.isOpen && (unit == nil || clock.unit == unit) && (clock.task == nil || clock.task == task)
                && county.pack(clock.pack)?.clock(clock.name)?.endsWith.contains(type) ?? false
        }
        .map { ClockMet(clock: $0.name, serial: $0.serial, by: event.id) }
    }
}
