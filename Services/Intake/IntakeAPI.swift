import CaseFlow
import Crypto
import HTTPTypes
import Hummingbird
import Models
import Postgres
import ServiceKit

/// Intake's doors over HTTP: petitioners and channels register and ask; staff look at cases and publish the county.
public struct IntakeAPI: Sendable {
    typealias Flow = FlowParts<IntakeProcess, IntakeTables>

    private let flow: Flow
    private let seal: SealKey
    private let signer: ReceiptSigner
    private let serials: CaseSerials
    private let queries: IntakeQueries
    private let unitNames: UnitNames
    private let guesses = GuessBrake()

    init(flow: Flow, seal: SealKey, signer: ReceiptSigner) {
        self.flow = flow
        self.seal = seal
        self.signer = signer
        serials = CaseSerials(client: flow.client)
        let queries = IntakeQueries(client: flow.client)
        self.queries = queries
        unitNames = UnitNames { try await queries.edition($0) }
    }

    func add(to router: ServiceRouter) {
        router.post("v1/cases") { request, context in try await register(request, context) }
        router.get("v1/progress/{number}") { request, context in try await progress(request, context) }
        router.get("v1/keys") { _, _ in
            JSONAnswer(
                .object([
                    "keys": .array([.object(["id": .string(signer.id), "algorithm": "Ed25519", "public": .string(signer.publicKey)])])
                ]))
        }
        let staff = router.staffGroup("v1")
        staff.post("cases/batch") { request, context in try await registerBatch(request, context) }
        staff.get("cases") { request, _ in try await list(request) }
        staff.get("cases/{id}") { _, context in try await show(context) }
        staff.get("cases/{id}/ledger") { _, context in try await ledger(context) }
        staff.post("completions") { request, context in try await completions(request, context) }
        staff.put("county") { request, context in try await publish(request, context) }
        staff.get("county") { _, _ in try await county() }
        SessionAPI(flow: flow, seal: seal).add(to: router)
    }

    private func register(_ request: Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let key = try IdempotencyKey.optional(in: request)
        let body = try await request.body(within: context, upTo: RegistrationForm.largestBody)
        let (answer, repeated) = try await register(body, key.map(Self.name), context)
        var response = JSONAnswer(bytes: answer.receipt.canonical, status: answer.known ? .ok : .created)
        response.headers[.location] = "/v1/cases/\(answer.receipt.id)"
        if repeated { response.headers[.idempotentReplayed] = "true" }
        return response
    }

    /// Registers up to 100 cases, each for itself: what is wrong with one stops no other.
    private func registerBatch(_ request: Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let batch = try RegistrationBatch(try await request.body(within: context))
        let outcomes = await withTaskGroup(of: (Int, RegistrationOutcome).self) { group in
            for (index, item) in batch.items.enumerated() {
                group.addTask { (index, await outcome(item, at: "\(RegistrationBatch.place(of: index))/case", context)) }
            }
            var outcomes: [Int: RegistrationOutcome] = [:]
            for await (index, outcome) in group { outcomes[index] = outcome }
            return outcomes
        }
        var bytes = Array("{\"results\":[".utf8)
        for index in batch.items.indices {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            outcomes[index]?.write(into: &bytes)
        }
        return JSONAnswer(bytes: bytes + Array("]}".utf8))
    }

    private func outcome(
        _ item: RegistrationBatch.Item, at place: String, _ context: ServiceRequestContext
    ) async -> RegistrationOutcome {
        switch item {
        case .refused(let problem): return .refused(problem)
        case .candidate(let key, let body):
            do {
                return .registered(try await register(body, at: place, key.map(Self.name), context).answer)
            } catch {
                let unforeseen = Problem(.internalError, detail: "This case could not be registered; ask again under the same key.")
                return .refused(error as? Problem ?? Problem.ofFlow(error) ?? unforeseen)
            }
        }
    }

    /// The name under which a key is kept: the same for a case by itself and for one of a batch, so that either may repeat the other.
    private static func name(_ key: IdempotencyKey) -> String { "POST /v1/cases \(key.value)" }

