import CaseFlow
import Models

/// Intake's decisions: is this a case, new or known, and what does the ledger say of it.
public struct IntakeProcess: CaseProcess {
    public typealias State = IntakeState
    public typealias Effect = IntakeEffect

    /// What may be asked of intake.
    public enum Command: Sendable {
        case register(Registration)
        case publish(CountyDefinition, replacing: String? = nil)
        /// Something about a registered case.
        case order(CaseCommand)
        /// A session at the grassroots, or something about one.
        case session(SessionCommand)
    }

    public let source = Source.intake
    private let signer: ReceiptSigner

    public init(signer: ReceiptSigner) { self.signer = signer }

    public func decide(_ command: Command, on state: State?, in context: FlowContext) throws(Refusal) -> Decision {
        switch command {
        case .register(let registration): try register(registration, on: state, in: context)
        case .publish(let definition, let replaced): try publish(definition, replacing: replaced, in: context)
        case .order(let command): try order(command, on: state, in: context)
        case .session(let command): try SessionBook.decide(command, on: state, in: context)
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
            next.file = try open(facts, event, in: context)
            effects.append(.registration(event.subject, facts))
        } else if var file = next.file {
            try file.take(event, in: context.counties[file.county]?.index)
            if file.completed == nil, file.isComplete { file.completed = event.time }
            next.file = file
            if event.type == PersonCorrected.type {
                let facts = try event.facts(PersonCorrected.self)
                effects.append(.correction(event.subject, index: facts.index, facts.petitioner))
            }
        } else {
            try SessionBook.take(event, into: &next.session)
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
        try check(registration, county)
        let isSecret = isConfidential(registration, in: context)
        // What was told openly before does not answer for what is kept confidential now; the other way round it does.
        let names = isSecret ? [registration.secretFingerprint ?? registration.fingerprint].compactMap { $0 } : registration.claims
        if let first = names.lazy.compactMap({ context.claims[$0] }).first, let known = RegistrationAnswer(bytes: first.answer),
            known.receipt.id != registration.id
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
            registered: context.now, receipt: receipt.digest, accused: registration.accused,
            onTheSpot: registration.settlement == nil ? nil : true, session: registration.session, follows: registration.follows,
            statusToAll: registration.petitioners.count > 1 ? true : nil, tags: registration.tags,
            confidential: isSecret ? true : nil, likes: registration.likes)
        let settled = registration.settlement.map { CaseSettled(by: $0.by, unit: $0.unit, answer: $0.answer) }
        return Decision(
            facts: [facts] + [settled].compactMap { $0 }, answer: RegistrationAnswer(known: false, receipt: receipt).bytes,
            claims: Array(names.prefix(1)))
    }

    /// Whether a rule keeps the case confidential by what is known as it is registered.
    ///
    /// It must hold from the first event on, which departments hear of before any unit is found (Articles 30 and 46); so nothing that is
    /// only suggested counts.
    private func isConfidential(_ registration: Registration, in context: FlowContext) -> Bool {
        context.counties.current?.rules.isConfidential(
            RuleFacts(
                kind: registration.kind, channel: registration.channel, urgency: registration.urgency, topic: registration.topic,
                region: registration.region, title: registration.title, narrative: registration.narrative,
                isFromSession: registration.session != nil, tags: registration.tags ?? [])) ?? false
    }

