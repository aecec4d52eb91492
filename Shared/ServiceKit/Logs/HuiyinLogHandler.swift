public import Logging

/// The house's backend of swift-log: one line per message, in text or JSON, each a single write.
public struct HuiyinLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    public var logLevel: Logger.Level

    private let label: String
    private let format: LogFormat
    private let output: LogOutput

    public init(label: String, level: Logger.Level, format: LogFormat, output: LogOutput) {
        self.label = label
        logLevel = level
        self.format = format
        self.output = output
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var merged = metadata
        if let provided = metadataProvider?.get() { merged.merge(provided) { _, new in new } }
        if let own = event.metadata { merged.merge(own) { _, new in new } }
        if let error = event.error { merged[LogKey.error.rawValue] = "\(loggableDescription(of: error))" }
        // The web server numbers its requests for itself; our lines have the trace instead.
        merged["hb.request.id"] = nil
        let line = LogLine(
            format: format, time: .now(), level: event.level, logger: label, message: event.message.description, metadata: merged)
        output.write(line.bytes)
    }
}

extension LoggingSystem {
    /// Makes every logger of this process write the house's lines.
    ///
    /// May be called once in a process.
    public static func bootstrapHuiyin(level: Logger.Level, format: LogFormat, output: LogOutput = .standardError) {
        bootstrap { label in
            HuiyinLogHandler(label: label, level: level, format: format, output: output)
        }
    }
}
