import CaseFlow
import HTTPTypes
import Hummingbird
import Logging
import Models
import ServiceKit

/// The doors of petitioners, who show the number and the query code of a receipt: where a case stands, and the steps that are theirs.
struct PetitionerAPI: Sendable {
    private let flow: IntakeAPI.Flow
    private let seal: SealKey
    private let queries: IntakeQueries
    private let guesses: GuessBrake

    init(flow: IntakeAPI.Flow, seal: SealKey, queries: IntakeQueries, logger: Logger) {
        self.flow = flow
        self.seal = seal
        self.queries = queries
        guesses = GuessBrake { count in
            logger.warning("query codes that do not fit are being tried", metadata: .of([.count: "\(count)"]))
        }
    }

    func add(to router: ServiceRouter) {
        router.get("v1/progress/{number}") { request, context in try await progress(request, context) }
        for step in CaseForm.petitionerSteps {
            router.post("v1/progress/{number}/\(step.rawValue)") { request, context in try await petition(step, request, context) }
        }
    }

    private func progress(_ request: Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let found = try await identified(request, context)
        let counties = try await flow.store.book(with: [found.file.county])
        let unit = counties[found.file.county]?.index.unit(found.file.unit) ?? counties.current?.index.unit(found.file.unit)
        let first: IntakeQueries.Found?
        if let id = found.file.mergedInto { first = try await queries.file(of: Subject(id)) } else { first = nil }
        var answer = JSONAnswer(found.progress(unitName: unit?.name, following: first))
        answer.headers[.eTag] = "\"\(found.file.life.revision)\""
        return answer
    }

    /// A step of a petitioner, who shows number and query code.
    private func petition(_ step: CaseStep, _ request: Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let found = try await identified(request, context)
        let asked = try await CommandRequest(request, by: .petitioner, scope: found.file.number, within: context)
        guard case .order(let order) = try CaseForm.content(step, asked.body, now: SystemTime.now) else {
            throw Problem(Refusal.unknownCase)
        }
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
        let guess = GuessBrake.Guess(number: number, client: context.client)
        try await guesses.take(guess)
        let found: IntakeQueries.Found?
        do { found = try await queries.progress(number) } catch {
            await guesses.settle(guess, missed: false)
            throw error
        }
        // The code of an unknown number is compared too, so that both take the same time.
        let expected = seal.queryCode(of: found.map { CaseID($0.subject) } ?? CaseID(UniqueID(high: 0, low: 0)))
        guard equalInConstantTime(expected, code.uppercased()), let found else {
            await guesses.settle(guess, missed: true)
            throw refusal
        }
        await guesses.settle(guess, missed: false)
        return found
    }
}
