import Models

extension JSONValue {
    subscript(_ name: String) -> JSONValue? { members?[name] }
    var members: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }
    var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
    var string: String? { if case .string(let text) = self { text } else { nil } }
    var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
    /// The texts of a list, or of one text.
    var strings: [String] { elements?.compactMap(\.string) ?? [string].compactMap { $0 } }
}
