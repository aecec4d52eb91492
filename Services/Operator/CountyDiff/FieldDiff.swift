import Models

/// Says field by field what is different between two values of one type, by their form as JSON.
enum FieldDiff {
    /// Such as `when/titleWords was none and is "lamp"`, sorted by the field.
    static func words<Value: Encodable>(from old: Value, to new: Value) -> [String] {
        guard let before = try? JSONValue(parsing: JSONCoding.encode(old)), let after = try? JSONValue(parsing: JSONCoding.encode(new))
        else { return ["it is another"] }
        return compare(before, after, at: "")
    }

    private static func compare(_ old: JSONValue, _ new: JSONValue, at place: String) -> [String] {
        if old == new { return [] }
        if case .object(let before) = old, case .object(let after) = new {
            return Set(before.keys).union(after.keys).sorted().flatMap { name in
                compare(before[name] ?? .null, after[name] ?? .null, at: place.isEmpty ? name : "\(place)/\(name)")
            }
        }
        return ["\(place) was \(spoken(old)) and is \(spoken(new))"]
    }

    private static func spoken(_ value: JSONValue) -> String {
        switch value {
        case .null: "none"
        case .array(let members): members.isEmpty ? "none" : members.map { spoken($0) }.joined(separator: ", ")
        case .object(let members):
            members["zh"].flatMap { zh in members["en"].map { "\(zh.plain) \($0.plain)" } } ?? value.text
        case .string(let text): "\"\(text)\""
        default: value.text
        }
    }
}
