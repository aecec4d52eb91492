import CaseFlow
import Models

/// Keeps the record of sessions at the grassroots (四下基层): decides what is asked of one, and takes in what its facts say.
///
/// Pure, as `IntakeProcess` is, which it is a part of. An entry that carries a name is recorded once, however often and however late it
/// is sent: what a tablet gathered without a network may be sent again by whoever is not sure.
enum SessionBook {
    /// Who may plan and hold sessions; an administrator brings in what was recorded offline.
    static let roles: Set<Role> = [.clerk, .dispatcher, .leader, .officer, .unitHead, .administrator]

    /// Answers an order on a session by the facts that it brings about.
    static func decide(_ command: SessionCommand, on state: IntakeState?, in context: FlowContext) throws(Refusal) -> Decision {
        guard roles.contains(command.by.role) else {
            let names = roles.map(\.name.en).sorted().joined(separator: ", ")
            throw Refusal(
                .forbidden, rule: "role-not-fitting",
                sentence: "sessions are planned and held by \(names); a \(command.by.role.name.en) may only look at them")
        }
        guard let county = context.counties.current?.index else {
            throw Refusal(
                .unavailable, rule: "no-county-definition",
                sentence: "no county definition is in force yet; publish one with: huiyin county apply DIRECTORY")
        }
        if state != nil, state?.session == nil { throw unknownSession(command) }
        if let record = state?.session, let entry = command.entry, record.entries.contains(entry) {
            return Decision(facts: [], answer: answer(of: record, command, nil))
        }
        if let record = state?.session, let expected = command.expected, expected != record.tag {
            throw Refusal(
                .changed, rule: "session-changed",
                sentence: "the session has changed since you read it; read it again and decide anew")
        }
        let rules = SessionRules(record: state?.session, by: command.by, now: context.now, county: county)
        var fact = try rules.fact(for: command.order)
        fact.by = command.by
        fact.entry = command.entry
        return Decision(facts: [fact], answer: try answer(to: command, fact, state?.session, context.now))
    }

    /// Takes in an event of a subject that is no case: of a session, or of one that intake remembers nothing of.
    static func take(_ event: CaseEvent, into session: inout SessionRecord?) throws(EventError) {
        if event.type == SessionPlanned.type {
            if session != nil { throw EventError(reason: "the session \(event.subject) is planned already") }
            session = SessionRecord(try event.facts(SessionPlanned.self), at: event.time)
        } else {
            try session?.take(event)
        }
    }

    /// What the session will be after `fact`, for the answer; the engine applies the fact itself.
    private static func answer(
        to command: SessionCommand, _ fact: any SessionFacts, _ record: SessionRecord?, _ now: Instant
    ) throws(Refusal) -> [UInt8] {
        var after = record
        do throws(EventError) {
            let event = try CaseEvent(
                id: EventID(command.subject.raw), source: .intake, subject: command.subject, type: type(of: fact).type, version: 1,
                time: now,
                sequence: 1, after: SourcePositions(), county: "", traceparent: nil, stating: fact)
            try take(event, into: &after)
        } catch { throw Refusal(.conflict, rule: "not-applicable", sentence: error.reason) }
        guard let after else { throw unknownSession(command) }
        return answer(of: after, command, fact)
    }

    private static func answer(of record: SessionRecord, _ command: SessionCommand, _ fact: (any SessionFacts)?) -> [UInt8] {
        var members: [String: JSONValue] = [
            "id": .string(command.subject.description), "phase": .string(record.phase.rawValue), "known": .bool(fact == nil),
            "revision": .string(record.tag.description),
        ]
        let number: Int? =
            switch fact {
            case let fact as VisitorQueued: fact.number
            case let fact as VisitorCalled: fact.number
            case let fact as VisitorServed: fact.number
            // What is known already was recorded under its name.
            default: command.entry.flatMap { entry in record.visitors.first { $0.entry == entry }?.number }
            }
        if let number { members["number"] = .integer(Int64(number)) }
        return JSONValue.object(members).canonical
    }

    private static func unknownSession(_ command: SessionCommand) -> Refusal {
        if case .plan = command.order {
            return Refusal(
                .conflict, rule: "id-taken", sentence: "this identifier names something else than a session; make a new UUID")
        }
        return .unknownSession
    }
}

extension Refusal {
    static let unknownSession = Refusal(.unknown, rule: "unknown-session", sentence: "there is no such session here")
}
