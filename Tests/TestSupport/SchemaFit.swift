import Models

extension OpenAPIDocument {
    /// What keeps a value from fitting a schema, place by place: kinds, words, and members that are missing or not known.
    ///
    /// Patterns and bounds are left to the run of `./huiyin test --contract`.
    public func misfits(_ value: JSONValue, _ schema: JSONValue, at place: String = "") -> [String] {
        let schema = resolved(schema)
        if let ways = schema["anyOf"]?.elements {
            let tried = ways.map { misfits(value, $0, at: place) }
            return tried.contains([]) ? [] : tried.min { $0.count < $1.count } ?? []
        }
        let inherited = (schema["allOf"]?.elements ?? []).flatMap { misfits(value, $0, at: place) }
        if !inherited.isEmpty { return inherited }
        if let constant = schema["const"], constant != value { return ["\(place) is not \(constant.text)"] }
        if let words = schema["enum"]?.elements, !words.contains(value) { return ["\(place) is none of its words: \(value.text)"] }
        let kinds = schema["type"]?.strings ?? []
        guard kinds.isEmpty || kinds.contains(value.schemaType) else { return ["\(place) is \(value.kind), not \(kinds)"] }
        switch value {
        case .array(let elements):
            guard let items = schema["items"] else { return [] }
            return elements.enumerated().flatMap { misfits($1, items, at: "\(place)/\($0)") }
        case .object(let members):
            let known = schema["properties"]?.members ?? [:]
            let missing = (schema["required"]?.strings ?? []).filter { members[$0] == nil }.map { "\(place)/\($0) is missing" }
            return missing
                + members.flatMap { name, member in
                    if let inner = known[name] { return misfits(member, inner, at: "\(place)/\(name)") }
                    return schema["additionalProperties"] == .bool(false) ? ["\(place)/\(name) is not known"] : []
                }
        case .null, .bool, .integer, .double, .string: return []
        }
    }
}

extension JSONValue {
    fileprivate var schemaType: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
