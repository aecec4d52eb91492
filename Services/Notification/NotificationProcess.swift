import CaseFlow
import Models

/// Notification's decisions: who must hear of it.
public struct NotificationProcess: CaseProcess {
    public typealias State = NotificationState
    public typealias Effect = NotificationEffect

    /// What the courier reports.
    public enum Command: Sendable {
        /// A notice came to its end.
        case settle(Settlement)
    }

    /// How a notice ended.
    public struct Settlement: Sendable {
        public var notice: NoticeID
        public var template: String
        public var recipient: NoticeRecipient
        /// The way it travelled: `file`, `webhook`.
        public var by: String
        public var attempts: Int
        /// Why it could not be delivered; nil when it was.
        public var failure: String?
        /// Whether its failure stands in the ledger already, and the operator has had it tried again since.
        public var again: Bool

        package init(
            notice: NoticeID, template: String, recipient: NoticeRecipient, by: String, attempts: Int, failure: String?, again: Bool = false
        ) {
            self.notice = notice
            self.template = template
            self.recipient = recipient
            self.by = by
            self.attempts = attempts
            self.failure = failure
            self.again = again
        }
    }

    public let source = Source.notification

    public init() {}

    public func apply(
        _ event: CaseEvent, to state: inout State?, in context: FlowContext
    ) throws(EventError) -> Consequences<Effect> {
        var consequences = try hear(event, &state, context)
        guard let known = state else { return consequences }
        for (index, effect) in consequences.effects.enumerated() {
            guard case .notice(var notice) = effect else { continue }
            notice.isUrgent = known.urgency == .emergency
            notice.hours = ReminderHours(notice.template, to: notice.recipient, urgency: known.urgency)
            if let hours = notice.hours, let county = context.counties.current?.index {
                let release = hours.release(of: context.now, in: county)
                notice.notBefore = release > context.now ? release : nil
            }
            consequences.effects[index] = .notice(notice)
        }
        consequences.effects += try withdrawals(event, &state, context).map { .withdrawn($0) }
        return consequences
    }

    /// The reminders that have become pointless with an event, if the case ever had some: those by a clock that has ended, and those to a
    /// unit that has the case no more.
    private func withdrawals(_ event: CaseEvent, _ state: inout State?, _ context: FlowContext) throws(EventError) -> [Withdrawal] {
        func all(to unit: UnitCode) -> [Withdrawal] {
            let members = state.flatMap { context.counties[$0.county]?.index.unit(unit)?.members } ?? []
            return ([.unit(unit)] + members.filter(\.isReachable).map { .person($0.person) })
                .map { Withdrawal(subject: event.subject, clock: nil, recipient: $0) }
        }
        switch event.type {
        case ClockWarned.type, ClockPassed.type: state?.wasUrged = true
        case _ where state?.wasUrged != true: break
        case ClockMet.type:
            let facts = try event.facts(ClockMet.self)
            return [Withdrawal(subject: event.subject, clock: Self.spelling(facts.clock, facts.serial), recipient: nil)]
        case ClockLapsed.type:
            let facts = try event.facts(ClockLapsed.self)
            return [Withdrawal(subject: event.subject, clock: Self.spelling(facts.clock, facts.serial), recipient: nil)]
        case CaseAssigned.type:
            let facts = try event.facts(CaseAssigned.self)
            guard let previous = facts.previous, previous != facts.unit else { return [] }
            return all(to: previous)
        case CaseSucceeded.type: return all(to: try event.facts(CaseSucceeded.self).from)
        default: break
        }
        return []
    }

    private static func spelling(_ clock: ClockName, _ serial: Int) -> String { "\(clock) \(serial)" }

    private func urging(_ effects: [Effect], _ clock: ClockName, _ serial: Int) -> [Effect] {
        effects.map { effect in
            guard case .notice(var notice) = effect else { return effect }
            notice.clock = Self.spelling(clock, serial)
            return .notice(notice)
        }
    }

    private func hear(_ event: CaseEvent, _ state: inout State?, _ context: FlowContext) throws(EventError) -> Consequences<Effect> {
        if event.type == CaseRegistered.type { return try register(event, &state, context) }
        if event.type == IssueHeating.type { return try heat(event, context) }
        // Sessions and the county are subjects of their own, of which nobody is told here.
        guard state != nil || event.type == CaseAssigned.type || event.source == .deadline else { return Consequences() }
        try state?.life.take(event)
        return switch event.type {
        case CaseAssigned.type: try assign(event, &state, context)
        case ClockStarted.type:
            feed(event, &state, try clockFacts(event.facts(ClockStarted.self)))
        case ClockWarned.type:
            try warn(event, &state, context)
        case ClockPassed.type:
            try pass(event, &state, context)
        case NoticeDelivered.type:
            try { () throws(EventError) in
                let facts = try event.facts(NoticeDelivered.self)
                return settle(
                    NoticeEnd(notice: facts.notice, subject: event.subject, way: facts.by, attempt: facts.attempts), &state)
            }()
        case NoticeFailed.type:
            try { () throws(EventError) in
                let facts = try event.facts(NoticeFailed.self)
                return settle(
                    NoticeEnd(
                        notice: facts.notice, subject: event.subject, way: facts.by, attempt: facts.attempts, failure: facts.reason), &state
                )
            }()
        default: try tell(event, &state, context)
        }
    }

