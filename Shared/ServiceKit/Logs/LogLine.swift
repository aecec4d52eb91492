import Logging

/// One log line as bytes, in either format.
struct LogLine {
    private(set) var bytes: [UInt8] = []
    private let format: LogFormat

    /// Renders a line.
    ///
    /// `metadata` is written in the order of its keys, so that equal lines look equal.
    init(format: LogFormat, time: Timestamp, level: Logger.Level, logger: String, message: String, metadata: Logger.Metadata) {
        self.format = format
        bytes.reserveCapacity(256)
        let pairs = metadata.sorted { $0.key < $1.key }
        switch format {
        case .json:
            bytes.append(contentsOf: #"{"time":""#.utf8)
            time.append(to: &bytes)
            bytes.append(UInt8(ascii: "\""))
            appendJSON("level", .string(level.rawValue))
            appendJSON("logger", .string(logger))
            appendJSON("message", .string(message))
            for (key, value) in pairs { appendJSON(key, value) }
            bytes.append(UInt8(ascii: "}"))
        case .text:
            time.append(to: &bytes)
            bytes.append(UInt8(ascii: " "))
            bytes.append(contentsOf: level.rawValue.utf8)
            bytes.append(UInt8(ascii: " "))
            TextEscaping.append(logger, to: &bytes)
            bytes.append(UInt8(ascii: " "))
            TextEscaping.append(message, to: &bytes, limit: TextEscaping.valueLimit)
            for (key, value) in pairs {
                bytes.append(UInt8(ascii: " "))
                TextEscaping.append(key, to: &bytes)
                bytes.append(UInt8(ascii: "="))
                appendText("\(value)")
            }
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func appendJSON(_ key: String, _ value: Logger.MetadataValue) {
        bytes.append(UInt8(ascii: ","))
        appendQuoted(key)
        bytes.append(UInt8(ascii: ":"))
        appendJSON(value)
    }

    private mutating func appendJSON(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let text): appendQuoted(text)
        case .stringConvertible(let value): appendConvertible(value)
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                appendJSON(value)
            }
            bytes.append(UInt8(ascii: "]"))
        case .dictionary(let values):
            bytes.append(UInt8(ascii: "{"))
            for (index, pair) in values.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                appendQuoted(pair.key)
                bytes.append(UInt8(ascii: ":"))
                appendJSON(pair.value)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// Numbers and truth values stay what they are, so that a collector can compare them.
    private mutating func appendConvertible(_ value: any CustomStringConvertible & Sendable) {
        switch value {
        case let number as any BinaryInteger: bytes.append(contentsOf: "\(number)".utf8)
        case let number as Double where number.isFinite: bytes.append(contentsOf: "\(number)".utf8)
        case let flag as Bool: bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        default: appendQuoted(value.description)
        }
    }

    private mutating func appendQuoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        TextEscaping.append(text, to: &bytes, limit: TextEscaping.valueLimit)
        bytes.append(UInt8(ascii: "\""))
    }

    /// A value of the text format gets quotes only when it needs them to be read back.
    private mutating func appendText(_ text: String) {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=") }
        if isPlain {
            TextEscaping.append(text, to: &bytes, limit: TextEscaping.valueLimit)
        } else {
            appendQuoted(text)
        }
    }
}
