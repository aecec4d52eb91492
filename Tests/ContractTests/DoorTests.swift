import AsyncHTTPClient
import FoundationEssentials
import HTTPTypes
import Logging
import Models
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import TestSupport
import Testing

@testable import ServiceKit

/// Every route that is not for everybody is closed to whoever shows no valid token.
@Suite("OpenAPI: doors")
struct DoorTests {
    /// Whoever comes, with what they show.
    private typealias Visitor = (who: String, value: String?)

    /// Strangers, and somebody whose token is as it should be, with the file of the keys that the house knows.
    private func visitors(_ folder: TestDirectory) async throws -> (keys: String, strangers: [Visitor], known: Visitor) {
        let (known, other, unknown) = (StaffSigner(newKey: "known"), StaffSigner(newKey: "known"), StaffSigner(newKey: "unknown"))
        let file = folder.path + "/jwks.json"
        try Data(JSONValue.object(["keys": .array([known.publicKey])]).canonical).write(to: URL(fileURLWithPath: file))
        func token(lasting: Duration, ago: Duration = .zero) throws -> StaffToken {
            try #require(
                StaffToken(
                    person: PersonCode(validated: "p-1"), role: .administrator, unit: UnitCode(validated: "edu"),
                    issued: SystemTime.now - ago, lasting: lasting, identifier: "t"))
        }
        let valid = try token(lasting: .seconds(600))
        let expired = try await known.sign(try token(lasting: .seconds(60), ago: .seconds(120)))
        return (
            file,
            [
                ("nobody", nil), ("a rubbish token", "Bearer rubbish"), ("an expired token", "Bearer \(expired)"),
                ("a token signed by another key", "Bearer \(try await other.sign(valid))"),
                ("a token of an unknown kid", "Bearer \(try await unknown.sign(valid))"), ("another scheme", "Basic cDpw"),
            ],
            ("a valid token", "Bearer \(try await known.sign(valid))")
        )
    }

    @Test("answer 401 with a problem document to everybody without a valid token", arguments: AssembledService.allCases)
    func closed(service: AssembledService) async throws {
        let folder = try TestDirectory("huiyin-doors")
        let (keys, strangers, known) = try await visitors(folder)
        let operations = try service.document().operations
        func isStaffs(_ way: JSONValue) -> Bool { ["staffToken", "staffPassword", "operatorToken"].contains { way[$0] != nil } }
        // An empty way is that of everybody; a query code is judged before its case is known, and no token opens it.
        let closed = operations.filter { !$0.ways.isEmpty && $0.ways.allSatisfy(isStaffs) }
        let ajar = operations.filter { $0.ways.contains(.object([:])) && $0.ways.contains(where: isStaffs) }

        try await withServer(try service.http(["HUIYIN_STAFF_KEYS": keys, "HUIYIN_OPERATOR_TOKEN": "0123456789abcdef"])) { address in
            for (operation, who) in closed.map({ ($0, strangers) }) + ajar.map({ ($0, strangers.filter { $0.value != nil }) }) {
                for (who, value) in who {
                    let (status, type) = try await ask(operation, at: address, value)
                    #expect(
                        status == 401 && type == "application/problem+json", "\(operation.method) \(operation.path) for \(who): \(status)")
                }
            }
            // Where nobody is let in, the tests above would say nothing.
            for operation in closed.prefix(1) {
                let (status, _) = try await ask(operation, at: address, known.value)
                #expect(status != 401, "\(operation.method) \(operation.path) for \(known.who): \(status)")
            }
        }

        if service == .intake || service == .routing { #expect(closed.count > 15) }
        #expect(ajar.map(\.path) == (service == .intake ? ["/v1/cases"] : []))
    }

    private func ask(_ operation: OpenAPIDocument.Operation, at address: String, _ value: String?) async throws -> (UInt, String?) {
        let path = operation.path.replacing("{id}", with: "0193a000-0000-7000-8000-000000000001").replacing("{unit}", with: "edu")
            .replacing("{code}", with: "water")
        var request = HTTPClientRequest(url: address + path)
        request.method = HTTPMethod(rawValue: operation.method)
        request.headers.add(name: "Idempotency-Key", value: "door")
        if let value { request.headers.add(name: "Authorization", value: value) }
        if operation.method != "GET" { request.body = .bytes(ByteBuffer(string: "{}")) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        _ = try await response.body.collect(upTo: 1 << 20)
        return (response.status.code, response.headers.first(name: "Content-Type"))
    }

    private func withServer(_ http: ServiceHTTP, _ body: (String) async throws -> Void) async throws {
        let logger = Logger(label: "doors") { _ in SwiftLogNoOpLogHandler() }
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: http, successTerminationBehavior: .gracefullyShutdownGroup)], logger: logger))
        let running = Task { try await group.run() }
        let outcome: Result<Void, any Error>
        do {
            let address = try await http.listening()
            outcome = .success(try await body("http://127.0.0.1:\(address.port)"))
        } catch { outcome = .failure(error) }
        await group.triggerGracefulShutdown()
        _ = await running.result
        try outcome.get()
    }
}
