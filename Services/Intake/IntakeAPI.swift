import CaseFlow
import Hummingbird
import Logging
import Models
import ServiceKit

/// Intake's doors over HTTP: registration, petitioners, the staff at cases and sessions, and the county definition.
public struct IntakeAPI: Sendable {
    typealias Flow = FlowParts<IntakeProcess, IntakeTables>

    private let flow: Flow
    private let seal: SealKey
    private let signer: ReceiptSigner
    private let queries: IntakeQueries
    private let logger: Logger

    init(flow: Flow, seal: SealKey, signer: ReceiptSigner, logger: Logger) {
        self.flow = flow
        self.seal = seal
        self.signer = signer
        self.logger = logger
        queries = IntakeQueries(client: flow.client)
    }

    func add(to router: ServiceRouter) {
        RegistrationAPI(flow: flow, seal: seal, queries: queries).add(to: router)
        PetitionerAPI(flow: flow, seal: seal, queries: queries, logger: logger).add(to: router)
        KnownCases(flow: flow, seal: seal).add(to: router)
        CaseAPI(flow: flow, seal: seal, queries: queries).add(to: router)
        SessionAPI(flow: flow, seal: seal).add(to: router)
        router.get("v1/keys") { _, _ in
            JSONAnswer(
                .object([
                    "keys": .array([.object(["id": .string(signer.id), "algorithm": "Ed25519", "public": .string(signer.publicKey)])])
                ]))
        }
        router.staffGroup("v1").get("county") { _, _ in try await county() }
        let administration = router.staffGroup("v1", roles: [.administrator])
        administration.get("county/definition") { request, _ in try await definition(request) }
        administration.put("county") { request, context in try await publish(request, context) }
    }

    private func publish(_ request: Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let body = try await request.body(within: context)
        let definition: CountyDefinition
        do throws(CountyError) { definition = try CountyDefinition(canonicalJSON: body) } catch {
            throw Problem(
                .invalidContent, detail: "The body is no compiled county definition: \(error). Use: huiyin county apply DIRECTORY")
        }
        let (replaced, person) = (try Self.replaced(request), try context.requireStaff())
        let key = try IdempotencyKey.optional(in: request)
        let answer = try await flow.desk.submit(
            CaseFlow.Request(
                subject: .county, command: .publish(definition, replacing: replaced),
                idempotency: key?.claim(of: request, by: person, body: body), traceparent: context.trace.description))
        let (bytes, isRepeated) = try answer.bytes()
        var told = JSONAnswer(bytes: bytes, status: .ok)
        if isRepeated { told.headers[.idempotentReplayed] = "true" }
        return told
    }

    /// The version in If-Match, which the new definition was made from; nil for any.
    private static func replaced(_ request: Request) throws(Problem) -> String? {
        let values = request.headers[values: .ifMatch]
        guard let first = values.first, first != "*" else { return nil }
        let version = String(first.dropFirst().dropLast())
        guard values.count == 1, first == "\"\(version)\"", CountyDefinition.isVersion(version) else {
            throw Problem(
                .malformedRequest,
                detail: "If-Match holds the one entity tag that the county was read with, such as \"c-0123456789abcdef\" with its quotes.")
        }
        return version
    }

    private func county() async throws -> JSONAnswer {
        guard let version = try await queries.countyInForce() else {
            throw Problem.notFound("No county definition is in force yet; publish one with: huiyin county apply DIRECTORY")
        }
        return Self.tagged(JSONAnswer(.object(["version": .string(version)])), version)
    }

    /// The whole definition in force, or the one whose `version` is asked for, as it was published.
    private func definition(_ request: Request) async throws -> JSONAnswer {
        if let version = request.uri.queryParameters["version"].map(String.init) {
            guard CountyDefinition.isVersion(version), let found = try await queries.edition(version) else {
                throw Problem.notFound("No county definition of this version was ever published here.")
            }
            return Self.tagged(JSONAnswer(bytes: try found.canonicalJSON()), version)
        }
        guard let version = try await queries.countyInForce(), let found = try await queries.edition(version) else {
            throw Problem.notFound("No county definition is in force yet; publish one with: huiyin county apply DIRECTORY")
        }
        return Self.tagged(JSONAnswer(bytes: try found.canonicalJSON()), version)
    }

    private static func tagged(_ answer: JSONAnswer, _ version: String) -> JSONAnswer {
        var answer = answer
        answer.headers[.eTag] = "\"\(version)\""
        return answer
    }
}
