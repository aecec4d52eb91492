import Logging

/// Reads what the house logs, in which nothing may stand that a petitioner wrote.
///
/// @unchecked Sendable: see `SimulatedWorld`.
final class LogWatch: @unchecked Sendable {
    /// Lines with words of a petitioner in them.
    private(set) var leaks: [String] = []
    private(set) var lines = 0

    var handler: any LogHandler { Handler(watch: self) }

    private func read(_ line: String) {
        lines += 1
        if !Petition.marks(in: Array(line.utf8)).isEmpty { leaks.append(line) }
    }

    private struct Handler: LogHandler {
        let watch: LogWatch
        var metadata: Logger.Metadata = [:]
        var metadataProvider: Logger.MetadataProvider?
        var logLevel = Logger.Level.trace

        init(watch: LogWatch) { self.watch = watch }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { watch.read("\(event.message) \(event.metadata ?? [:])") }
    }
}
