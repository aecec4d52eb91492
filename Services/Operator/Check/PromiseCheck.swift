import CaseFlow
import Deadline
import Intake
import Models
import Notification
import Routing

/// Checks what is on record against the promise: pure, the same for a simulation and for the real schemas.
///
/// It speaks of a house at rest: outboxes, queues and held tables are empty. Invariant 9, confidentiality, is kept by the
/// feed having no entry of an accusation.
public struct PromiseCheck: Sendable {
    private let counties: CountyBook
    /// The instant up to which rungs must have fired.
    private let now: Instant
    private let intake: IntakeProcess

    /// What notification has to store because of an event.
    private typealias Owed = (event: CaseEvent, effect: NotificationEffect)

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
            clocks(record, events, &found)
            effects(record, events, owed, &found)
        }
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

    /// Invariant 4: one owner at every position, and all services agree who it is.
    private func owner(_ record: SubjectRecord, _ events: [CaseEvent], _ found: inout [Violation]) {
        var owner = record.intake?.file?.life.desk
        var isAssigned = false
        for event in events {
            if let facts = try? event.facts(CaseAssigned.self) {
                // The first assignment takes it from the desk and may leave that unsaid.
                if facts.previous != owner, facts.previous != nil || isAssigned {
                    found.append(Violation(4, record.subject, "it was taken from a unit that did not have it"))
                }
                owner = facts.unit
                isAssigned = true
            } else if let facts = try? event.facts(CaseSucceeded.self) {
                if facts.from == owner { owner = facts.to }
            } else if let facts = try? event.facts(CaseSettled.self), record.intake?.file?.life.onTheSpot == true {
                owner = facts.unit
            }
        }
        guard let owner, let county = record.intake?.file.flatMap({ counties[$0.county]?.index }) else {
            found.append(Violation(4, record.subject, "it has no owner"))
            return
        }
        let lives = [record.intake?.file?.life, record.routing?.life, record.deadline?.life, record.notification?.life]
        if lives.contains(where: { $0?.lead != owner }) {
            found.append(Violation(4, record.subject, "the services do not agree on the accountable unit"))
        }
        if Set(lives.map { $0?.stage }).count != 1 {
            found.append(Violation(4, record.subject, "the services do not agree on the stage"))
        }
        if let life = record.intake?.file?.life { secrecy(record, events, life, county, &found) }
    }

    /// Invariant 9: no unit was ever given a part in a case that it must not learn of, by the county in force when it was.
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
    }

    /// Invariants 5 and 10: a clock from the beginning, and no rung early, twice, out of order or missing.
    private func clocks(_ record: SubjectRecord, _ events: [CaseEvent], _ found: inout [Violation]) {
        let county = record.deadline.flatMap { counties[$0.county]?.index }
        // Under what only ends a right nobody is urged.
        func isOwed(_ clock: ClockName, _ pack: RulePackCode) -> Bool { county?.pack(pack)?.clock(clock)?.lapses != true }
        let starts = events.compactMap { try? $0.facts(ClockStarted.self) }.filter { isOwed($0.clock, $0.pack) }
        guard let registered = record.intake?.file?.registered, starts.contains(where: { $0.from == registered }) else {
            found.append(Violation(5, record.subject, "no clock runs from its registration"))
            return
        }
        let running = record.deadline?.clocks.contains { $0.isOpen && $0.unit == nil && isOwed($0.name, $0.pack) } ?? false
        if !running, record.intake?.file?.stage.owesStep != false {
            found.append(Violation(5, record.subject, "no clock runs and no reason is on record"))
        }
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
        if let late = record.deadline?.dueRungs(at: now).first {
            found.append(
                Violation(
                    10, record.subject,
                    "rung \(late.rung.index) of the clock \(late.clock.name) was due at \(late.rung.at) and has not fired"))
        }
    }

    /// Invariants 6 and 9: exactly the notices and feed entries that the events call for, each once, and those of an accusation for its
    /// circle alone.
    ///
    /// - Parameter owed: What the events call for; nil when they cannot be applied again, which is reported already.
    private func effects(_ record: SubjectRecord, _ events: [CaseEvent], _ owed: [Owed]?, _ found: inout [Violation]) {
        if Set(record.notices.map(\.id)).count != record.notices.count {
            found.append(Violation(6, record.subject, "a notice exists twice"))
        }
        if record.unreadableNotices > 0 {
            found.append(Violation(6, record.subject, "\(record.unreadableNotices) of its notices cannot be read"))
        }
        if Set(record.feed).count != record.feed.count { found.append(Violation(6, record.subject, "a feed entry exists twice")) }
        if record.notification?.life.isConfidential == true, record.openEntries > 0 {
            found.append(Violation(9, record.subject, "a confidential case stands in the feed for everybody"))
        }
        let receipts = record.notices.count { $0.template == TemplateID.receipt.rawValue && $0.recipient == .petitioner }
        let owedReceipts = record.intake?.file?.receiptOwed == true ? 1 : 0
        if receipts != owedReceipts {
            found.append(Violation(6, record.subject, "it has \(receipts) receipt notices and is owed \(owedReceipts)"))
        }
        if let owed { compare(record, events, owed, &found) }
        ends(record, events, &found)
    }

    /// Invariant 6 for what is stored: nothing missing, nothing that no event calls for.
    private func compare(_ record: SubjectRecord, _ events: [CaseEvent], _ owed: [Owed], _ found: inout [Violation]) {
        struct Mark: Hashable {
            var id: NoticeID
            var template: String
            var recipient: NoticeRecipient
        }
        var left = Set(record.notices.map { Mark(id: $0.id, template: $0.template, recipient: $0.recipient) })
        var told: Set<EventID> = []
        for (event, effect) in owed {
            switch effect {
            case .notice(let notice):
                let isStored = recipients(of: notice, event, record, events).contains { recipient in
                    let id = Notice.id(event: event.id, template: notice.template, recipient: recipient)
                    return left.remove(Mark(id: id, template: notice.template.rawValue, recipient: recipient)) != nil
                }
                // A step that routing does not tell of may reach notification before or after a change of unit, and so other people.
                if case .person = notice.recipient, event.source != .routing { continue }
                if !isStored {
                    found.append(Violation(6, record.subject, "the \(notice.template.rawValue) notice to \(notice.recipient) is missing"))
                }
            case .feed(let entry): told.insert(entry.event)
            case .settled, .withdrawn, .digest: break
            }
        }
        for mark in left.sorted(by: { $0.id < $1.id }) {
            if case .person = mark.recipient { continue }
            found.append(Violation(6, record.subject, "no event calls for the \(mark.template) notice to \(mark.recipient)"))
        }
        if Set(record.feed) != told {
            found.append(Violation(6, record.subject, "the feed lacks an entry or has one too many"))
        }
    }

    /// To whom the notice of `event` may have gone: to the unit that notification knew when it applied the event.
    ///
    /// An assignment that the event does not come after may have reached notification before or after it, whatever the ledger's order.
    private func recipients(
        of notice: Notice, _ event: CaseEvent, _ record: SubjectRecord, _ events: [CaseEvent]
    ) -> [NoticeRecipient] {
        guard case .unit = notice.recipient, event.source != .routing else { return [notice.recipient] }
        var known = record.intake?.file?.life.desk
        var later: [UnitCode] = []
        for change in events {
            let unit: UnitCode
            if let facts = try? change.facts(CaseAssigned.self) {
                unit = facts.unit
            } else if let facts = try? change.facts(CaseSucceeded.self) {
                unit = facts.to
            } else {
                continue
            }
            if change.sequence <= event.after[.routing] { known = unit } else { later.append(unit) }
        }
        return [notice.recipient] + ([known].compactMap { $0 } + later).map { .unit($0) }
    }

    /// The end of each notice that must be told stands in the ledger once, and of others not at all.
    ///
    /// A failure may stand before the delivery of one that the operator had tried again, and before its next try.
    private func ends(_ record: SubjectRecord, _ events: [CaseEvent], _ found: inout [Violation]) {
        var (deliveries, failures): ([NoticeID: Int], [NoticeID: Int]) = ([:], [:])
        for event in events {
            if let facts = try? event.facts(NoticeDelivered.self) { deliveries[facts.notice, default: 0] += 1 }
            if let facts = try? event.facts(NoticeFailed.self) { failures[facts.notice, default: 0] += 1 }
        }
        for notice in record.notices {
            if notice.phase == .withdrawn, ![TemplateID.warned.rawValue, TemplateID.passed.rawValue].contains(notice.template) {
                found.append(Violation(6, record.subject, "a \(notice.template) notice was withdrawn, which only reminders are"))
            }
            let (delivered, failed) = (deliveries[notice.id] ?? 0, failures[notice.id] ?? 0)
            let isTold = notice.phase == .delivered && notice.recipient.isOnRecord
            if delivered != (isTold ? 1 : 0) || (notice.phase == .failed ? failed != 1 : failed > (notice.again ? 1 : 0)) {
                found.append(
                    Violation(
                        6, record.subject,
                        "of a \(notice.template) notice that is \(notice.phase.rawValue) the ledger has \(delivered) deliveries and \(failed) failures"
                    ))
            }
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