    /// Registers the case of one body, which stands at `place` of the request; `name` makes it take effect once.
    private func register(
        _ body: [UInt8], at place: String = "", _ name: String?, _ context: ServiceRequestContext
    ) async throws -> (answer: RegistrationAnswer, repeated: Bool) {
        let form = try RegistrationForm(body, at: place, now: SystemTime.now)
        let id = CaseID(.version7(at: SystemTime.now, random: SystemTime.random))
        let code = seal.queryCode(of: id)
        let petitioners = try form.petitioners.map { person in
            CaseRegistered.Petitioner(
                person: hexadecimal(seal.hash("person", person.name ?? "", person.phone ?? "")),
                contact: try seal.seal(PetitionerContact(name: person.name, phone: person.phone, code: code)))
        }
        let writer = petitioners.first?.person
        let registration = Registration(
            id: id, serial: try await serials.take(), code: code, kind: form.kind, channel: form.channel, urgency: form.urgency,
            title: form.title, narrative: form.narrative, topic: form.topic, region: form.region, occurred: form.occurred,
            anonymous: form.anonymous, petitioners: petitioners,
            fingerprint: writer.map { ClaimKey(digest: seal.hash("matter", $0, form.title, form.narrative)) })
        let answer = try await flow.desk.submit(
            CaseFlow.Request(
                subject: Subject(id), command: .register(registration),
                idempotency: name.map { (ClaimKey(digest: SHA256.hash(data: Array($0.utf8))), Array(SHA256.hash(data: body))) },
                claims: registration.fingerprint.map { [$0] } ?? [], traceparent: context.trace.description))
        let (bytes, repeated) = try answer.bytes()
        guard var registered = RegistrationAnswer(bytes: bytes) else {
            throw Problem(.internalError, detail: "The stored answer cannot be read; ask for the case by its number.")
        }
        registered.receipt.code = seal.queryCode(of: registered.receipt.id)
        return (registered, repeated)
    }

    private func progress(_ request: Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let number = try context.parameters.require("number")
        // One sentence for an unknown number and a wrong code, so that neither can be told from the other.
        let refusal = Problem.notFound("There is no case with this number and query code: look at both on the receipt.")
        guard CaseNumber.isWellFormed(number) else {
            throw Problem.notFound("\"\(number.prefix(40))\" is no case number: one digit may be wrong; look at it on the receipt.")
        }
        guard let code = request.uri.queryParameters["code"] else {
            throw Problem(.invalidContent, detail: "Add the query code of the receipt: ?code=…")
        }
        try await guesses.take(number)
        let found: IntakeQueries.Found?
        do { found = try await queries.progress(number) } catch {
            await guesses.settle(number, missed: false)
            throw error
        }
        // The code of an unknown number is compared too, so that both take the same time.
        let expected = seal.queryCode(of: found.map { CaseID($0.subject) } ?? CaseID(UniqueID(high: 0, low: 0)))
        guard equalInConstantTime(expected, String(code).uppercased()), let found else {
            await guesses.settle(number, missed: true)
            throw refusal
        }
        await guesses.settle(number, missed: false)
        return JSONAnswer(found.progress(unitName: await unitNames.name(of: found.file.unit, in: found.file.county)))
    }

    private func list(_ request: Request) async throws -> JSONAnswer {
        let limit = try PageLimit.read(request.uri.queryParameters["limit"])
        let after = try request.uri.queryParameters["after"].map { text -> Subject in
            guard let subject = Subject(String(text)) else {
                throw Problem(.invalidContent, detail: "after is the \"next\" of the page before.")
            }
            return subject
        }
        return JSONAnswer(try await queries.list(limit: limit, after: after))
    }

    private func show(_ context: ServiceRequestContext) async throws -> JSONAnswer {
        let subject = try await subject(context)
        guard let found = try await queries.show(subject, seal: seal) else { throw Self.unknownCase }
        return JSONAnswer(found)
    }

    private func ledger(_ context: ServiceRequestContext) async throws -> JSONAnswer {
        guard let document = try await queries.ledger(try await subject(context)) else { throw Self.unknownCase }
        return JSONAnswer(bytes: document)
    }

    /// How many of the named cases are complete, and which are not: for whoever waits for many at once.
    private func completions(_ request: Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let form = try CompletionsForm(try await request.body(within: context))
        let pending = try await queries.incomplete(among: form.cases)
        return JSONAnswer(
            .object([
                "completed": .integer(Int64(form.cases.count - pending.count)), "pending": .array(pending.map { .string($0.description) }),
            ]))
    }

    private func publish(_ request: Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let body = try await request.body(within: context)
        let definition: CountyDefinition
        do throws(CountyError) { definition = try CountyDefinition(canonicalJSON: body) } catch {
            throw Problem(
                .invalidContent, detail: "The body is no compiled county definition: \(error). Use: huiyin county apply DIRECTORY")
        }
        let answer = try await flow.desk.submit(
            CaseFlow.Request(subject: .county, command: .publish(definition), traceparent: context.trace.description))
        return JSONAnswer(bytes: try answer.bytes().0, status: .ok)
    }

    private func county() async throws -> JSONAnswer {
        guard let version = try await queries.countyInForce() else {
            throw Problem.notFound("No county definition is in force yet; publish one with: huiyin county apply DIRECTORY")
        }
        return JSONAnswer(.object(["version": .string(version)]))
    }

    private static let unknownCase = Problem.notFound("There is no such case; name it by its identifier or its number.")

    private func subject(_ context: ServiceRequestContext) async throws -> Subject {
        let text = try context.parameters.require("id")
        if let subject = Subject(text) { return subject }
        guard CaseNumber.isWellFormed(text), let subject = try await queries.subject(number: text) else { throw Self.unknownCase }
        return subject
    }
}
