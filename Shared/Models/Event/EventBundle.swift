/// Several events as one message: a CloudEvents batch (`application/cloudevents-batch+json`).
///
/// The gate judges every event by itself, so how events are bundled never changes what is applied.
public enum EventBundle {
    public static let contentType = "application/cloudevents-batch+json"
    /// A bundle is closed at this many events.
    public static let largestCount = 128
    /// A bundle is closed before it would hold more than this many bytes, unless one event alone does.
    public static let largestSize = 65_536

    /// Writes `events`, in their order, into as few bundles as the limits allow.
    public static func pack(_ events: [CaseEvent]) -> [[UInt8]] {
        pack(events, size: { $0.data.count + 400 }) { $0.write(into: &$1) }
    }

    /// Puts `events`, each the bytes of one JSON object, in their order into as few bundles as the limits allow.
    public static func pack(_ events: [[UInt8]]) -> [[UInt8]] {
        pack(events, size: \.count) { $1.append(contentsOf: $0) }
    }

    private static func pack<Event>(_ events: [Event], size: (Event) -> Int, write: (Event, inout [UInt8]) -> Void) -> [[UInt8]] {
        var (bundles, current, count): ([[UInt8]], [UInt8], Int) = ([], [], 0)
        for event in events {
            if count == largestCount || count > 0 && current.count + size(event) > largestSize {
                current.append(UInt8(ascii: "]"))
                bundles.append(current)
                (current, count) = ([], 0)
            }
            current.append(UInt8(ascii: count == 0 ? "[" : ","))
            write(event, &current)
            count += 1
        }
        if count > 0 {
            current.append(UInt8(ascii: "]"))
            bundles.append(current)
        }
        return bundles
    }

    /// One element of a bundle: an event, or the bytes of what is none with the reason.
    public enum Element: Hashable, Sendable {
        case event(CaseEvent)
        case undecodable([UInt8], reason: String)
    }

    /// Reads a bundle; an element that is no event of ours does not spoil the others.
    ///
    /// Throws when the message as a whole is no JSON array.
    public static func unpack(_ message: [UInt8]) throws(JSONError) -> [Element] {
        var elements: [Element] = []
        try JSONScanner.scan(message) { scanner throws(JSONError) in
            try scanner.array { (scanner) throws(JSONError) in
                let start = scanner
                do throws(EventError) {
                    elements.append(.event(try CaseEvent.scan(&scanner, message)))
                } catch {
                    // Whether it is JSON at all is for the message as a whole: then this skips it, or throws.
                    scanner = start
                    elements.append(.undecodable(Array(message[try scanner.skip()]), reason: error.reason))
                }
            }
            try scanner.end()
        }
        return elements
    }
}

extension CaseEvent {
    /// Reads one event in the JSON format of CloudEvents 1.0.
    public init(wire bytes: [UInt8]) throws(EventError) {
        let result: Result<CaseEvent, EventError>
        do throws(JSONError) {
            result = try JSONScanner.scan(bytes) { scanner throws(JSONError) in
                let event: CaseEvent
                do throws(EventError) { event = try CaseEvent.scan(&scanner, bytes) } catch { return .failure(error) }
                try scanner.end()
                return .success(event)
            }
        } catch { result = .failure(EventError(reason: "this is no event in JSON: \(error)")) }
        self = try result.get()
    }