    /// The answer where the end of a notice stands in the ledger already.
    static let known = Array("known".utf8)

    public func decide(_ command: Command, on state: State?, in context: FlowContext) throws(Refusal) -> Decision {
        guard let state else { throw Refusal(.unknown, rule: "unknown-case", sentence: "there is no such case here") }
        switch command {
        case .settle(let end):
            // After a failure only a delivery is news, once.
            let known = state.settled.count { $0 == end.notice }
            if known > (end.again && end.failure == nil ? 1 : 0) { return Decision(facts: [], answer: Self.known) }
            if let failure = end.failure {
                return Decision(facts: [
                    NoticeFailed(
                        notice: end.notice, template: end.template, recipient: end.recipient, by: end.by, attempts: end.attempts,
                        reason: failure)
                ])
            }
            return Decision(facts: [
                NoticeDelivered(
                    notice: end.notice, template: end.template, recipient: end.recipient, by: end.by, attempts: end.attempts)
            ])
        }
    }

    private func register(_ event: CaseEvent, _ state: inout State?, _ context: FlowContext) throws(EventError) -> Consequences<Effect> {
        if state != nil { throw EventError(reason: "the case \(event.subject) is registered already") }
        let facts = try event.facts(CaseRegistered.self)
        let county = try Self.county(event.county, context)
        state = State(
            number: facts.number, life: CaseLife(event, facts, in: county), channel: facts.channel, urgency: facts.urgency,
            title: facts.title, topic: facts.topic, region: facts.region, registered: facts.registered, contacts: facts.contacts,
            members: facts.others,
            county: event.county, feedEntries: 0, settled: [])
        var consequences = feed(event, &state, [:])
        if !facts.anonymous {
            let registeredOn = county.calendar.offsets.date(at: facts.registered).description
            consequences.effects += notices(
                .receipt, to: [.petitioner], event, state, county,
                [.registeredOn: registeredOn, .queryAddress: "/v1/progress/\(facts.number)"])
        }
        return consequences
    }

    private func assign(_ event: CaseEvent, _ state: inout State?, _ context: FlowContext) throws(EventError) -> Consequences<Effect> {
        let facts = try event.facts(CaseAssigned.self)
        guard var next = state else { throw EventError(reason: "the case \(event.subject) is assigned before it is registered") }
        let county = try Self.county(next.county, context)
        next.pack = facts.pack
        next.topic = facts.topic
        next.urgency = facts.urgency
        next.region = next.region ?? facts.place?.region
        state = next
        var consequences = feed(
            event, &state, ["rule": facts.rule.map { .string($0.text) } ?? .null, "handOffs": .integer(Int64(facts.handOffs))])
        consequences.effects += notices(
            .assigned, to: [.unit(facts.unit)], event, state, county,
            [.reason: facts.reason.zh, .urgency: facts.urgency.name.zh, .leadUnit: Self.name(of: facts.unit, county)],
            english: [.reason: facts.reason.en, .urgency: facts.urgency.name.en, .leadUnit: Self.name(of: facts.unit, county, .en)])
        return consequences
    }

    private func warn(_ event: CaseEvent, _ state: inout State?, _ context: FlowContext) throws(EventError) -> Consequences<Effect> {
        let facts = try event.facts(ClockWarned.self)
        guard let known = state else { throw EventError(reason: "a clock of the unknown case \(event.subject) is warned of") }
        let county = try Self.county(known.county, context)
        var consequences = feed(
            event, &state,
            ["clock": .string(facts.clock.text), "due": .string(facts.due.description), "share": .integer(Int64(facts.share))])
        let urging = notices(
            .warned, to: Self.urged(facts.unit, facts.lead, facts.told, known), event, state, county,
            Self.clockFields(facts.clock, due: facts.due, county).merging([.share: "\(facts.share)"]) { $1 },
            english: Self.clockFields(facts.clock, due: facts.due, county, .en))
        consequences.effects += self.urging(urging, facts.clock, facts.serial)
        return consequences
    }

