import CaseFlow
import Models

/// Intake's decisions: is this a case, new or known, and what does the ledger say of it.
public struct IntakeProcess: CaseProcess {
    public typealias State = IntakeState
    public typealias Effect = IntakeEffect

    /// What may be asked of intake.
    public enum Command: Sendable {
        case register(Registration)
        case publish(CountyDefinition)
    }

    public let source = Source.intake
    private let signer: ReceiptSigner

    public init(signer: ReceiptSigner) { self.signer = signer }

    public func decide(_ command: Command, on state: State?, in context: FlowContext) throws(Refusal) -> Decision {
        switch command {
        case .register(let registration): try register(registration, on: state, in: context)
        case .publish(let definition): try publish(definition, in: context)
        }
    }

    public func apply(
        _ event: CaseEvent, to state: inout State?, in context: FlowContext
    ) throws(EventError) -> Consequences<Effect> {
        var next = state ?? IntakeState()
        var effects: [Effect] = []
        if event.type == CaseRegistered.type {
            if next.file != nil { throw EventError(reason: "the case \(event.subject) is registered already") }
            let facts = try event.facts(CaseRegistered.self)
            next.file = try open(facts, county: event.county, in: context)
            effects.append(.registration(event.subject, facts))
        } else if var file = next.file {
            try file.take(event)
            if file.completed == nil, file.isComplete { file.completed = event.time }
            next.file = file
        }
        next.position += 1
        let line = LedgerLine(position: next.position, event: event, previous: next.head)
        next.head = line.hash
        state = next
        effects.insert(.line(line), at: 0)
        return Consequences(effects: effects)
    }

    private func register(
        _ registration: Registration, on state: State?, in context: FlowContext
    ) throws(Refusal) -> Decision {
        guard let county = context.counties.current?.index else {
            throw Refusal(
                .unavailable, rule: "no-county-definition",
                sentence: "no county definition is in force yet; publish one with: huiyin county apply DIRECTORY")
        }
        if let topic = registration.topic, county.topic(topic) == nil {
            throw Refusal(
                .invalid, rule: "unknown-topic", sentence: "the county has no topic \"\(topic)\"; leave it out or name one of its topics")
        }
        if let region = registration.region, county.region(region) == nil {
            throw Refusal(
                .invalid, rule: "unknown-region",
                sentence: "the county has no region \"\(region)\"; leave it out or name one of its regions")
        }
        if let fingerprint = registration.fingerprint, let first = context.claims[fingerprint],
            let known = RegistrationAnswer(bytes: first.answer)
        {
            // The same person wrote the same matter: they are told the first case; no new clock runs (Article 19).
            return Decision(facts: [], answer: RegistrationAnswer(known: true, receipt: known.receipt).bytes)
        }
        // A commit whose answer was lost is asked for again with the same identifier: its receipt is the one it had.
        let registered = state?.file?.registered ?? context.now
        let date = county.calendar.offsets.date(at: registered)
        let number = state?.file?.number ?? CaseNumber.make(date: date, serial: registration.serial)
        let receipt: Receipt
        do {
            receipt = try Receipt.issue(
                id: registration.id, number: number, code: registration.code, registered: registered,
                county: county.definition.name.zh, signer: signer)
        } catch {
            throw Refusal(
                .unavailable, rule: "receipt-not-signed", sentence: "the receipt could not be signed, so nothing was registered; ask again")
        }
        if state?.file != nil { return Decision(facts: [], answer: RegistrationAnswer(known: false, receipt: receipt).bytes) }
        let facts = CaseRegistered(
            number: number, kind: registration.kind, channel: registration.channel, urgency: registration.urgency,
            title: registration.title, narrative: registration.narrative, topic: registration.topic, region: registration.region,
            occurred: registration.occurred, anonymous: registration.anonymous, petitioners: registration.petitioners,
            registered: context.now, receipt: receipt.digest)
        return Decision(
            facts: [facts], answer: RegistrationAnswer(known: false, receipt: receipt).bytes,
            claims: registration.fingerprint.map { [$0] } ?? [])
    }

    private func publish(_ definition: CountyDefinition, in context: FlowContext) throws(Refusal) -> Decision {
        let version: String
        do throws(CountyError) { version = try CountyBook.Edition(published: definition).index.version } catch {
            throw Refusal(.invalid, rule: "county-definition-invalid", sentence: "the county definition does not fit together: \(error)")
        }
        let changed = context.counties.current?.index.version != version
        let answer = JSONValue.object(["version": .string(version), "changed": .bool(changed)]).canonical
        return Decision(facts: changed ? [CountyPublished(definition: definition)] : [], answer: answer)
    }

    private func open(_ facts: CaseRegistered, county: String, in context: FlowContext) throws(EventError) -> CaseFile {
        guard let desk = context.counties[county]?.index.definition.desk else {
            throw EventError(reason: "the case names the county version \"\(county)\", which is not known here")
        }
        return CaseFile(
            number: facts.number, registered: facts.registered, stage: .registered, unit: desk, topic: facts.topic,
            urgency: facts.urgency, county: county, clocks: [], receiptOwed: !facts.anonymous, receiptSettled: nil,
            receiptFailed: false, completed: nil)
    }
}

extension CaseFile {
    /// Takes in what an event of the case says; an event that says nothing new to the file changes nothing.
    mutating func take(_ event: CaseEvent) throws(EventError) {
        switch event.type {
        case CaseAssigned.type:
            let facts = try event.facts(CaseAssigned.self)
            stage = .assigned
            unit = facts.unit
            topic = facts.topic
            urgency = facts.urgency
        case ClockStarted.type:
            let facts = try event.facts(ClockStarted.self)
            clocks.append(
                CaseFileClock(
                    name: facts.clock, serial: facts.serial, due: facts.due, dueDate: facts.dueDate, provisional: facts.provisional,
                    phase: .running))
        case ClockPassed.type:
            let facts = try event.facts(ClockPassed.self)
            mark(facts.clock, facts.serial, .passed)
        case ClockMet.type:
            let facts = try event.facts(ClockMet.self)
            mark(facts.clock, facts.serial, .met)
        case ClockLapsed.type:
            let facts = try event.facts(ClockLapsed.self)
            mark(facts.clock, facts.serial, .lapsed)
        case NoticeDelivered.type:
            let facts = try event.facts(NoticeDelivered.self)
            if facts.template == TemplateID.receipt.rawValue, facts.recipient == .petitioner { receiptSettled = event.time }
        case NoticeFailed.type:
            let facts = try event.facts(NoticeFailed.self)
            if facts.template == TemplateID.receipt.rawValue, facts.recipient == .petitioner {
                receiptSettled = event.time
                receiptFailed = true
            }
        default:
            break
        }
    }

    private mutating func mark(_ name: ClockName, _ serial: Int, _ phase: CaseFileClock.Phase) {
        for index in clocks.indices where clocks[index].name == name && clocks[index].serial == serial { clocks[index].phase = phase }
    }
}
