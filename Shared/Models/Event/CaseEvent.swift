/// A fact that one service states about one subject: a CloudEvents 1.0 event with the attributes that order it.
///
/// `sequence` counts 1, 2, 3… in the stream of `source` for `subject`; `after` tells, for every other source that the
/// writer hears, how much of its stream the writer had applied. From these two a reader knows, whatever the order of
/// delivery, whether the event is a duplicate, is next, or must wait. `data` stays bytes until somebody wants it.
public struct CaseEvent: Hashable, Sendable {
    public var id: EventID
    public var source: Source
    public var subject: Subject
    /// What happened, in the past tense: `case.registered`.
    public var type: String
    /// The version of the shape of `data`, from 1.
    public var version: Int
    /// When it happened, by the clock of the writer's database.
    public var time: Instant
    public var sequence: Int64
    public var after: SourcePositions
    /// The version of the county definition in force when it was written; empty before the first is published.
    public var county: String
    /// W3C trace context of the request that led to the event, if there was one.
    public var traceparent: String?
    /// The facts, one JSON object.
    public var data: [UInt8] { didSet { stated = StatedFacts() } }
    /// What `data` was written from, so that the writer need not read it again.
    private var stated = StatedFacts()

    public init(
        id: EventID, source: Source, subject: Subject, type: String, version: Int, time: Instant, sequence: Int64,
        after: SourcePositions, county: String, traceparent: String?, data: [UInt8]
    ) {
        self.id = id
        self.source = source
        self.subject = subject
        self.type = type
        self.version = version
        self.time = time
        self.sequence = sequence
        self.after = after
        self.county = county
        self.traceparent = traceparent
        self.data = data
    }

    /// Makes an event that states `facts`.
    public init(
        id: EventID, source: Source, subject: Subject, type: String, version: Int, time: Instant, sequence: Int64,
        after: SourcePositions, county: String, traceparent: String?, stating facts: any EventFacts
    ) throws(EventError) {
        self.init(
            id: id, source: source, subject: subject, type: type, version: version, time: time, sequence: sequence, after: after,
            county: county, traceparent: traceparent, data: try facts.bytes())
        stated.facts = facts
    }

    /// Reads `data` as the facts of type `Facts`.
    public func facts<Facts: EventFacts>(_ type: Facts.Type = Facts.self) throws(EventError) -> Facts {
        guard self.type == Facts.type else {
            throw EventError(reason: "the event \(id) is a \(self.type), not a \(Facts.type)")
        }
        guard version == Facts.version else {
            throw EventError(
                reason: "version \(version) of \(self.type) is not known here, only \(Facts.version): update this service")
        }
        if let facts = stated.facts as? Facts { return facts }
        do {
            return try Facts(data: data)
        } catch {
            throw EventError(reason: "the data of \(self.type) \(id) does not fit: \(Self.place(of: error))")
        }
    }

    /// Where a decoding failed and why, without quoting the value, which may be personal.
    private static func place(of error: any Error) -> String {
        guard let error = error as? DecodingError else { return "it cannot be read" }
        let (context, reason): (DecodingError.Context, String) =
            switch error {
            case .typeMismatch(let wanted, let context): (context, "is not a \(wanted)")
            case .valueNotFound(_, let context): (context, "is null")
            case .keyNotFound(let key, let context): (context, "lacks \"\(key.stringValue)\"")
            case .dataCorrupted(let context): (context, context.debugDescription)
            @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), "cannot be read")
            }
        let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: "/")
        return "/\(path) \(reason)"
    }
}

/// Facts beside the bytes that were written from them; they add nothing to what an event is.
private struct StatedFacts: Hashable, Sendable {
    var facts: (any EventFacts)?

    static func == (left: Self, right: Self) -> Bool { true }

    func hash(into hasher: inout Hasher) {}
}

/// The facts that an event of one type carries as its `data`.
public protocol EventFacts: Codable, Sendable, Hashable {
    static var type: String { get }
    static var version: Int { get }

    /// Reads the bytes of one JSON object; throws a `DecodingError`.
    init(data: [UInt8]) throws

    /// The facts as the bytes of one JSON object.
    func bytes() throws(EventError) -> [UInt8]
}

extension EventFacts {
    public static var version: Int { 1 }

    public init(data: [UInt8]) throws { self = try JSONCoding.decode(from: data) }

    public func bytes() throws(EventError) -> [UInt8] {
        do { return try JSONCoding.encode(self) } catch { throw Self.unwritable }
    }

    private static var unwritable: EventError { EventError(reason: "the data of \(type) cannot be written as JSON") }
}

extension EventFacts where Self: JSONRecord {
    public init(data: [UInt8]) throws { self = try JSONCoding.decode(from: data) }

    public func bytes() throws(EventError) -> [UInt8] {
        do { return try JSONCoding.encode(self) } catch { throw Self.unwritable }
    }
}

/// Says why an event cannot be read or written.
public struct EventError: Error, Hashable, Sendable, CustomStringConvertible {
    public let reason: String

    public init(reason: String) { self.reason = reason }

    public var description: String { reason }
}
