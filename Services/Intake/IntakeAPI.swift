import CaseFlow
import Crypto
import HTTPTypes
import Hummingbird
import Logging
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
    private let logger: Logger

    init(flow: Flow, seal: SealKey, signer: ReceiptSigner, logger: Logger) {
        self.logger = logger
        self.flow = flow
        self.seal = seal
        self.signer = signer
        serials = CaseSerials(client: flow.client)
        let queries = IntakeQueries(client: flow.client)
        self.queries = queries
        unitNames = UnitNames { try await queries.edition($0) }
    }

    func add(to router: ServiceRouter) {
        router.optionalStaffGroup("v1").post("cases") { request, context in try await register(request, context) }
        router.get("v1/progress/{number}") { request, context in try await progress(request, context) }
        for step in CaseForm.petitionerSteps {
            router.post("v1/progress/{number}/\(step.rawValue)") { request, context in try await petition(step, request, context) }
        }
        router.get("v1/keys") { _, _ in
            JSONAnswer(
                .object([
                    "keys": .array([.object(["id": .string(signer.id), "algorithm": "Ed25519", "public": .string(signer.publicKey)])])
                ]))
        }
        let staff = router.staffGroup("v1")
        staff.post("cases/batch") { request, context in try await registerBatch(request, context) }
        staff.get("cases") { request, context in try await list(request, context) }
        for step in CaseForm.steps {
            staff.post("cases/{id}/\(step.rawValue)") { request, context in try await take(step, request, context) }
        }
        staff.get("cases/{id}") { _, context in try await show(context) }
        staff.get("cases/{id}/ledger") { _, context in try await ledger(context) }
        staff.post("completions") { request, context in try await completions(request, context) }
        let administration = router.staffGroup("v1", roles: [.administrator])
        administration.get("county/definition") { request, _ in try await definition(request) }
        administration.put("county") { request, context in try await publish(request, context) }
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
        try form.check(sentBy: context.staff, at: place)
        if let session = form.session, try await !queries.knows(session: session) {
            throw Problem.invalidContent([
                .init(pointer: "\(place)/session", detail: "there is no such session; leave it out or name one by its identifier")
            ])
        }
        let id = CaseID(.version7(at: SystemTime.now, random: SystemTime.random))
        let code = seal.queryCode(of: id)
        let petitioners = try form.petitioners.map { person in
            CaseRegistered.Petitioner(
                person: hexadecimal(seal.hash("person", person.name ?? "", person.phone ?? "")),
                contact: try seal.seal(PetitionerContact(name: person.name, phone: person.phone, code: code)),
                represents: person.represents ? true : nil)
        }
        let writer = petitioners.first?.person
        let registration = Registration(
            id: id, serial: try await serials.take(), code: code, kind: form.kind, channel: form.channel, urgency: form.urgency,
            title: form.title, narrative: form.narrative, topic: form.topic, region: form.region, occurred: form.occurred,
            anonymous: form.anonymous, petitioners: petitioners,
            fingerprint: writer.map { ClaimKey(digest: seal.hash(form.matter, $0, form.title, form.narrative)) },
            accused: form.accused,
            settlement: form.settlement.flatMap { settlement in
                context.staff.map { Registration.Settlement(by: $0, unit: settlement.unit, answer: settlement.answer) }
            }, session: form.session, follows: try await followed(form, petitioners, at: place))
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
        if registered.known, !repeated { try await checkNotTerminated(registered.receipt) }
        return (registered, repeated)
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

    /// The same person with the same facts and reasons is not heard again once final review has ended the matter (Article 36).
    private func checkNotTerminated(_ receipt: Receipt) async throws {
        guard let found = try await queries.progress(receipt.number)?.file, found.stage == .terminated else { return }
        let way = found.life.isConfidential ? "tell them in a case of their own" : "name the case in \"follows\" and tell them"
        throw Problem(
            ProblemType("terminated", title: "The rules do not allow this", status: .conflict),
            detail:
                "Final review has ended this matter (case \(receipt.number)); the same facts and reasons are not accepted again (Article 36). With new facts, \(way)."
        )
    }

    private func progress(_ request: Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let found = try await identified(request, context)
        let name = await unitNames.name(of: found.file.unit, in: found.file.county)
        let first: IntakeQueries.Found?
        if let id = found.file.mergedInto { first = try await queries.file(of: Subject(id)) } else { first = nil }
        var answer = JSONAnswer(found.progress(unitName: name, following: first))
        answer.headers[.eTag] = "\"\(found.file.life.revision)\""
        return answer
    }

    /// A step of a petitioner, who shows number and query code.
    private func petition(_ step: CaseStep, _ request: Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let found = try await identified(request, context)
        let asked = try await CommandRequest(request, by: .petitioner, scope: found.file.number, within: context)
        guard case .order(let order) = try CaseForm.content(step, asked.body, now: SystemTime.now) else { throw Self.unknownCase }
        let command = CaseCommand(order, on: found.subject, by: asked.by, expected: asked.expected)
        return try JSONAnswer(command: try await flow.desk.submit(asked.command(.order(command), on: found.subject)))
    }

    /// The case whose number the address names, for somebody who shows its query code: in the header Query-Code, or as `code`.
    private func identified(_ request: Request, _ context: ServiceRequestContext) async throws -> IntakeQueries.Found {
        let number = try context.parameters.require("number")
        // One sentence for an unknown number and a wrong code, so that neither can be told from the other.
        let refusal = Problem.notFound("There is no case with this number and query code: look at both on the receipt.")
        guard CaseNumber.isWellFormed(number) else {
            throw Problem.notFound("\"\(number.prefix(40))\" is no case number: one digit may be wrong; look at it on the receipt.")
        }
        guard let code = request.headers[.queryCode] ?? request.uri.queryParameters["code"].map(String.init) else {
            throw Problem(.invalidContent, detail: "Send the query code of the receipt in the header Query-Code.")
        }
        do throws(Problem) { try await guesses.take(number) } catch {
            logger.warning("query codes of a case are being guessed; it rests for a minute", metadata: .of([.caseID: "\(number)"]))
            throw error
        }
        let found: IntakeQueries.Found?
        do { found = try await queries.progress(number) } catch {
            await guesses.settle(number, missed: false)
            throw error
        }
        // The code of an unknown number is compared too, so that both take the same time.
        let expected = seal.queryCode(of: found.map { CaseID($0.subject) } ?? CaseID(UniqueID(high: 0, low: 0)))
        guard equalInConstantTime(expected, code.uppercased()), let found else {
            await guesses.settle(number, missed: true)
            throw refusal
        }
        await guesses.settle(number, missed: false)
        return found
    }

    /// A step of the staff at intake.
    private func take(_ step: CaseStep, _ request: Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let found = try await visible(context)
        let asked = try await CommandRequest(request, by: try context.requireStaff(), within: context)
        let order: CaseOrder
        switch try CaseForm.content(step, asked.body, now: SystemTime.now) {
        case .order(let said): order = said
        case .merge(let number): order = .merge(try await target(number, of: found.subject, context))
        case .correct(let index, let person): order = .correct(index: index, try sealed(person, of: found.subject))
        }
        let command = CaseCommand(order, on: found.subject, by: asked.by, expected: asked.expected)
        let answer = try JSONAnswer(command: try await flow.desk.submit(asked.command(.order(command), on: found.subject)))
        // The look is in the ledger; now the names may be shown. A repeated request is no new look and shows nothing.
        guard step == .unmask, answer.headers[.idempotentReplayed] == nil else { return answer }
        var shown = JSONAnswer(try await queries.petitioners(of: found.subject, seal: seal))
        shown.headers = answer.headers
        return shown
    }

    private func sealed(_ person: RegistrationForm.Person, of subject: Subject) throws -> CaseRegistered.Petitioner {
        CaseRegistered.Petitioner(
            person: hexadecimal(seal.hash("person", person.name ?? "", person.phone ?? "")),
            contact: try seal.seal(
                PetitionerContact(name: person.name, phone: person.phone, code: seal.queryCode(of: CaseID(subject)))))
    }

    /// The earlier case that a case is to be merged into, if the one who asks may see it.
    private func target(_ number: String, of subject: Subject, _ context: ServiceRequestContext) async throws -> MergeTarget {
        guard CaseNumber.isWellFormed(number), let earlier = try await queries.writers(of: number),
            let found = try await queries.file(of: earlier.subject), try await access(to: found.file, context) > .none
        else {
            throw Problem.invalidContent([.init(pointer: "/into", detail: "there is no such case; give the number of the earlier one")])
        }
        let own = try await queries.writers(of: subject)
        return MergeTarget(
            id: CaseID(earlier.subject), number: number, stage: earlier.stage, isConfidential: found.file.life.isConfidential,
            hasSamePerson: !(own?.persons ?? []).isDisjoint(with: earlier.persons))
    }

    /// The case that the address names, if the one who asks may see it.
    private func visible(_ context: ServiceRequestContext) async throws -> IntakeQueries.Found {
        guard let subject = try await subject(context), let found = try await queries.file(of: subject),
            try await access(to: found.file, context) > .none
        else { throw Self.unknownCase }
        return found
    }

    private func access(to file: CaseFile, _ context: ServiceRequestContext) async throws -> CaseAccess {
        try await accesses(to: [file], context).first ?? .none
    }

    /// What the asker may see of each of several cases.
    private func accesses(to files: [CaseFile], _ context: ServiceRequestContext) async throws -> [CaseAccess] {
        let person = try context.requireStaff()
        let counties = try await flow.store.book(with: Set(files.map(\.county)))
        return files.map { file in
            guard let county = counties[file.county]?.index else { return .none }
            return file.life.access(of: person, in: county, current: counties.current?.index)
        }
    }

    /// Cases from the newest to the oldest, those that the asker may see and that the filters let through.
    private func list(_ request: Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let person = try context.requireStaff()
        let current = try await flow.store.book(with: []).current?.index
        let form = try CaseFilterForm(request.uri.queryParameters, in: current)
        var page = CaseListing.Page(items: [], next: nil)
        if let sight = CaseSight(of: person, in: current) {
            let listing = CaseListing(client: flow.client, filter: form.filter, sight: sight, now: SystemTime.now)
            page = try await listing.page(limit: form.limit, after: form.after) { files in
                let counties = try await flow.store.book(with: Set(files.map(\.county)))
                return files.map { file in
                    guard let county = counties[file.county]?.index else { return false }
                    return file.life.access(of: person, in: county, current: counties.current?.index) > .none
                }
            }
        }
        return JSONAnswer(
            .object(["cases": .array(page.items.map(\.line)), "next": page.next.map { .string($0.description) } ?? .null]))
    }

    private func show(_ context: ServiceRequestContext) async throws -> JSONAnswer {
        let found = try await visible(context)
        guard let shown = try await queries.show(found.subject, seal: seal) else { throw Self.unknownCase }
        var answer = JSONAnswer(shown)
        answer.headers[.eTag] = "\"\(found.file.life.revision)\""
        return answer
    }

    private func ledger(_ context: ServiceRequestContext) async throws -> JSONAnswer {
        guard let document = try await queries.ledger(try await visible(context).subject) else { throw Self.unknownCase }
        return JSONAnswer(bytes: document)
    }

    /// How many of the named cases are complete, and which are not: for whoever waits for many at once.
    ///
    /// A case of which the asker must not learn is as little complete as one that does not exist. Administrators, who bring in files of
    /// cases, wait for the confidential ones among them, too, unless it is they who must not learn of them.
    private func completions(_ request: Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let form = try CompletionsForm(try await request.body(within: context))
        let complete =
            try context.requireStaff() == ActingPerson(role: .administrator)
            ? try await queries.complete(among: form.cases) : try await complete(among: form.cases, context)
        let pending = form.cases.filter { !complete.contains($0) }
        return JSONAnswer(
            .object([
                "completed": .integer(Int64(form.cases.count - pending.count)), "pending": .array(pending.map { .string($0.description) }),
            ]))
    }

    private func complete(among cases: [CaseID], _ context: ServiceRequestContext) async throws -> Set<CaseID> {
        let person = try context.requireStaff()
        let files = try await queries.completeFiles(among: cases)
        let accesses = try await accesses(to: files.map(\.file), context)
        let counties = try await flow.store.book(with: [])
        let known = zip(files, accesses).filter { found, access in
            guard access == .none, person.role == .administrator, let current = counties.current?.index else { return access > .none }
            return !found.file.life.isDenied(person, in: current, current: current)
        }
        return Set(known.map { CaseID($0.0.subject) })
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

    /// The whole definition in force, or the one whose `version` is asked for, as it was published.
    private func definition(_ request: Request) async throws -> JSONAnswer {
        if let version = request.uri.queryParameters["version"].map(String.init) {
            guard version.utf8.count <= 64, let found = try await queries.edition(version) else {
                throw Problem.notFound("No county definition of this version was ever published here.")
            }
            return JSONAnswer(bytes: try found.canonicalJSON())
        }
        guard let version = try await queries.countyInForce(), let found = try await queries.edition(version) else {
            throw Problem.notFound("No county definition is in force yet; publish one with: huiyin county apply DIRECTORY")
        }
        return JSONAnswer(bytes: try found.canonicalJSON())
    }

    private static let unknownCase = Problem.notFound("There is no such case; name it by its identifier or its number.")

    private func subject(_ context: ServiceRequestContext) async throws -> Subject? {
        let text = try context.parameters.require("id")
        if let subject = Subject(text) { return subject }
        return CaseNumber.isWellFormed(text) ? try await queries.subject(number: text) : nil
    }
}