    private func pass(_ event: CaseEvent, _ state: inout State?, _ context: FlowContext) throws(EventError) -> Consequences<Effect> {
        let facts = try event.facts(ClockPassed.self)
        guard let known = state else { throw EventError(reason: "a clock of the unknown case \(event.subject) is passed") }
        let county = try Self.county(known.county, context)
        var consequences = feed(
            event, &state,
            ["clock": .string(facts.clock.text), "due": .string(facts.due.description), "daysLate": .integer(Int64(facts.daysLate))])
        // What is late by hours is not late by days.
        let isLate = facts.daysLate > 0 && facts.after.map { $0.unit == .day || $0.unit == .workday } ?? true
        let urging = notices(
            .passed, to: Self.urged(facts.unit, facts.lead, facts.told, known), event, state, county,
            Self.clockFields(facts.clock, due: facts.due, county).merging(isLate ? [.daysLate: "\(facts.daysLate)"] : [:]) { $1 },
            english: Self.clockFields(facts.clock, due: facts.due, county, .en))
        consequences.effects += self.urging(urging, facts.clock, facts.serial)
        // Whoever waits is told that they are not forgotten; what helpers owe concerns them and the lead unit alone.
        if facts.told != nil, !facts.clock.isHelp {
            var fields = Self.clockFields(facts.clock, due: facts.due, county)
            fields[.unit] = Self.name(of: facts.unit ?? known.unit, county)
            if let next = facts.next { fields[.nextOn] = county.calendar.offsets.date(at: next).description }
            consequences.effects += notices(.delayed, to: known.everybody, event, state, county, fields)
        }
        return consequences
    }

    /// The units that hear of a clock: the one that it runs for with the lead unit, as deadline names them, or the lead unit alone, and
    /// those above them whom the ladder names.
    private static func urged(
        _ unit: UnitCode?, _ lead: UnitCode?, _ told: [UnitCode]?, _ state: State
    ) -> [NoticeRecipient] {
        let owing = unit.map { [$0] + [lead].compactMap { $0 } } ?? [state.unit]
        return (owing + (told ?? []).filter { !owing.contains($0) }).map { .unit($0) }
    }

    private func settle(_ end: NoticeEnd, _ state: inout State?) -> Consequences<Effect> {
        state?.settled.append(end.notice)
        return Consequences(effects: [.settled(end)])
    }
}

extension CaseRegistered {
    /// The first petitioner, or those who speak for all of a joint petition.
    fileprivate var contacts: [NotificationState.Contact] {
        let speaking = petitioners.indices.filter { petitioners[$0].represents == true }
        return (speaking.isEmpty ? Array(petitioners.indices.prefix(1)) : speaking)
            .map { NotificationState.Contact(index: $0, sealed: petitioners[$0].contact) }
    }

    /// The others of a joint petition; nil when there are none.
    fileprivate var others: [NotificationState.Contact]? {
        guard statusToAll == true else { return nil }
        let told = Set(contacts.map(\.index))
        let others = petitioners.indices.filter { !told.contains($0) }
        return others.isEmpty ? nil : others.map { NotificationState.Contact(index: $0, sealed: petitioners[$0].contact) }
    }
}

extension NotificationProcess {
    static func county(_ version: String, _ context: FlowContext) throws(EventError) -> CountyIndex {
        guard let county = context.counties[version]?.index else {
            throw EventError(reason: "the case names the county version \"\(version)\", which is not known here")
        }
        return county
    }

    static func name(of unit: UnitCode, _ county: CountyIndex, _ language: Language = .zh) -> String {
        county.unit(unit)?.name[language] ?? unit.text
    }

    /// What a notice says of a clock: the title and the article that the county's packs give it, and its date.
    private static func clockFields(
        _ name: ClockName, due: Instant, _ county: CountyIndex, _ language: Language = .zh
    ) -> [TemplateField: String] {
        let clock = county.definition.packs.lazy.compactMap { $0.clock(name) }.first
        return [
            .clock: clock?.title[language] ?? name.text, .citation: clock?.citation[language] ?? "",
            .dueOn: county.calendar.offsets.date(at: due).description,
        ]
    }

    private func clockFacts(_ facts: ClockStarted) -> [String: JSONValue] {
        [
            "clock": .string(facts.clock.text), "due": .string(facts.due.description), "dueDate": .string(facts.dueDate.description),
            "provisional": .bool(facts.provisional), "pack": .string(facts.pack.text),
        ]
    }

    /// The entry of departments' feed that `event` makes.
    func feed(_ event: CaseEvent, _ state: inout State?, _ facts: [String: JSONValue]) -> Consequences<Effect> {
        guard var next = state else { return Consequences() }
        next.feedEntries += 1
        state = next
        var data: [String: JSONValue] = [
            "number": .string(next.number), "kind": .string(next.kind.rawValue), "channel": .string(next.channel.rawValue),
            "urgency": .string(next.urgency.rawValue), "stage": .string(next.life.stage.rawValue), "unit": .string(next.unit.text),
            "registered": .string(next.registered.description),
            "topic": next.topic.map { .string($0.text) } ?? .null, "region": next.region.map { .string($0.text) } ?? .null,
        ]
        data.merge(facts) { _, new in new }
        let entry = FeedEntry(
            event: event.id, subject: event.subject, type: event.type, time: event.time, sequence: next.feedEntries, state: next,
            data: .object(data))
        return Consequences(effects: [.feed(entry)])
    }
}
