/// A setting that is missing or wrong, as one sentence for the person who starts the service.
///
/// The sentence names the variable, says what is wrong and shows an example. It never repeats the value of a secret.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible, LoggableError {
    /// The environment variable to look at, such as `HUIYIN_LISTEN`.
    public let variable: String
    /// The whole sentence.
    public let description: String

    public init(variable: String, sentence: String) {
        self.variable = variable
        description = sentence
    }

    static func missing(_ variable: String, meaning: String, example: String, acceptsFile: Bool) -> Self {
        let alternative = acceptsFile ? ", or name a file that holds it in \(variable)_FILE" : ""
        return Self(
            variable: variable,
            sentence: "\(variable) (\(meaning)) is not set: set it, for example \(variable)=\(example)\(alternative).")
    }

    static func wrong(_ variable: String, fault: String, example: String) -> Self {
        Self(variable: variable, sentence: "\(variable) \(fault): set it like \(variable)=\(example).")
    }

    public var logDescription: String { description }
}
