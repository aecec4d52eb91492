/// One thing an operator can set: the name of its environment variable, what it means, an example and how its text is read.
///
/// Settings are declared as static members, so that a service adds its own beside the shared ones and reads both with a
/// `SettingsReader`:
///
///     extension Setting where Value == Int {
///         static var sweepSize: Self {
///             .integer("HUIYIN_SWEEP_SIZE", meaning: "clocks per sweep", example: "500", in: 1...10_000, default: 500)
///         }
///     }
public struct Setting<Value: Sendable>: Sendable {
    /// What a parser answers: the value, or how the text is wrong, as the rest of the sentence "HUIYIN_X …".
    public enum Reading: Sendable {
        case value(Value)
        case fault(String)
    }

    /// The environment variable, in capitals and underscores.
    public let name: String
    /// A few words that complete "NAME (…) is not set".
    public let meaning: String
    /// A value that would be accepted; for a secret, a description of one.
    public let example: String
    /// A secret is never printed and may also be given as a file named by `<NAME>_FILE`.
    public let isSecret: Bool
    /// Used when the variable is unset or empty; without it the setting must be given or be read as optional.
    public let defaultValue: Value?
    let read: @Sendable (String) -> Reading

    public init(
        _ name: String, meaning: String, example: String, isSecret: Bool = false, default defaultValue: Value? = nil,
        read: @escaping @Sendable (String) -> Reading
    ) {
        self.name = name
        self.meaning = meaning
        self.example = example
        self.isSecret = isSecret
        self.defaultValue = defaultValue
        self.read = read
    }
}

extension Setting where Value == String {
    /// Any text that is not empty.
    public static func text(_ name: String, meaning: String, example: String, default defaultValue: String? = nil) -> Self {
        Self(name, meaning: meaning, example: example, default: defaultValue) { .value($0) }
    }

    /// An absolute path; whether something lies there is for the reader of the file to say.
    public static func path(_ name: String, meaning: String, example: String, default defaultValue: String? = nil) -> Self {
        Self(name, meaning: meaning, example: example, default: defaultValue) { text in
            text.hasPrefix("/") ? .value(text) : .fault("must be an absolute path, starting with /")
        }
    }

    /// An address that starts with one of `schemes` and `://`.
    public static func address(
        _ name: String, meaning: String, example: String, schemes: [String], default defaultValue: String? = nil
    ) -> Self {
        Self(name, meaning: meaning, example: example, default: defaultValue) { text in
            startsWithScheme(text, of: schemes) ? .value(text) : .fault(schemeFault(schemes))
        }
    }
}

extension Setting where Value == Secret {
    /// Any text that is not empty and must not be shown.
    public static func secret(_ name: String, meaning: String, example: String) -> Self {
        Self(name, meaning: meaning, example: example, isSecret: true) { .value(Secret($0)) }
    }

    /// An address that may contain a password and starts with one of `schemes` and `://`.
    public static func secretAddress(_ name: String, meaning: String, example: String, schemes: [String]) -> Self {
        Self(name, meaning: meaning, example: example, isSecret: true) { text in
            startsWithScheme(text, of: schemes) ? .value(Secret(text)) : .fault(schemeFault(schemes))
        }
    }
}

extension Setting where Value == SecretKey {
    /// Thirty-two bytes as base64.
    public static func key(_ name: String, meaning: String) -> Self {
        Self(name, meaning: meaning, example: "$(openssl rand -base64 32)", isSecret: true) { text in
            SecretKey(base64: text).map { .value($0) } ?? .fault("must be 32 bytes in base64")
        }
    }
}

extension Setting where Value == Int {
    /// A whole number inside a range.
    public static func integer(
        _ name: String, meaning: String, example: String, in range: ClosedRange<Int>, default defaultValue: Int? = nil
    ) -> Self {
        Self(name, meaning: meaning, example: example, default: defaultValue) { text in
            guard let number = Int(text), range.contains(number) else {
                return .fault("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return .value(number)
        }
    }
}

extension Setting where Value == Bool {
    /// `true` or `false`.
    public static func flag(_ name: String, meaning: String, default defaultValue: Bool) -> Self {
        Self(name, meaning: meaning, example: "true", default: defaultValue) { text in
            switch text.lowercased() {
            case "true", "yes", "on", "1": .value(true)
            case "false", "no", "off", "0": .value(false)
            default: .fault("must be true or false")
            }
        }
    }
}

extension Setting where Value == Duration {
    /// A length of time with its unit: `250ms`, `20s`, `5m` or `2h`.
    public static func duration(
        _ name: String, meaning: String, example: String, in range: ClosedRange<Duration>, default defaultValue: Duration? = nil
    ) -> Self {
        Self(name, meaning: meaning, example: example, default: defaultValue) { text in
            guard let duration = parseDuration(text) else {
                return .fault("must be a whole number with a unit ms, s, m or h")
            }
            return range.contains(duration) ? .value(duration) : .fault("must lie between \(range.lowerBound) and \(range.upperBound)")
        }
    }
}

extension Setting where Value: RawRepresentable<String> & CaseIterable {
    /// One of the raw values of an enumeration.
    public static func choice(_ name: String, meaning: String, example: String, default defaultValue: Value? = nil) -> Self {
        Self(name, meaning: meaning, example: example, default: defaultValue) { text in
            if let value = Value(rawValue: text.lowercased()) { return .value(value) }
            return .fault("must be one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        }
    }
}

private func startsWithScheme(_ text: String, of schemes: [String]) -> Bool {
    schemes.contains { text.hasPrefix("\($0)://") && text.utf8.count > $0.utf8.count + 3 }
}

private func schemeFault(_ schemes: [String]) -> String {
    "must be an address that starts with \(schemes.map { "\($0)://" }.joined(separator: " or "))"
}

private func parseDuration(_ text: String) -> Duration? {
    let digits = text.prefix(while: \.isNumber)
    guard let number = Int64(digits), number <= 1_000_000_000 else { return nil }
    switch text.dropFirst(digits.count) {
    case "ms": return .milliseconds(number)
    case "s": return .seconds(number)
    case "m": return .seconds(number * 60)
    case "h": return .seconds(number * 3600)
    default: return nil
    }
}
