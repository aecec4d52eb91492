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
    public var kind: CaseKind
    public var unit: UnitCode
    public var topic: TopicCode?
    public var region: RegionCode?
    /// Of a confidential case the units that may have it; nil for every other case (Articles 30 and 46).
    public var circle: [UnitCode]?
    /// The entry as a structured CloudEvent, the bytes of one JSON object.
    public var body: [UInt8]
}

extension FeedEntry {
    /// Writes the entry; `data` are its facts, one JSON object.
    init(
        event: EventID, subject: Subject, type: String, time: Instant, sequence: Int64, state: NotificationState, data: JSONValue
    ) {
        self.event = event
        self.subject = subject
        self.type = type
        self.time = time
        self.sequence = sequence
        kind = state.kind
        unit = state.unit
        topic = state.topic
        region = state.region
        circle = state.circle
        body = Self.document(event, subject, type, time, sequence, data)
    }

    /// The structured CloudEvent that an entry is.
    static func document(
        _ event: EventID, _ subject: Subject, _ type: String, _ time: Instant, _ sequence: Int64, _ data: JSONValue
    ) -> [UInt8] {
        JSONValue.object([
            "specversion": "1.0", "id": .string(event.description), "source": .string(FeedLanguage.source), "type": .string(type),
            "subject": .string(subject.description), "time": .string(time.description), "sequence": .integer(sequence),
            "dataschema": .string(FeedLanguage.schema(of: type)), "datacontenttype": "application/json", "data": data,
        ]).canonical
    }
}
