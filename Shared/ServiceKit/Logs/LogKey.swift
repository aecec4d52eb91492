public import Logging

/// Every metadata key that a log line of the house may carry.
///
/// One list, so that a search written once works for all services. Modules below ServiceKit spell the same words as strings.
/// No key ever holds personal data, a payload, a secret or an address that contains one.
public enum LogKey: String, Sendable, CaseIterable {
    /// The number of the attempt, from 1.
    case attempt
    /// The bound address of a server, `host:port`.
    case address
    /// The case a line is about, by its identifier.
    case caseID = "case"
    /// The connection a line is about, by its name.
    case connection
    /// How many things the line counts.
    case count
    /// The county definition's version.
    case county
    /// How long something waits before it is tried again, in seconds.
    case delay
    /// How long something took, in seconds.
    case duration
    /// What went wrong, as a sentence or as the type of the error.
    case error
    /// The identifier of an event.
    case event
    /// The type of an event.
    case eventType = "event_type"
    /// A limit that was reached, with its unit.
    case limit
    /// The HTTP method.
    case method
    /// The part of the service that a line is about, by its name.
    case part
    /// The slug of a problem document.
    case problem
    /// The queue a line is about.
    case queue
    /// Why something was done or refused, as a code or sentence of ours.
    case reason
    /// The route's template, never the path with its values.
    case route
    /// The sequence of an event in its stream.
    case sequence
    /// The service that sent an event.
    case source
    /// The HTTP status.
    case status
    /// The identifier shared by everything that one request caused.
    case trace
    /// The unit a line is about, by its code.
    case unit
    /// The version of the program.
    case version
}

extension Logger {
    /// The value that every line of this logger carries under `key`.
    public subscript(_ key: LogKey) -> Metadata.Value? {
        get { self[metadataKey: key.rawValue] }
        set { self[metadataKey: key.rawValue] = newValue }
    }
}

extension Logger.Metadata {
    /// Metadata for one line, by listed keys only: `logger.info("…", metadata: .of([.part: "relay"]))`.
    public static func of(_ pairs: [LogKey: Logger.Metadata.Value]) -> Self {
        var metadata = Self(minimumCapacity: pairs.count)
        for (key, value) in pairs { metadata[key.rawValue] = value }
        return metadata
    }
}
