import CaseFlow
import Models

/// What departments hear of one event: the published language, without personal data and without anybody's words.
public struct FeedEntry: Sendable, Hashable {
    /// The event it tells of; a feed entry exists once for each.
    public var event: EventID
    public var subject: Subject
    public var type: String
    public var time: Instant
    /// 1, 2, 3… for each case.
    public var sequence: Int64
    public var unit: UnitCode
    public var topic: TopicCode?
    public var region: RegionCode?
    /// The entry as a structured CloudEvent, the bytes of one JSON object.
    public var body: [UInt8]

    /// Writes the entry; `data` are its facts, one JSON object.
    init(
        event: EventID, subject: Subject, type: String, time: Instant, sequence: Int64, unit: UnitCode, topic: TopicCode?,
        region: RegionCode?, data: JSONValue
    ) {
        self.event = event
        self.subject = subject
        self.type = type
        self.time = time
        self.sequence = sequence
        self.unit = unit
        self.topic = topic
        self.region = region
        body =
            JSONValue.object([
                "specversion": "1.0", "id": .string(event.description), "source": "/huiyin/feed", "type": .string(type),
                "subject": .string(subject.description), "time": .string(time.description), "sequence": .integer(sequence),
                "datacontenttype": "application/json", "data": data,
            ]).canonical
    }

    /// `<type>.<unit>.<topic>.<region>`, so that `case.*.edu.#` is everything of the education bureau; `none` where a part is unknown.
    public var routingKey: String { "\(type).\(unit).\(topic?.text ?? "none").\(region?.text ?? "none")" }

    /// The entry on its way to the topic exchange `huiyin.feed`.
    public var message: OutboundEvent { OutboundEvent(exchange: .feed, routingKey: routingKey, body: body) }
}
