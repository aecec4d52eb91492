import CaseFlow
import Deadline
import InMemory
import Intake
import Models
import Notification
import Operator
import Routing

/// What the four stores hold, by subject, read on from where it was read last.
struct RecordBook {
    private var lines: [Subject: [SubjectRecord.Line]] = [:]
    private var receipts: [Subject: [String]] = [:]
    private var notices: [Subject: [Notice]] = [:]
    private(set) var noticeIDs: Set<NoticeID> = []
    private var feed: [Subject: [FeedEntry]] = [:]
    private var ends: [NoticeID: Bool] = [:]
    /// Every event that a service ever committed to send, in the order of each service's commits.
    private(set) var emitted: [Subject: [CaseEvent]] = [:]
    private var read: [String: Int] = [:]
    /// What was found to be where it must not be.
    private(set) var leaks: [Violation] = []

    /// Reads what is new.
    mutating func refresh(from simulation: Simulation) async {
        for effect in new("intake", await simulation.intake.store.effects) {
            switch effect {
            case .line(let line):
                lines[line.subject, default: []].append(
                    .init(position: line.position, event: line.wire, previous: line.previous, hash: line.hash))
            case .registration(let subject, let facts): receipts[subject, default: []].append(facts.number)
            case .correction: break
            }
        }
        let states = await simulation.notification.store.states
        for effect in new("notification", await simulation.notification.store.effects) {
            switch effect {
            case .notice(let notice):
                notices[notice.subject, default: []].append(notice)
                noticeIDs.insert(notice.id)
            case .feed(let entry):
                feed[entry.subject, default: []].append(entry)
                look(at: entry, states[entry.subject])
            case .settled(let end): ends[end.notice] = end.failure == nil
            case .delivered, .withdrawn, .corrected, .digest: break
            }
        }
        let cases = await simulation.routing.store.states
        for case .matter(let matter) in new("routing", await simulation.routing.store.effects) {
            if cases[matter.subject]?.life.isConfidential == true {
                leaks.append(Violation(9, matter.subject, "a confidential case is compared with others"))
            }
        }
        let bundles = [
            ("to intake", await simulation.intake.store.bundles), ("to routing", await simulation.routing.store.bundles),
            ("to deadline", await simulation.deadline.store.bundles), ("to notification", await simulation.notification.store.bundles),
        ]
        for (name, all) in bundles {
            for message in new(name, all) {
                for case .event(let event) in (try? EventBundle.unpack(message.body)) ?? [] {
                    emitted[event.subject, default: []].append(event)
                }
            }
        }
    }

    /// What is on record of `subject` at this moment.
    func record(of subject: Subject, in simulation: Simulation) async -> SubjectRecord {
        var record = SubjectRecord(subject: subject)
        record.lines = lines[subject] ?? []
        record.receipts = receipts[subject] ?? []
        record.intake = await simulation.intake.store.states[subject]
        record.routing = await simulation.routing.store.states[subject]
        record.deadline = await simulation.deadline.store.states[subject]
        record.notification = await simulation.notification.store.states[subject]
        record.clocks[.intake] = await simulation.intake.store.clocks[subject]
        record.clocks[.routing] = await simulation.routing.store.clocks[subject]
        record.clocks[.deadline] = await simulation.deadline.store.clocks[subject]
        record.clocks[.notification] = await simulation.notification.store.clocks[subject]
        record.notices = (notices[subject] ?? []).map { notice in
            let phase: SubjectRecord.NoticeRecord.Phase =
                ends[notice.id].map { $0 ? .delivered : .failed } ?? (simulation.delivered.contains(notice.id) ? .delivered : .due)
            return .init(id: notice.id, template: notice.template.rawValue, recipient: notice.recipient, phase: phase)
        }
        record.feed = (feed[subject] ?? []).map(\.event)
        record.openEntries = (feed[subject] ?? []).count { $0.circle == nil }
        return record
    }

    /// Breaches in the feed, whose entries of a case stand in the order of its commits.
    func feedOrder(of subject: Subject) -> [Violation] {
        let isOrdered = (feed[subject] ?? []).enumerated().allSatisfy { $1.sequence == Int64($0 + 1) }
        return isOrdered ? [] : [Violation(6, subject, "the feed's entries of a case are not in their order")]
    }

    /// Departments get codes and dates: nobody's words, and of a confidential case only who works on it.
    private mutating func look(at entry: FeedEntry, _ state: NotificationState?) {
        if !Petition.marks(in: entry.body).isEmpty {
            leaks.append(Violation(9, entry.subject, "a petitioner's words stand in the feed"))
        }
        if state?.life.isConfidential == true, entry.circle == nil {
            leaks.append(Violation(9, entry.subject, "a confidential case stands in the feed for everybody"))
        }
    }

    private mutating func new<T>(_ name: String, _ all: [T]) -> ArraySlice<T> {
        defer { read[name] = all.count }
        return all[read[name, default: 0]...]
    }
}
