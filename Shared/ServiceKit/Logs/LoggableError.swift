/// An error whose text may stand in a log: it holds no personal data and no payload.
///
/// Errors that do not promise this are logged by their type alone, because a driver's message may quote a row.
public protocol LoggableError: Error {
    /// A sentence for the person who must act.
    var logDescription: String { get }
}

/// What a log or the console may say about any error: its sentence if it promises to be harmless, its type otherwise.
public func loggableDescription(of error: any Error) -> String {
    if let loggable = error as? any LoggableError { return loggable.logDescription }
    return String(reflecting: type(of: error))
}
