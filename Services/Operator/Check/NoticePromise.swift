import CaseFlow
import Intake
import Models
import Notification

/// Invariant 6: no notice and no feed entry missing or doubled; and of invariant 9 what the feed has to do with it.
extension PromiseCheck {
    /// Invariants 6 and 9 at every moment: nothing is stored twice, and nothing of a confidential case for everybody.
    func uniqueness(_ record: SubjectRecord, _ found: inout [Violation]) {
        if Set(record.notices.map(\.id)).count != record.notices.count {
            found.append(Violation(6, record.subject, "a notice exists twice"))
        }
        if Set(record.feed).count != record.feed.count { found.append(Violation(6, record.subject, "a feed entry exists twice")) }
        if record.notification?.life.isConfidential == true, record.openEntries > 0 {
            found.append(Violation(9, record.subject, "a confidential case stands in the feed for everybody"))
        }
    }

    /// Invariant 6 at rest: exactly the notices and feed entries that the events call for.
    ///
    /// - Parameter owed: What the events call for; nil when they cannot be applied again, which is reported already.
    func effects(_ record: SubjectRecord, _ events: [CaseEvent], _ owed: [Owed]?, _ found: inout [Violation]) {
        if record.unreadableNotices > 0 {
            found.append(Violation(6, record.subject, "\(record.unreadableNotices) of its notices cannot be read"))
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
            case .settled, .delivered, .withdrawn, .corrected, .digest: break
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
            // What somebody of the staff may know of no more is withdrawn, too.
            var isOfStaff = false
            if case .person = notice.recipient { isOfStaff = true }
            if notice.phase == .withdrawn, !isOfStaff, ![TemplateID.warned.rawValue, TemplateID.passed.rawValue].contains(notice.template) {
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
}
