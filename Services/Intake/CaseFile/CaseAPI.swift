import CaseFlow
import HTTPTypes
import Hummingbird
import Models
import ServiceKit

/// The doors of the staff to registered cases: lists, files, ledgers, and the steps that intake decides.
struct CaseAPI: Sendable {
    private let flow: IntakeAPI.Flow
    private let seal: SealKey
    private let queries: IntakeQueries

    init(flow: IntakeAPI.Flow, seal: SealKey, queries: IntakeQueries) {
        self.flow = flow
        self.seal = seal
        self.queries = queries
    }

    func add(to router: ServiceRouter) {
        let staff = router.staffGroup("v1")
        staff.get("cases") { request, context in try await list(request, context) }
        for step in CaseForm.steps {
            staff.post("cases/{id}/\(step.rawValue)") { request, context in try await take(step, request, context) }
        }
        staff.get("cases/{id}") { _, context in try await show(context) }
        staff.get("cases/{id}/ledger") { _, context in try await ledger(context) }
        staff.post("completions") { request, context in try await completions(request, context) }
    }

    /// A step of the staff at intake.
    private func take(_ step: CaseStep, _ request: Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let found = try await visible(context)
        let asked = try await CommandRequest(request, by: try context.requireStaff(), within: context)
        let order: CaseOrder
        switch try CaseForm.content(step, asked.body, now: SystemTime.now) {
        case .order(let said): order = said
        case .merge(let number): order = .merge(try await target(number, of: found.subject, context))
        case .correct(let index, let person):
            order = .correct(index: index, try await corrected(index, of: found.subject, to: person))
        }
        let command = CaseCommand(order, on: found.subject, by: asked.by, expected: asked.expected)
        let answer = try JSONAnswer(command: try await flow.desk.submit(asked.command(.order(command), on: found.subject)))
        // The look is in the ledger; now the names may be shown. A repeated request is no new look and shows nothing.
        guard step == .unmask, answer.headers[.idempotentReplayed] == nil else { return answer }
        var shown = JSONAnswer(try await queries.petitioners(of: found.subject, seal: seal))
        shown.headers = answer.headers
        return shown
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
            id: CaseID(earlier.subject), number: number, registered: found.file.registered, stage: earlier.stage,
            isConfidential: found.file.life.isConfidential,
            hasSamePerson: !(own?.persons ?? []).isDisjoint(with: earlier.persons))
    }

    /// A petitioner with what is corrected, and the rest as it stands.
    private func corrected(_ index: Int, of subject: Subject, to person: RegistrationForm.Person) async throws -> CaseRegistered.Petitioner
    {
        var person = person
        if let known = try await queries.petitioner(index, of: subject) {
            let contact: PetitionerContact = try seal.open(known.contact)
            person.name = person.name ?? contact.name
            person.phone = person.phone ?? contact.phone
            person.email = person.email ?? contact.email
            person.address = person.address ?? contact.address
            person.represents = known.represents ?? false
        }
        return try person.sealed(with: seal, code: seal.queryCode(of: CaseID(subject)))
    }

    /// The case that the address names, if the one who asks may see it.
    private func visible(_ context: ServiceRequestContext) async throws -> IntakeQueries.Found {
        guard let subject = try await subject(context), let found = try await queries.file(of: subject),
            try await access(to: found.file, context) > .none
        else { throw Self.unknownCase }
        return found
    }

    private func access(to file: CaseFile, _ context: ServiceRequestContext) async throws -> CaseAccess {
        try await accesses(to: [(file.county, file.life)], context).first ?? .none
    }

    /// What the asker may see of each of several cases, given as the county version it began under and its life.
    ///
    /// - Parameter book: The counties that are known already, so that nobody asks for them again.
    private func accesses(
        to cases: [(county: String, life: CaseLife)], _ context: ServiceRequestContext, in book: CountyBook? = nil
    ) async throws -> [CaseAccess] {
        let person = try context.requireStaff()
        let versions = Set(cases.map(\.county))
        var counties = book
        if counties.map({ book in !versions.allSatisfy(book.knows) }) ?? true { counties = try await flow.store.book(with: versions) }
        guard let counties else { return cases.map { _ in .none } }
        return cases.map { found in
            guard let county = counties[found.county]?.index else { return .none }
            return found.life.access(of: person, in: county, current: counties.current?.index)
        }
    }

    /// Cases from the newest to the oldest, those that the asker may see and that the filters let through.
    private func list(_ request: Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let person = try context.requireStaff()
        let book = try await flow.store.book(with: [])
        let current = book.current?.index
        let query = request.uri.queryParameters
        let cursor = CaseCursor(seal: seal, asker: person, query: query)
        let form = try CaseFilterForm(query, in: current, cursor: cursor)
        var page = CaseListing.Page(items: [], next: nil)
        if let sight = CaseSight(of: person, in: current) {
            let listing = CaseListing(client: flow.client, filter: form.filter, sight: sight, now: SystemTime.now)
            page = try await listing.page(limit: form.limit, after: form.after?.subject, path: form.after?.path) { files in
                try await accesses(to: files.map { ($0.county, $0.life) }, context, in: book).map { $0 > .none }
            }
        }
        var next = JSONValue.null
        if let below = page.next, let path = page.path { next = .string(try cursor.text(below: below, path: path)) }
        return JSONAnswer(.object(["cases": .array(page.items.map(\.line)), "next": next]))
    }

    private func show(_ context: ServiceRequestContext) async throws -> JSONAnswer {
        let found = try await visible(context)
        let access = try await access(to: found.file, context)
        guard let shown = try await queries.show(found.subject, seal: seal, access) else { throw Self.unknownCase }
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
        let accesses = try await accesses(to: files.map { ($0.file.county, $0.file.life) }, context)
        let counties = try await flow.store.book(with: [])
        let known = zip(files, accesses).filter { found, access in
            guard access == .none, person.role == .administrator, let current = counties.current?.index else { return access > .none }
            return !found.file.life.isDenied(person, in: current, current: current)
        }
        return Set(known.map { CaseID($0.0.subject) })
    }

    private static let unknownCase = Problem.notFound("There is no such case; name it by its identifier or its number.")

    private func subject(_ context: ServiceRequestContext) async throws -> Subject? {
        let text = try context.parameters.require("id")
        if let subject = Subject(text) { return subject }
        return CaseNumber.isWellFormed(text) ? try await queries.subject(number: text) : nil
    }
}