    /// Whether what the registration names exists, and nobody who is accused is to settle it.
    private func check(_ registration: Registration, _ county: CountyIndex) throws(Refusal) {
        for unit in registration.accused?.units ?? [] where county.unit(unit) == nil {
            throw Refusal(
                .invalid, rule: "unknown-unit", sentence: "the county has no unit \"\(unit)\" that could be accused; name one of its units")
        }
        guard let settlement = registration.settlement else { return }
        // Administrators bring in what was settled in the field.
        if settlement.by.role != .administrator {
            do throws(StepRefusal) {
                _ = try Lifecycle.judge(.settleOnTheSpot, at: .registered, by: settlement.by.role, .county)
            } catch { throw Refusal(error) }
        }
        let unit = settlement.unit
        if county.unit(unit) == nil || county.living(unit) != unit {
            throw Refusal(
                .invalid, rule: "unknown-unit", sentence: "the county has no unit \"\(unit)\"; name the unit that settled the matter")
        }
        let denied = county.denied(registration.accused)
        if denied.contains(unit) {
            throw Refusal(
                .conflict, rule: "unit-must-stay-out", sentence: "\(unit) must stay out of this case (Articles 30 and 46)")
        }
        let isAccused = registration.accused?.persons.contains { $0 == settlement.by.person } ?? false
        if isAccused || settlement.by.unit.map(denied.contains) ?? false {
            throw Refusal(
                .conflict, rule: "person-must-stay-out",
                sentence: "who is accused, or acts for a unit that is, settles nothing of it (Articles 28 and 30)")
        }
    }

    private func publish(
        _ definition: CountyDefinition, replacing expected: String?, in context: FlowContext
    ) throws(Refusal) -> Decision {
        let (inForce, today) = (context.counties.current?.index.version, definition.offsets.date(at: context.now))
        let version: String
        do throws(CountyError) {
            try definition.checkSuccessions()
            version = try CountyBook.Edition(published: definition).index.version
        } catch {
            throw Refusal(.invalid, rule: "county-definition-invalid", sentence: "the county definition does not fit together: \(error)")
        }
        // What is in force already was wanted by whoever asks again.
        if let expected, expected != inForce, version != inForce {
            throw Refusal(
                .changed, rule: "county-changed",
                sentence:
                    "another county definition is in force than the one that this one was made from; read it and make the change again")
        }
        for unit in definition.units {
            if let end = unit.ended, end > today {
                throw Refusal(
                    .invalid, rule: "unit-ends-later",
                    sentence: "\(unit.code) ends on \(end), which is not yet; publish that on the day, since what is in force holds at once"
                )
            }
        }
        let changed = inForce != version
        let answer = JSONValue.object(["version": .string(version), "changed": .bool(changed)]).canonical
        return Decision(facts: changed ? [CountyPublished(definition: definition)] : [], answer: answer)
    }

    private func order(_ command: CaseCommand, on state: State?, in context: FlowContext) throws(Refusal) -> Decision {
        guard let file = state?.file, let county = context.counties[file.county]?.index, let current = context.counties.current?.index
        else {
            throw Refusal.unknownCase
        }
        guard command.by.role == .petitioner || file.life.access(of: command.by, in: county, current: current) > .none else {
            throw Refusal.unknownCase
        }
        if let expected = command.expected, expected != file.life.revision { throw Refusal.caseChanged }
        let row: Transition
        do throws(StepRefusal) { row = try file.life.judge(command.order.step, by: command.by, in: county) } catch { throw Refusal(error) }
        let rules = CaseRules(
            id: CaseID(command.subject), file: file, by: command.by, now: context.now, county: county, current: current)
        let facts = try rules.facts(for: command.order)
        let revision = CaseLife.Revision(
            intake: file.life.revision.intake + Int64(facts.count), routing: file.life.revision.routing)
        // A rating may bring a review with it.
        let stage = facts.contains { $0 is ReviewRequested } ? .underReview : row.to ?? file.stage
        let answer = JSONValue.object([
            "number": .string(file.number), "step": .string(row.step.rawValue), "stage": .string(stage.rawValue),
            "revision": .string(revision.description),
        ])
        return Decision(facts: facts, answer: answer.canonical)
    }

    private func open(_ facts: CaseRegistered, _ event: CaseEvent, in context: FlowContext) throws(EventError) -> CaseFile {
        guard let county = context.counties[event.county]?.index else {
            throw EventError(reason: "the case names the county version \"\(event.county)\", which is not known here")
        }
        return CaseFile(
            number: facts.number, registered: facts.registered, title: facts.title, life: CaseLife(event, facts, in: county),
            topic: facts.topic, urgency: facts.urgency, county: event.county, clocks: [], receiptOwed: !facts.anonymous,
            receiptSettled: nil, receiptFailed: false, completed: nil, petitioners: facts.petitioners.count, tags: facts.tags)
    }
}
