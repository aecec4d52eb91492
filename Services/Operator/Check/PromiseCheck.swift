import CaseFlow
import Deadline
import Intake
import Models
import Notification
import Routing

/// Checks what is on record against the promise: pure, the same for a simulation and for the real schemas.
///
/// It speaks of a house at rest: outboxes, queues and held tables are empty. What must hold at every other moment, too, can be checked by
/// itself. Invariant 9, confidentiality, is kept by the feed having no open entry of a confidential case, and by no unit that must not
/// learn of a case having a part in it or a notice of it.
public struct PromiseCheck: Sendable {
    let counties: CountyBook
    /// The instant up to which rungs must have fired.
    let now: Instant
    private let intake: IntakeProcess

    /// What notification has to store because of an event.
    typealias Owed = (event: CaseEvent, effect: NotificationEffect)

    public init(counties: CountyBook, now: Instant, intake: IntakeProcess) {
        self.counties = counties
        self.now = now
        self.intake = intake
    }

    /// Every breach in the record of one subject.
    public func violations(in record: SubjectRecord) -> [Violation] {
        var found: [Violation] = []
        let events = ledger(record, &found)
        positions(record, events, &found)
        order(record, events, &found)
        let owed = rebuild(record, events, &found)
        if record.intake?.file != nil || !record.receipts.isEmpty {
            receipt(record, events, &found)
            owner(record, events, &found)
            agreement(record, &found)
            rungs(record, events, &found)
            clocks(record, events, &found)
            coverage(record, events, isAtRest: true, &found)
            uniqueness(record, &found)
            effects(record, events, owed, &found)
        }
        return found
    }

    /// Every breach in the record of one subject of what holds while it is being worked on.
    ///
    /// The record must be of one moment. What services owe each other or anybody outside may still be on its way.
    public func momentaryViolations(in record: SubjectRecord) -> [Violation] {
        var found: [Violation] = []
        let events = ledger(record, &found)
        order(record, events, &found)
        if record.intake?.file != nil || !record.receipts.isEmpty {
            receipt(record, events, &found)
            owner(record, events, &found)
            rungs(record, events, &found)
            coverage(record, events, isAtRest: false, &found)
        }
        if let deadline = record.deadline, !isCovered(deadline) {
            found.append(Violation(5, record.subject, "no clock runs and no reason is on record"))
        }
        uniqueness(record, &found)
        return found
    }

    /// Invariant 7, first half: the chain of hashes holds and no line is missing.
    private func ledger(_ record: SubjectRecord, _ found: inout [Violation]) -> [CaseEvent] {
        var (events, head): ([CaseEvent], [UInt8]) = ([], [UInt8](repeating: 0, count: 32))
        for (index, line) in record.lines.enumerated() {
            if line.position != Int64(index + 1) {
                found.append(Violation(7, record.subject, "ledger line \(index + 1) is missing"))
                break
            }
            if line.previous != head || line.hash != LedgerLine.hash(previous: head, wire: line.event) {
                found.append(Violation(7, record.subject, "ledger line \(line.position) does not fit the line before it"))
            }
            head = line.hash
            do throws(EventError) { events.append(try CaseEvent(wire: line.event)) } catch {
                found.append(Violation(7, record.subject, "ledger line \(line.position) cannot be read: \(error)"))
            }
        }
        if record.intake.map({ $0.position != Int64(record.lines.count) || $0.head != head }) ?? !record.lines.isEmpty {
            found.append(Violation(7, record.subject, "the ledger ends elsewhere than intake remembers"))
        }
        return events
    }

    /// Invariant 2: every service has applied exactly what every source has emitted.
    private func positions(_ record: SubjectRecord, _ events: [CaseEvent], _ found: inout [Violation]) {
        for reader in Source.allCases {
            for source in reader.hears {
                let emitted = record.clocks[source]?.positions[source] ?? 0
                let applied = record.clocks[reader]?.positions[source] ?? 0
                if applied != emitted {
                    found.append(Violation(2, record.subject, "\(reader) has applied \(applied) of \(emitted) events of \(source)"))
                }
            }
        }
        if Set(events.map(\.id)).count != events.count {
            found.append(Violation(2, record.subject, "an event stands twice in the ledger"))
        }
        for source in Source.allCases {
            let emitted = record.clocks[source]?.positions[source] ?? 0
            let recorded = events.count { $0.source == source }
            if emitted != recorded {
                found.append(Violation(2, record.subject, "the ledger holds \(recorded) of \(emitted) events of \(source)"))
            }
        }
    }

    /// Invariant 3: in the order of each source, and after their causes.
    private func order(_ record: SubjectRecord, _ events: [CaseEvent], _ found: inout [Violation]) {
        var known = SourcePositions()
        for event in events {
            if event.sequence != known[event.source] + 1 {
                found.append(Violation(3, record.subject, "event \(event.sequence) of \(event.source) follows \(known[event.source])"))
            }
            for source in Source.allCases where event.after[source] > known[source] {
                found.append(Violation(3, record.subject, "a \(event.type) stands before an event of \(source) that it came after"))
            }
            known[event.source] = event.sequence
        }
    }

    /// Invariant 1: every receipt has its case, and the ledger vouches for it.
    private func receipt(_ record: SubjectRecord, _ events: [CaseEvent], _ found: inout [Violation]) {
        guard let first = events.first, let facts = try? first.facts(CaseRegistered.self) else {
            found.append(Violation(1, record.subject, "the ledger does not begin with the registration"))
            return
        }
        if record.receipts != [facts.number] || record.intake?.file?.number != facts.number {
            found.append(Violation(1, record.subject, "the number on the receipt is not the number of the case"))
        }
    }

