import CaseFlow
import Deadline
import Intake
import Models
import Notification
import Routing
import TestSupport
import Testing

@testable import Operator

/// A case as the four services leave it on record, played without servers: each event is applied at once by all who hear it.
struct CheckedCase {
    static let subject = Subject(UniqueID(high: 0x0193_0000_0000_7000, low: 0x8000_0000_0000_0001))
    static let registered = Instant(microseconds: 1_764_000_000_000_000)

    private let intake: IntakeProcess
    private let counties: CountyBook
    private let version: String
    private var positions = SourcePositions()
    private var serial: UInt64 = 0
    private var now = registered
    private(set) var record = SubjectRecord(subject: subject)

    /// Registers a case whose `title` decides who gets it, and lets all services take it in.
    init(title: String = "the road", anonymous: Bool = false) throws {
        intake = IntakeProcess(signer: try #require(ReceiptSigner(seed: [UInt8](repeating: 7, count: 32))))
        let edition = try CountyBook.Edition(TestCounty.definition())
        var counties = CountyBook()
        counties.add(edition)
        counties.putInForce(edition.index.version)
        self.counties = counties
        version = edition.index.version
        let petitioner = CaseRegistered.Petitioner(person: "p", contact: SealedText(text: "sealed"))
        try take(
            CaseRegistered(
                number: "20251124-000001", kind: .help, channel: .web, urgency: .ordinary, title: title, narrative: "n", topic: nil,
                region: nil, occurred: nil, anonymous: anonymous, petitioners: anonymous ? [] : [petitioner],
                registered: Self.registered, receipt: "00"), by: .intake)
        record.receipts = ["20251124-000001"]
    }

    /// A session in place of a case: a subject of which only intake remembers anything.
    init(session facts: [any SessionFacts]) throws {
        try self.init(anonymous: true)
        (record, positions, serial) = (SubjectRecord(subject: Self.subject), SourcePositions(), 0)
        for facts in facts { try take(facts, by: .intake) }
    }

    /// The breaches that the check finds, as sentences.
    func violations(change: (inout SubjectRecord) -> Void = { _ in }) -> [String] {
        var changed = record
        change(&changed)
        return PromiseCheck(counties: counties, now: now, intake: intake).violations(in: changed).map(\.description)
    }

    /// Lets time pass and fires every rung whose moment has come.
    ///
    /// - Parameter after: What deadline had applied by then; everything so far when it is left out.
    mutating func pass(_ time: Duration, after: SourcePositions? = nil) throws {
        now = now + time
        let decision = try DeadlineProcess().decide(.fire, on: record.deadline, in: FlowContext(now: now, counties: counties))
        for facts in decision.facts { try take(facts, by: .deadline, after: after) }
    }

    /// States a fact of a service and lets everybody apply it, with what follows from it.
    ///
    /// - Parameter after: What the service had applied; everything so far when it is left out.
    mutating func take(_ facts: any EventFacts, by source: Source, after: SourcePositions? = nil) throws {
        serial += 1
        positions[source] += 1
        let event = try CaseEvent(
            id: EventID(UniqueID(high: 0x0193_0000_0000_7000, low: 0x9000_0000_0000_0000 + serial)), source: source,
            subject: Self.subject, type: type(of: facts).type, version: 1, time: now, sequence: positions[source],
            after: after ?? others(than: source), county: version, traceparent: nil, stating: facts)
        let ledger = try apply(event, by: intake, \.intake)
        for case .line(let line) in ledger.effects {
            record.lines.append(.init(position: line.position, event: line.wire, previous: line.previous, hash: line.hash))
        }
        let routing = try apply(event, by: RoutingProcess(), \.routing)
        let deadline = try apply(event, by: DeadlineProcess(), \.deadline)
        for effect in try apply(event, by: NotificationProcess(), \.notification).effects {
            switch effect {
            case .notice(let notice):
                record.notices.append(
                    .init(id: notice.id, template: notice.template.rawValue, recipient: notice.recipient, phase: .due))
            case .feed(let entry):
                record.feed.append(entry.event)
                if entry.circle == nil { record.openEntries += 1 }
            case .settled, .delivered, .withdrawn, .corrected, .digest: break
            }
        }
        for facts in routing.facts { try take(facts, by: .routing) }
        for facts in deadline.facts { try take(facts, by: .deadline) }
        for reader in Source.allCases {
            var known = SourcePositions()
            for source in reader.hears + [reader] { known[source] = positions[source] }
            record.clocks[reader] = CaseClock(positions: known)
        }
    }

    private func others(than source: Source) -> SourcePositions {
        var known = SourcePositions()
        for other in source.hears where other != source { known[other] = positions[other] }
        return known
    }

    private mutating func apply<P: CaseProcess>(
        _ event: CaseEvent, by process: P, _ state: WritableKeyPath<SubjectRecord, P.State?>
    ) throws -> Consequences<P.Effect> {
        guard event.source == process.source || process.source.hears.contains(event.source) else { return Consequences() }
        return try process.apply(event, to: &record[keyPath: state], in: FlowContext(now: now, counties: counties))
    }
}

extension SubjectRecord {
    /// Changes the warnings to what they were if notification had known another unit when they came.
    mutating func sendWarnings(to unit: UnitCode) {
        notices.removeAll { $0.template == TemplateID.warned.rawValue }
        for event in lines.compactMap({ try? CaseEvent(wire: $0.event) }) where event.type == ClockWarned.type {
            notices.append(
                .init(
                    id: Notice.id(event: event.id, template: .warned, recipient: .unit(unit)), template: TemplateID.warned.rawValue,
                    recipient: .unit(unit), phase: .due))
        }
    }
}
