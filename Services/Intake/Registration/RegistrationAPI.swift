import CaseFlow
import Crypto
import HTTPTypes
import Hummingbird
import Models
import ServiceKit

/// The doors through which cases come in: one by one from everybody, and in batches from the staff.
struct RegistrationAPI: Sendable {
    private let flow: IntakeAPI.Flow
    private let seal: SealKey
    private let serials: CaseSerials
    private let queries: IntakeQueries

    init(flow: IntakeAPI.Flow, seal: SealKey, queries: IntakeQueries) {
        self.flow = flow
        self.seal = seal
        self.queries = queries
        serials = CaseSerials(client: flow.client)
    }

    func add(to router: ServiceRouter) {
        router.optionalStaffGroup("v1").post("cases") { request, context in try await register(request, context) }
        router.staffGroup("v1").post("cases/batch") { request, context in try await registerBatch(request, context) }
    }

    private func register(_ request: Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let key = try IdempotencyKey.optional(in: request)
        let body = try await request.body(within: context, upTo: RegistrationForm.largestBody)
        let (answer, repeated) = try await register(body, key.map(Self.name), context)
        var response = JSONAnswer(bytes: answer.shown, status: answer.known ? .ok : .created)
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
        try form.check(sentBy: context.staff, at: place)
        if let session = form.session { try await checkSession(session, at: place) }
        let id = CaseID(.version7(at: SystemTime.now, random: SystemTime.random))
        let code = seal.queryCode(of: id)
        let petitioners = try form.petitioners.map { try $0.sealed(with: seal, code: code) }
        var registration = Registration(
            id: id, serial: try await serials.take(), code: code, kind: form.kind, channel: form.channel, urgency: form.urgency,
            title: form.title, narrative: form.narrative, topic: form.topic, region: form.region, occurred: form.occurred,
            anonymous: form.anonymous, petitioners: petitioners, fingerprint: fingerprint(of: form, petitioners),
            secretFingerprint: fingerprint(of: form, petitioners, isSecret: true), accused: form.accused,
            settlement: form.settlement.flatMap { settlement in
                context.staff.map { Registration.Settlement(by: $0, unit: settlement.unit, answer: settlement.answer) }
            }, session: form.session, follows: try await followed(form, petitioners, at: place), likes: form.likes, tags: form.tags)
        var (answer, repeated) = try await submit(registration, body, name, context)
        // A withdrawn case answers nobody. Who writes the same again is heard again, under the same key, too.
        for _ in 0..<Self.mostWithdrawn {
            guard answer.known, let first = try await queries.progress(answer.receipt.number)?.file else { break }
            guard first.stage == .withdrawn else {
                try check(first, against: form)
                break
            }
            registration.fingerprint = fingerprint(of: form, petitioners, after: answer.receipt.id)
            registration.secretFingerprint = fingerprint(of: form, petitioners, after: answer.receipt.id, isSecret: true)
            (answer, repeated) = try await submit(registration, body, name.map { "\($0) after \(answer.receipt.id)" }, context)
        }
        // The code opens the case to whoever has it; that somebody knows the words of its petitioner does not make them the petitioner.
        if !answer.known { answer.receipt.code = seal.queryCode(of: answer.receipt.id) }
        return (answer, repeated)
    }

    /// How many times somebody may withdraw the same words and write them again.
    private static let mostWithdrawn = 20

    private func submit(
        _ registration: Registration, _ body: [UInt8], _ name: String?, _ context: ServiceRequestContext
    ) async throws -> (answer: RegistrationAnswer, repeated: Bool) {
        let answer = try await flow.desk.submit(
            CaseFlow.Request(
                subject: Subject(registration.id), isFirst: true, command: .register(registration),
                idempotency: name.map { (ClaimKey(digest: SHA256.hash(data: Array($0.utf8))), Array(SHA256.hash(data: body))) },
                claims: registration.claims, traceparent: context.trace.description))
        let (bytes, repeated) = try answer.bytes()
        guard let registered = RegistrationAnswer(bytes: bytes) else {
            throw Problem(.internalError, detail: "The stored answer cannot be read; ask for the case by its number.")
        }
        return (registered, repeated)
    }

    /// A keyed hash of who wrote what, and after which withdrawn case.
    ///
    /// - Parameter isSecret: Of what a rule keeps confidential; nil for an accusation, which is it anyway.
    private func fingerprint(
        of form: RegistrationForm, _ petitioners: [CaseRegistered.Petitioner], after withdrawn: CaseID? = nil, isSecret: Bool = false
    ) -> ClaimKey? {
        guard let writer = petitioners.first?.person, !isSecret || !form.accuses else { return nil }
        let matter = isSecret ? "confidential matter" : form.matter
        guard let withdrawn else { return ClaimKey(digest: seal.hash(matter, writer, form.title, form.narrative)) }
        return ClaimKey(digest: seal.hash(matter, writer, form.title, form.narrative, withdrawn.description))
    }

    /// Throws a problem unless the session has begun; one that has is never cancelled.
    private func checkSession(_ session: Subject, at place: String) async throws {
        let fault: String?
        if let phase = try await queries.phase(ofSession: session) {
            fault = phase.registrationFault
        } else {
            fault = "there is no such session; leave it out or name one by its identifier"
        }
        if let fault { throw Problem.invalidContent([.init(pointer: "\(place)/session", detail: fault)]) }
    }

    /// The terminated case that the form names; throws a problem when there is none that the same person wrote.
    private func followed(
        _ form: RegistrationForm, _ petitioners: [CaseRegistered.Petitioner], at place: String
    ) async throws -> CaseID? {
        guard let number = form.follows else { return nil }
        let persons = Set(petitioners.map(\.person))
        // A confidential case is followed by none: whoever knows what its petitioner is called could try out numbers.
        guard CaseNumber.isWellFormed(number), let earlier = try await queries.writers(of: number), earlier.stage == .terminated,
            !earlier.isConfidential, !earlier.persons.isDisjoint(with: persons)
        else {
            throw Problem.invalidContent([
                .init(
                    pointer: "\(place)/follows",
                    detail: "follows is the number of a terminated case that one of these petitioners wrote; leave it out")
            ])
        }
        return CaseID(earlier.subject)
    }

    /// Whether a matter may be told again, as `form` does, whose first case is `first`.
    ///
    /// The same person with the same facts and reasons is not heard again once final review has ended the matter (Article 36); and what
    /// settles a known matter belongs to its first case, whose clocks run.
    private func check(_ first: CaseFile, against form: RegistrationForm) throws(Problem) {
        if first.stage == .terminated {
            let way = first.life.isConfidential ? "tell them in a case of their own" : "name the case in \"follows\" and tell them"
            throw Problem(
                ProblemType("terminated", title: "The rules do not allow this", status: .conflict),
                detail:
                    "Final review has ended this matter (case \(first.number)); the same facts and reasons are not accepted again (Article 36). With new facts, \(way)."
            )
        }
        if form.settlement != nil {
            throw Problem(
                ProblemType("known-already", title: "The rules do not allow this", status: .conflict),
                detail:
                    "The same person wrote the same before (case \(first.number)), and that case is not settled by a second one; take the step settle-on-the-spot on it."
            )
        }
    }
}