    /// Invariant 4: one owner at every position of the ledger.
    private func owner(_ record: SubjectRecord, _ events: [CaseEvent], _ found: inout [Violation]) {
        var owner = record.intake?.file?.life.desk
        var isAssigned = false
        /// Who had it before it was settled, and where that stands in intake's stream: routing may assign it before it hears of that.
        var unsettled: (owner: UnitCode?, until: Int64)?
        for event in events {
            if let facts = try? event.facts(CaseAssigned.self) {
                let known = unsettled.flatMap { event.after[.intake] < $0.until ? $0.owner : nil } ?? owner
                // The first assignment takes it from the desk and may leave that unsaid.
                if facts.previous != known, facts.previous != nil || isAssigned {
                    found.append(Violation(4, record.subject, "it was taken from a unit that did not have it"))
                }
                owner = facts.unit
                isAssigned = true
                unsettled = nil
            } else if let facts = try? event.facts(CaseSucceeded.self) {
                if facts.from == owner { owner = facts.to }
            } else if !isAssigned, let facts = try? event.facts(CaseSettled.self), record.intake?.file?.life.onTheSpot == true {
                // What is settled once a unit has been assigned leaves it with that unit.
                unsettled = (unsettled?.owner ?? owner, event.sequence)
                owner = facts.unit
            }
        }
        guard let owner, let file = record.intake?.file, let county = counties[file.county]?.index else {
            found.append(Violation(4, record.subject, "it has no owner"))
            return
        }
        if file.life.lead != owner {
            found.append(Violation(4, record.subject, "the ledger names another accountable unit than intake remembers"))
        }
        secrecy(record, events, file.life, county, &found)
    }

    /// Invariant 4 between the services: all agree who is accountable and where the case stands.
    private func agreement(_ record: SubjectRecord, _ found: inout [Violation]) {
        let lives = [record.intake?.file?.life, record.routing?.life, record.deadline?.life, record.notification?.life]
        if Set(lives.map { $0?.lead }).count != 1 {
            found.append(Violation(4, record.subject, "the services do not agree on the accountable unit"))
        }
        if Set(lives.map { $0?.stage }).count != 1 {
            found.append(Violation(4, record.subject, "the services do not agree on the stage"))
        }
    }

    /// Invariant 9: no unit was ever given a part in a case that it must not learn of, by the county in force when it was, and none was
    /// sent a notice of it.
    private func secrecy(
        _ record: SubjectRecord, _ events: [CaseEvent], _ life: CaseLife, _ county: CountyIndex, _ found: inout [Violation]
    ) {
        if life.accused == nil { return }
        for event in events {
            let unit: UnitCode
            if let facts = try? event.facts(CaseAssigned.self) {
                unit = facts.unit
            } else if let facts = try? event.facts(CaseSucceeded.self) {
                unit = facts.to
            } else if let facts = try? event.facts(CoHandlingAssigned.self) {
                unit = facts.unit
            } else if let facts = try? event.facts(AssistanceOpened.self) {
                unit = facts.unit
            } else if let facts = try? event.facts(ReviewRequested.self) {
                unit = facts.reviewer
            } else if let facts = try? event.facts(FinalReviewRequested.self) {
                unit = facts.reviewer
            } else {
                continue
            }
            let denied = life.denied(in: county, current: counties[event.county]?.index)
            // Where every unit is accused, somebody still has to own the case until a higher level decides.
            if denied.contains(unit), denied.count < county.definition.units.count {
                found.append(Violation(9, record.subject, "a unit that must not learn of it was given a part in it"))
            }
        }
        let accused = life.denied(in: county, current: nil)
        if accused.count == county.definition.units.count { return }
        for case .unit(let unit) in record.notices.map(\.recipient) where accused.contains(unit) {
            found.append(Violation(9, record.subject, "a unit that must not learn of it was sent a notice of it"))
        }
    }

    /// Invariant 7, second half: applying the ledger again gives what each service remembers.
    ///
    /// Answers what notification owes by the same events; nil when they cannot be applied.
    private func rebuild(_ record: SubjectRecord, _ events: [CaseEvent], _ found: inout [Violation]) -> [Owed]? {
        func compare<P: CaseProcess>(_ process: P, _ stored: P.State?) -> [(CaseEvent, P.Effect)]? where P.State: Encodable {
            do throws(EventError) {
                let (state, effects) = try replay(process, events)
                if state != stored, !SealedShape.areAlike(state, stored) {
                    found.append(Violation(7, record.subject, "the ledger gives another state than \(process.source) remembers"))
                }
                return effects
            } catch {
                found.append(Violation(7, record.subject, "the ledger cannot be applied again by \(process.source): \(error)"))
                return nil
            }
        }
        _ = compare(intake, record.intake)
        _ = compare(RoutingProcess(), record.routing)
        _ = compare(DeadlineProcess(), record.deadline)
        return compare(NotificationProcess(), record.notification)
    }

    private func replay<P: CaseProcess>(
        _ process: P, _ events: [CaseEvent]
    ) throws(EventError) -> (P.State?, [(CaseEvent, P.Effect)]) {
        var (state, effects): (P.State?, [(CaseEvent, P.Effect)]) = (nil, [])
        for event in events where event.source == process.source || process.source.hears.contains(event.source) {
            let consequences = try process.apply(event, to: &state, in: FlowContext(now: event.time, counties: counties))
            effects += consequences.effects.map { (event, $0) }
        }
        return (state, effects)
    }
}
