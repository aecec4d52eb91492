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
        if record.intake?.file != nil || !record.receipts.isEmpty {
            receipt(record, events, &found)
            owner(record, events, &found)
            clocks(record, events, &found)
            effects(record, events, &found)
        }
        rebuild(record, events, &found)
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
        var owner = record.intake.flatMap { $0.file.flatMap { counties[$0.county]?.index.definition.desk } }
        for event in events where event.type == CaseAssigned.type {
            guard let facts = try? event.facts(CaseAssigned.self) else { continue }
            if facts.previous != nil, facts.previous != owner {
                found.append(Violation(4, record.subject, "it was taken from a unit that did not have it"))
            }
            owner = facts.unit
        }
        guard let owner else {
            found.append(Violation(4, record.subject, "it has no owner"))
            return
        }
        var named = [record.intake?.file?.unit, record.notification?.unit]
        if case .assigned(let state)? = record.routing { named.append(state.unit) } else { named.append(nil) }
        if named.contains(where: { $0 != owner }) {
            found.append(Violation(4, record.subject, "the services do not agree on the accountable unit"))
        }
    }

    /// Invariants 5 and 10: a clock from the beginning, and no rung early, twice, out of order or missing.
    private func clocks(_ record: SubjectRecord, _ events: [CaseEvent], _ found: inout [Violation]) {
        let starts = events.compactMap { try? $0.facts(ClockStarted.self) }
        guard let registered = record.intake?.file?.registered, starts.contains(where: { $0.from == registered }) else {
            found.append(Violation(5, record.subject, "no clock runs from its registration"))
            return
        }
        let running = record.deadline?.clocks.contains { $0.phase == .running } ?? false
        if !running, record.intake?.file?.stage.isFinal != true {
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

    /// Invariants 6 and 9: each notice and feed entry once, and none of an accusation.
    private func effects(_ record: SubjectRecord, _ events: [CaseEvent], _ found: inout [Violation]) {
        if Set(record.notices.map(\.id)).count != record.notices.count {
            found.append(Violation(6, record.subject, "a notice exists twice"))
        }
        if Set(record.feed).count != record.feed.count { found.append(Violation(6, record.subject, "a feed entry exists twice")) }
        let kinds = Dictionary(grouping: record.notices) { "\($0.template) \($0.recipient)" }
        let owed = record.intake?.file?.receiptOwed == true ? 1 : 0
        if kinds["receipt petitioner"]?.count ?? 0 != owed {
            found.append(
                Violation(6, record.subject, "it has \(kinds["receipt petitioner"]?.count ?? 0) receipt notices and is owed \(owed)"))
        }
        let assigned = events.count { $0.type == CaseAssigned.type }
        if record.notices.count(where: { $0.template == "assigned" }) != assigned {
            found.append(Violation(6, record.subject, "an assignment lacks its notice"))
        }
        var ends: [NoticeID: Int] = [:]
        for event in events {
            if let facts = try? event.facts(NoticeDelivered.self) { ends[facts.notice, default: 0] += 1 }
            if let facts = try? event.facts(NoticeFailed.self) { ends[facts.notice, default: 0] += 1 }
        }
        for notice in record.notices {
            let count = ends[notice.id] ?? 0
            let expected = notice.phase == .failed || notice.phase == .delivered && notice.recipient == .petitioner ? 1 : 0
            if count != expected {
                found.append(
                    Violation(
                        6, record.subject, "the end of a \(notice.template) notice stands \(count) times in the ledger, not \(expected)"))
            }
        }
        let told: Set<String> = [CaseRegistered.type, CaseAssigned.type, ClockStarted.type, ClockWarned.type, ClockPassed.type]
        let isPublic = record.notification?.kind != .accusation
        let expected = isPublic ? Set(events.filter { told.contains($0.type) }.map(\.id)) : []
        if !isPublic, !record.feed.isEmpty { found.append(Violation(9, record.subject, "an accusation stands in the feed")) }
        if isPublic, Set(record.feed) != expected {
            found.append(Violation(6, record.subject, "the feed lacks an entry or has one too many"))
        }
    }

    /// Invariant 7, second half: applying the ledger again gives what each service remembers.
    private func rebuild(_ record: SubjectRecord, _ events: [CaseEvent], _ found: inout [Violation]) {
        func compare<P: CaseProcess>(_ process: P, _ stored: P.State?) {
            do throws(EventError) {
                if try replay(process, events) != stored {
                    found.append(Violation(7, record.subject, "the ledger gives another state than \(process.source) remembers"))
                }
            } catch {
                found.append(Violation(7, record.subject, "the ledger cannot be applied again by \(process.source): \(error)"))
            }
        }
        compare(intake, record.intake)
        compare(RoutingProcess(), record.routing)
        compare(DeadlineProcess(), record.deadline)
        compare(NotificationProcess(), record.notification)
    }

    private func replay<P: CaseProcess>(_ process: P, _ events: [CaseEvent]) throws(EventError) -> P.State? {
        var state: P.State?
        for event in events where event.source == process.source || process.source.hears.contains(event.source) {
            _ = try process.apply(event, to: &state, in: FlowContext(now: event.time, counties: counties))
        }
        return state
    }
}
