public import Models
import PrivateServers
import Testing

/// What departments are told that they get from the feed: `docs/asyncapi.yaml`.
public struct PublishedLanguage: Sendable {
    private let document: OpenAPIDocument

    public static let shared: PublishedLanguage? = try? PublishedLanguage()

    public init() throws {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        document = try OpenAPIDocument(yaml: try #require(FileTree.read(root + "/docs/asyncapi.yaml")))
    }

    /// Each type of entry, with its schema.
    public var schemas: [String: JSONValue] {
        (document.root["components"]?["messages"]?.members ?? [:]).values.reduce(into: [:]) { found, message in
            if let name = message["name"]?.string { found[name] = message["payload"] }
        }
    }

    /// What keeps an entry, a CloudEvent without its number, from being what is documented.
    public func misfits(_ type: String, _ body: [UInt8]) throws -> [String] {
        guard let schema = schemas[type] else { return ["\(type) is not documented"] }
        guard case .object(var event) = try JSONValue(parsing: body) else { return ["it is no object"] }
        event["position"] = "1"
        return document.misfits(.object(event), schema)
    }

    /// What keeps the document from being an AsyncAPI document whose references lead somewhere and whose channels carry every type.
    public var faults: [String] {
        var faults = document.references.sorted().filter { document.resolved(.object(["$ref": .string($0)])) == .null }
        if document.root["asyncapi"]?.string != "3.0.0" { faults.append("asyncapi") }
        let messages = Set((document.root["components"]?["messages"]?.members ?? [:]).keys)
        for (name, channel) in document.root["channels"]?.members ?? [:]
        where Set((channel["messages"]?.members ?? [:]).keys) != messages {
            faults.append("the channel \(name) lacks messages")
        }
        if messages.count != schemas.count { faults.append("two messages have one name") }
        return faults
    }
}
