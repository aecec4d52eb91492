import Models

/// One thing that is different in a new county definition, as a sentence and as words for programs.
public struct CountyChange: Equatable, Sendable {
    /// The part of the definition it is about.
    public enum Part: String, CaseIterable, Sendable {
        case county, units, regions, topics, rules, packs, calendar, templates, duties
    }

    public enum Kind: String, Sendable {
        case added, removed, renamed, moved, succeeded, reordered, changed
    }

    public var part: Part
    public var kind: Kind
    /// The code of what is different, or its name where it has no code.
    public var code: String
    public var sentence: String

    /// For programs.
    public var json: JSONValue {
        .object(["part": .string(part.rawValue), "kind": .string(kind.rawValue), "code": .string(code), "sentence": .string(sentence)])
    }
}
