import Foundation
public import Models
import Testing
import Yams

/// An OpenAPI document as a JSON tree, with its references followed.
public struct OpenAPIDocument: Sendable {
    public struct Operation: Sendable {
        public var path: String
        /// In capitals.
        public var method: String
        public var content: JSONValue
        /// The parameters of the path and the operation, resolved.
        public var parameters: [JSONValue]

        /// The ways in which somebody may show who they are, or those of the whole document; an empty one is that of everybody.
        public var ways: [JSONValue]
    }

    public let root: JSONValue

    public init(yaml: [UInt8]) throws {
        root = try Self.json(try #require(try Yams.load(yaml: String(decoding: yaml, as: UTF8.self))))
    }

    public var operations: [Operation] {
        (root["paths"]?.members ?? [:]).flatMap { path, item in
            (item.members ?? [:]).compactMap { method, content in
                if method == "parameters" { return nil }
                let parameters = (item["parameters"]?.elements ?? []) + (content["parameters"]?.elements ?? [])
                return Operation(
                    path: path, method: method.uppercased(), content: content, parameters: parameters.map(resolved),
                    ways: (content["security"] ?? root["security"])?.elements ?? [])
            }
        }
    }

    public func operation(_ method: String, _ path: String) throws -> Operation {
        try #require(operations.first { $0.method == method && $0.path == path }, "\(method) \(path) is missing")
    }

    /// The schema of a request's JSON body.
    public func body(_ method: String, _ path: String) throws -> JSONValue {
        try #require(try operation(method, path).content["requestBody"]?["content"]?["application/json"]?["schema"])
    }

    public func schema(_ name: String) throws -> JSONValue {
        try #require(root["components"]?["schemas"]?[name], "there is no schema \(name)")
    }

    /// What a reference names; anything else is itself.
    public func resolved(_ value: JSONValue) -> JSONValue {
        guard let reference = value["$ref"]?.string, reference.hasPrefix("#/") else { return value }
        return reference.dropFirst(2).split(separator: "/").reduce(root) { $0[String($1)] ?? .null }
    }

    /// A schema without the wrappers that let it be null.
    public func plain(_ schema: JSONValue) -> JSONValue {
        let schema = resolved(schema)
        guard let ways = schema["anyOf"]?.elements, let way = ways.first(where: { $0["type"]?.string != "null" }) else { return schema }
        return plain(way)
    }

    /// Every reference of the document.
    public var references: Set<String> {
        var (found, waiting): (Set<String>, [JSONValue]) = ([], [root])
        while let value = waiting.popLast() {
            if let reference = value["$ref"]?.string { found.insert(reference) }
            waiting += value.members.map { Array($0.values) } ?? value.elements ?? []
        }
        return found
    }

    private static func json(_ value: Any) throws -> JSONValue {
        switch value {
        case is NSNull: return .null
        case let value as Bool: return .bool(value)
        case let value as Int: return .integer(Int64(value))
        case let value as String: return .string(value)
        case let value as [Any]: return .array(try value.map(json))
        case let value as [String: Any]: return .object(try value.mapValues(json))
        default:
            Issue.record("\(type(of: value)) \(value) is nothing that JSON has: quote it")
            return .null
        }
    }
}

extension JSONValue {
    subscript(_ name: String) -> JSONValue? { members?[name] }
    var members: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }
    var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
    var string: String? { if case .string(let text) = self { text } else { nil } }
    var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
    /// The texts of a list, or of one text.
    var strings: [String] { elements?.compactMap(\.string) ?? [string].compactMap { $0 } }
}
