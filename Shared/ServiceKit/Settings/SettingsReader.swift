import Configuration
import Glibc

/// Reads settings from the environment of the process, and secrets from files that the environment names.
///
/// An empty variable counts as unset, because compose files and unit files cannot leave one out.
public struct SettingsReader: Sendable, CustomStringConvertible, CustomReflectable {
    /// A secret's file may be no larger than this.
    static let secretFileLimit = 64 * 1024

    private let reader: ConfigReader

    /// Reads the environment of this process, or `environment` when a test or the operator's tool gives one.
    public init(environment: [String: String]? = nil) {
        reader =
            if let environment {
                ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: environment))
            } else {
                ConfigReader(provider: EnvironmentVariablesProvider())
            }
    }

    public var description: String { "the environment" }
    /// Shows nothing, because the environment holds secrets.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// The setting's value or its default; throws when it has neither or the text is wrong.
    public func value<Value>(_ setting: Setting<Value>) throws(ConfigurationError) -> Value {
        if let value = try optional(setting) { return value }
        throw .missing(setting.name, meaning: setting.meaning, example: setting.example, acceptsFile: setting.isSecret)
    }

    /// The setting's value or its default, or nil when it has neither; throws when the text is wrong.
    public func optional<Value>(_ setting: Setting<Value>) throws(ConfigurationError) -> Value? {
        guard let text = try text(of: setting) else { return setting.defaultValue }
        switch setting.read(text) {
        case .value(let value): return value
        case .fault(let fault): throw .wrong(setting.name, fault: fault, example: setting.example)
        }
    }

    private func text<Value>(of setting: Setting<Value>) throws(ConfigurationError) -> String? {
        let direct = variable(setting.name, isSecret: setting.isSecret)
        guard setting.isSecret, let path = variable("\(setting.name)_FILE", isSecret: false) else { return direct }
        guard direct == nil else {
            throw ConfigurationError(
                variable: setting.name,
                sentence: "\(setting.name) and \(setting.name)_FILE are both set: keep one of them, so that it is clear which one counts.")
        }
        return try contents(of: path, variable: "\(setting.name)_FILE")
    }

    private func variable(_ name: String, isSecret: Bool) -> String? {
        let key = ConfigKey(name.split(separator: "_").map { $0.lowercased() })
        guard let text = reader.string(forKey: key, isSecret: isSecret), !text.isEmpty else { return nil }
        return text
    }

    /// The file's text without the line break that editors put at its end.
    private func contents(of path: String, variable: String) throws(ConfigurationError) -> String {
        func fault(_ reason: String) -> ConfigurationError {
            ConfigurationError(
                variable: variable,
                sentence: "\(variable) names \(path), \(reason): give it the path of a readable file that holds nothing but the value.")
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault("which cannot be opened (\(systemMessage(errno)))") }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Self.secretFileLimit + 1)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                read(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
            }
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw fault("which cannot be read (\(systemMessage(errno)))")
            }
            filled += count
        }
        guard filled <= Self.secretFileLimit else { throw fault("which is larger than 64 KiB") }
        while filled > 0, bytes[filled - 1] == UInt8(ascii: "\n") || bytes[filled - 1] == UInt8(ascii: "\r") { filled -= 1 }
        guard filled > 0 else { throw fault("which is empty") }
        guard let text = String(validating: bytes[..<filled], as: UTF8.self) else { throw fault("which is not UTF-8 text") }
        return text
    }
}
