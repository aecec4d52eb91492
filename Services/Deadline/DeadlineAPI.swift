import CaseFlow
import Hummingbird
import Models
import ServiceKit

/// Deadline's door over HTTP: a unit's head gives a clock more time.
public struct DeadlineAPI: Sendable {
    private let flow: FlowParts<DeadlineProcess, DeadlineTables>

    init(flow: FlowParts<DeadlineProcess, DeadlineTables>) { self.flow = flow }

    func add(to router: ServiceRouter) {
        let staff = router.staffGroup("v1")
        staff.post("cases/{id}/\(CaseStep.extend.rawValue)") { request, context in try await extend(request, context) }
    }

    private func extend(_ request: Hummingbird.Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let subject = try Subject(path: try context.parameters.require("id"))
        let asked = try await CommandRequest(request, by: try context.requireStaff(), within: context)
        let form = try ExtensionForm(asked.body)
        let command = ExtensionCommand(
            clock: form.clock, term: Term(form.days, .day), reason: form.reason, by: asked.by, expected: asked.expected)
        return try JSONAnswer(command: try await flow.desk.submit(asked.command(.extend(command), on: subject)))
    }
}
