import CaseFlow
import Models

extension NotificationProcess {
    /// What is told of an issue that has become hotter: to departments by the feed, to the leaders of the county and to the units concerned.
    ///
    /// An issue is no case, so notification remembers nothing of it; no confidential case is a part of one.
    func heat(_ event: CaseEvent, _ context: FlowContext) throws(EventError) -> Consequences<Effect> {
        let facts = try event.facts(IssueHeating.self)
        let county = try Self.county(event.county, context)
        var effects: [Effect] = [.feed(FeedEntry(event, facts))]
        // A county that has no words for it tells nobody.
        guard county.template(.heating, .zh) != nil else { return Consequences(effects: effects) }
        let leaders = county.leaders.map { NoticeRecipient.person($0.member.person) }
        for recipient in facts.units.map({ .unit($0) }) + leaders.unique {
            effects.append(.notice(notice(to: recipient, event, facts, county, context)))
        }
        return Consequences(effects: effects)
    }

    private func notice(
        to recipient: NoticeRecipient, _ event: CaseEvent, _ facts: IssueHeating, _ county: CountyIndex, _ context: FlowContext
    ) -> Notice {
        let language = recipient.language(in: county)
        let (topic, region) = (
            facts.topic.flatMap { county.topic($0)?.name[language] }, facts.region.flatMap { county.region($0)?.name[language] }
        )
        // The title is that of one case, which only the county's leaders may all know of.
        let isLeader = if case .person = recipient { true } else { false }
        let about = [region, topic].compactMap { $0 }.joined(separator: " · ")
        let title = isLeader ? facts.title : !about.isEmpty ? about : language == .zh ? "多人反映的同类事项" : "many cases of one matter"
        var fields: [TemplateField: String] = [
            .county: county.definition.name[language], .unit: Self.name(of: facts.unit, county, language), .title: title,
            .count: "\(facts.heat.cases)", .people: "\(facts.heat.people)",
            .day: county.calendar.offsets.date(at: facts.since).description,
            .lines: facts.units.map { "- " + Self.name(of: $0, county, language) }.joined(separator: "\n"),
        ]
        (fields[.topic], fields[.region]) = (topic, region)
        var notice = Notice(
            id: Notice.id(event: event.id, template: .heating, recipient: recipient), subject: event.subject, template: .heating,
            recipient: recipient, time: event.time, fields: Dictionary(uniqueKeysWithValues: fields.map { ($0.key.rawValue, $0.value) }),
            county: event.county)
        notice.hours = ReminderHours(.heating, to: recipient, urgency: .ordinary)
        if let hours = notice.hours, let current = context.counties.current?.index {
            let release = hours.release(of: context.now, in: current)
            notice.notBefore = release > context.now ? release : nil
        }
        return notice
    }
}

extension FeedEntry {
    /// What departments hear of an issue: counts and codes, and which cases, without anybody's words.
    init(_ event: CaseEvent, _ facts: IssueHeating) {
        self.init(
            event: event.id, subject: event.subject, type: event.type, time: event.time, sequence: event.sequence, kind: facts.kind,
            unit: facts.unit, topic: facts.topic, region: facts.region, circle: nil,
            body: Self.document(
                event.id, event.subject, event.type, event.time, event.sequence,
                .object([
                    "kind": .string(facts.kind.rawValue), "unit": .string(facts.unit.text),
                    "units": .array(facts.units.map { .string($0.text) }), "topic": facts.topic.map { .string($0.text) } ?? .null,
                    "region": facts.region.map { .string($0.text) } ?? .null, "level": .integer(Int64(facts.level)),
                    "heat": .integer(Int64(facts.heat.index)), "cases": .integer(Int64(facts.heat.cases)),
                    "people": .integer(Int64(facts.heat.people)), "growth": .integer(Int64(facts.heat.growth)),
                    "likes": .integer(Int64(facts.heat.likes)), "since": .string(facts.since.description),
                    "some": .array(facts.cases.map { .string($0.description) }),
                ])))
    }
}

extension [NoticeRecipient] {
    /// Each once, in their order.
    fileprivate var unique: [NoticeRecipient] {
        var seen: Set<NoticeRecipient> = []
        return filter { seen.insert($0).inserted }
    }
}
