/// Why a service cannot start, as one sentence for the person who started it: what is wrong, where, and what to do.
public struct StartupFailure: LoggableError, CustomStringConvertible, Equatable {
    public let description: String
    public var logDescription: String { description }

    public init(_ sentence: String) {
        description = sentence
    }
}

/// A part of a running service that ended when nobody had asked it to.
public struct PartFailure: LoggableError, CustomStringConvertible {
    /// The part's name.
    public let part: String
    /// Whether the service had not been ready yet.
    public let duringStart: Bool
    let reason: String

    public var description: String { "the part \(part) \(duringStart ? "could not start" : "stopped"): \(reason)" }
    public var logDescription: String { description }
}