    /// Reads the event at which `scanner`, over `bytes`, stands.
    fileprivate static func scan(_ scanner: inout JSONScanner, _ bytes: [UInt8]) throws(EventError) -> CaseEvent {
        var parts = Parts()
        do throws(JSONError) {
            try scanner.object { (scanner, key) throws(JSONError) in
                switch key {
                case "data": parts.data = try scanner.skip()
                case "sequence": parts.sequence = try scanner.value(depth: 0)
                case "eventversion": parts.version = try scanner.value(depth: 0)
                case "specversion": parts.specification = try scanner.value(depth: 0)
                case "id": parts.id = try scanner.value(depth: 0)
                case "source": parts.source = try scanner.value(depth: 0)
                case "subject": parts.subject = try scanner.value(depth: 0)
                case "type": parts.type = try scanner.value(depth: 0)
                case "time": parts.time = try scanner.value(depth: 0)
                case "after": parts.after = try scanner.value(depth: 0)
                case "county": parts.county = try scanner.value(depth: 0)
                case "traceparent": parts.traceparent = try scanner.value(depth: 0)
                default: _ = try scanner.skip(depth: 0)
                }
            }
        } catch { throw EventError(reason: "this is no event in JSON: \(error)") }
        return try parts.event(bytes)
    }

    /// The attributes of an event as they stand in JSON.
    private struct Parts {
        var data = 0..<0
        var (specification, id, source, subject): (JSONValue?, JSONValue?, JSONValue?, JSONValue?)
        var (type, version, time, sequence): (JSONValue?, JSONValue?, JSONValue?, JSONValue?)
        var (after, county, traceparent): (JSONValue?, JSONValue?, JSONValue?)

        func event(_ bytes: [UInt8]) throws(EventError) -> CaseEvent {
            guard try text("specversion", specification) == "1.0" else { throw EventError(reason: "\"specversion\" is not 1.0") }
            guard let id = EventID(try text("id", id)) else { throw EventError(reason: "\"id\" is no UUID") }
            guard let source = Source(rawValue: try text("source", source)) else {
                throw EventError(reason: "\"source\" is none of the four services")
            }
            guard let subject = Subject(try text("subject", subject)) else { throw EventError(reason: "\"subject\" is no UUID") }
            guard let time = Instant(try text("time", time)) else { throw EventError(reason: "\"time\" is no time in RFC 3339") }
            guard let after = SourcePositions(try after == nil ? "" : text("after", after)) else {
                throw EventError(reason: "\"after\" is not like intake=3,routing=1")
            }
            guard !data.isEmpty, bytes[data.lowerBound] == UInt8(ascii: "{") else {
                throw EventError(reason: "\"data\" is missing or no object")
            }
            return CaseEvent(
                id: id, source: source, subject: subject, type: try text("type", type),
                version: Int(clamping: try integer("eventversion", version)), time: time, sequence: try integer("sequence", sequence),
                after: after, county: try county == nil ? "" : text("county", county),
                traceparent: try traceparent == nil ? nil : text("traceparent", traceparent), data: Array(bytes[data]))
        }

        private func text(_ name: String, _ value: JSONValue?) throws(EventError) -> String {
            guard case .string(let value)? = value else {
                throw EventError(reason: "the attribute \"\(name)\" is missing or no string")
            }
            return value
        }

        private func integer(_ name: String, _ value: JSONValue?) throws(EventError) -> Int64 {
            guard case .integer(let value)? = value, value > 0 else {
                throw EventError(reason: "the attribute \"\(name)\" is missing or no positive integer")
            }
            return value
        }
    }

    /// The event as the bytes of one JSON object.
    public var wire: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(data.count + 420)
        write(into: &bytes)
        return bytes
    }

    /// Appends the event, in the JSON format of CloudEvents 1.0, to `bytes`.
    public func write(into bytes: inout [UInt8]) {
        JSONText.append(to: &bytes) { text in
            text.openObject()
            text.write("specversion", "1.0")
            text.write("id", id)
            text.write("source", source.rawValue)
            text.write("subject", subject)
            text.write("type", type)
            text.write("eventversion", version)
            text.write("sequence", sequence)
            text.write("time", time)
            let after = after.description
            if !after.isEmpty { text.write("after", after) }
            if !county.isEmpty { text.write("county", county) }
            text.writeIfPresent("traceparent", traceparent)
            text.write("datacontenttype", "application/json")
            text.key("data")
            text.write(raw: data)
            text.closeObject()
        }
    }
}
