public import Models

extension OpenAPIDocument {
    /// A value that has everything that a schema knows: each member, and one element of each list.
    public func sample(of schema: JSONValue) -> JSONValue {
        let schema = plain(schema)
        if let example = schema["examples"]?.elements?.first { return example }
        if let word = schema["enum"]?.elements?.first { return word }
        if let properties = schema["properties"]?.members { return .object(properties.mapValues(sample)) }
        if schema["type"]?.string == "object" { return .object([:]) }
        if let items = schema["items"] { return .array([sample(of: items)]) }
        if schema["format"]?.string == "uuid" { return "01a20b1e-f6fc-7b1e-9a40-3f8c2d7e5a11" }
        return .string("text")
    }

    /// The members that a schema knows, by their JSON pointers, with the schema of each; the first element stands for a list's.
    public func members(of schema: JSONValue, at place: String = "") -> [String: JSONValue] {
        let schema = plain(schema)
        var found: [String: JSONValue] = [:]
        for (name, member) in schema["properties"]?.members ?? [:] {
            found["\(place)/\(name)"] = plain(member)
            found.merge(members(of: member, at: "\(place)/\(name)")) { first, _ in first }
        }
        if let items = schema["items"] { found.merge(members(of: items, at: place + "/0")) { first, _ in first } }
        return found
    }
}
