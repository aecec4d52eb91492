import Logging
import NIOConcurrencyHelpers

@testable import ServiceKit

/// Keeps log lines as the text format would print them, without the time.
final class CapturedLog: Sendable {
    private let kept = NIOLockedValueBox<[String]>([])

    var lines: [String] { kept.withLockedValue { $0 } }

    func logger(level: Logger.Level) -> Logger {
        Logger(label: "test") { _ in Handler(log: self, logLevel: level) }
    }

    fileprivate func keep(_ line: String) {
        kept.withLockedValue { $0.append(line) }
    }

    private struct Handler: LogHandler {
        let log: CapturedLog
        var logLevel: Logger.Level
        var metadata: Logger.Metadata = [:]
        var metadataProvider: Logger.MetadataProvider?

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let merged = metadata.merging(event.metadata ?? [:]) { _, new in new }
            let pairs = merged.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
            log.keep("\(event.level) \(event.message)\(pairs)")
        }
    }
}
