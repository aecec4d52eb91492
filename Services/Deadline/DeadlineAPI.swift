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
        var form = try FormReader(body: asked.body)
        let clock: ClockName = form.code("clock") ?? .handle
        let days = form.integer("days", in: 1...366, isRequired: true)
        let reason = form.text("reason", longest: 10_000, isRequired: true, hasLines: true)
        try form.finish().check()
        let command = ExtensionCommand(
            clock: clock, term: Term(days ?? 1, .day), reason: reason ?? "", by: asked.by, expected: asked.expected)
        return try JSONAnswer(command: try await flow.desk.submit(asked.command(.extend(command), on: subject)))
    }
}
