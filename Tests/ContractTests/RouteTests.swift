import HTTPTypes
import Models
import TestSupport
import Testing

@testable import ServiceKit

/// Each service answers exactly what its document says.
@Suite("OpenAPI: routes")
struct RouteTests {
    @Test("every route stands in the document, and nothing else does", arguments: AssembledService.allCases)
    func routes(service: AssembledService) throws {
        let answered = Set(try service.routes().map { "\($0.method.rawValue) \($0.path)" })

        let described = Set(try service.document().operations.map { "\($0.method) \($0.path)" })

        #expect(answered.contains("GET /openapi.yaml"))
        #expect(answered.subtracting(described) == [], "these routes are missing from the document")
        #expect(described.subtracting(answered) == [], "these operations have no route")
    }

    @Test("the document hangs together", arguments: AssembledService.allCases)
    func references(service: AssembledService) throws {
        let document = try service.document()
        let names = document.operations.compactMap { $0.content["operationId"]?.string }

        let dangling = document.references.filter { document.resolved(.object(["$ref": .string($0)])) == .null }
        let links = (document.root["paths"].map { Self.links(in: $0) } ?? []).filter { !names.contains($0) }

        #expect(document.root["openapi"]?.string == "3.1.1")
        #expect(document.root["info"]?["version"]?.string == Version.current)
        #expect(dangling == [])
        #expect(links == [], "links to operations that do not exist")
        #expect(names.count == document.operations.count)
        #expect(Set(names).count == names.count)
    }

    @Test("each operation names its parameters, its refusals and who may ask", arguments: AssembledService.allCases)
    func operations(service: AssembledService) throws {
        let document = try service.document()

        for operation in document.operations {
            let named = operation.parameters.filter { $0["in"]?.string == "path" }.compactMap { $0["name"]?.string }
            let open = operation.ways.isEmpty
            let responses = operation.content["responses"]?.members ?? [:]
            #expect(operation.path.split(separator: "/").filter { $0.hasPrefix("{") } == named.map { "{\($0)}" }, "\(operation.path)")
            #expect(open || responses["401"] != nil, "\(operation.method) \(operation.path) asks for a token and never refuses one")
            for (status, response) in responses where status >= "400" {
                let types = document.resolved(response)["content"]?.members?.keys.sorted()
                #expect(types == ["application/problem+json"], "\(operation.method) \(operation.path) \(status)")
            }
            if operation.method != "GET" { #expect(operation.content["requestBody"] != nil, "\(operation.path)") }
        }
    }

    @Test("what every service has is described alike")
    func shared() throws {
        let first = try AssembledService.intake.document()
        let names = ["Liveness", "Readiness", "NotReady", "Checks", "ProgramVersion", "Problem", "Fault"]

        for service in AssembledService.allCases {
            let document = try service.document()
            for name in names { #expect(try document.schema(name) == first.schema(name), "\(service) \(name)") }
            for path in ["/livez", "/readyz", "/metrics", "/openapi.yaml"] {
                #expect(document.root["paths"]?[path] == first.root["paths"]?[path], "\(service) \(path)")
            }
        }
    }

    private static func links(in value: JSONValue) -> [String] {
        if let elements = value.elements { return elements.flatMap(links) }
        guard let members = value.members else { return [] }
        let own = members["links"]?.members?.values.compactMap { $0["operationId"]?.string } ?? []
        return own + members.values.flatMap(links)
    }
}
