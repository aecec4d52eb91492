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
    /// The facts, one JSON object.
    public var data: JSONValue

    /// `<type>.<unit>.<topic>.<region>`, so that `case.*.edu.#` is everything of the education bureau; `none` where a part is unknown.
    public var routingKey: String { "\(type).\(unit).\(topic?.text ?? "none").\(region?.text ?? "none")" }

    /// The entry as a structured CloudEvent for the topic exchange `huiyin.feed`.
    public var message: OutboundMessage {
        let event = JSONValue.object([
            "specversion": "1.0", "id": .string(event.description), "source": "/huiyin/feed", "type": .string(type),
            "subject": .string(subject.description), "time": .string(time.description), "sequence": .integer(sequence),
            "datacontenttype": "application/json", "data": data,
        ])
        return OutboundMessage(
            exchange: .feed, routingKey: routingKey, contentType: "application/cloudevents+json", body: event.canonical)
    }
}
