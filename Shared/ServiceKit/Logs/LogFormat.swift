/// The form of log lines: for people, or for a collector.
public enum LogFormat: String, Sendable, CaseIterable {
    /// `2026-03-01T08:00:00.123Z info huiyin-intake service ready address=127.0.0.1:7101`
    case text
    /// One JSON object a line: `time`, `level`, `logger`, `message`, then the metadata under its own keys.
    case json
}
