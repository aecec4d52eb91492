import CaseFlow
import Hummingbird
import Models
import Postgres
import ServiceKit

/// Deadline's doors over HTTP: how clocks stand and why, what will fire, and what may be done to them.
public struct DeadlineAPI: Sendable {
    private let flow: FlowParts<DeadlineProcess, DeadlineTables>

    init(flow: FlowParts<DeadlineProcess, DeadlineTables>) { self.flow = flow }

    func add(to router: ServiceRouter) {
        let staff = router.staffGroup("v1")
        staff.post("cases/{id}/\(CaseStep.extend.rawValue)") { request, context in try await extend(request, context) }
        for step in ClockForm.steps {
            staff.post("cases/{id}/\(step.rawValue)") { request, context in try await take(step, request, context) }
        }
        staff.get("cases/{id}/clocks") { _, context in try await clocks(context) }
        staff.get("forecast") { request, context in try await forecast(request, context) }
    }

    private func extend(_ request: Hummingbird.Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let subject = try Subject(path: try context.parameters.require("id"))
        let asked = try await CommandRequest(request, by: try context.requireStaff(), within: context)
        let form = try ExtensionForm(asked.body)
        let command = ExtensionCommand(
            clock: form.clock, term: Term(form.days, .day), reason: form.reason, by: asked.by, expected: asked.expected)
        return try JSONAnswer(command: try await flow.desk.submit(asked.command(.extend(command), on: subject)))
    }

    private func take(_ step: CaseStep, _ request: Hummingbird.Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let subject = try Subject(path: try context.parameters.require("id"))
        let asked = try await CommandRequest(request, by: try context.requireStaff(), within: context)
        let command = ClockCommand(try ClockForm.order(step, asked.body), by: asked.by, expected: asked.expected)
        return try JSONAnswer(command: try await flow.desk.submit(asked.command(.change(command), on: subject)))
    }

    /// The clocks of a case, each explained day by day.
    private func clocks(_ context: ServiceRequestContext) async throws -> JSONAnswer {
        let subject = try Subject(path: try context.parameters.require("id"))
        let person = try context.requireStaff()
        guard let row = try await flow.client.run("SELECT state FROM cases WHERE subject = \(subject)").first else {
            throw Problem(Refusal.unknownCase)
        }
        let state: DeadlineState = try StateCoding.decode(row.value(0))
        let counties = try await flow.store.book(with: [state.county])
        guard let county = counties[state.county]?.index,
            state.life.access(of: person, in: county, current: counties.current?.index) > .none
        else { throw Problem(Refusal.unknownCase) }
        let calendar = counties.current?.index.calendar ?? county.calendar
        var answer = JSONAnswer(ClockView.whole(subject, state, in: county, calendar))
        answer.headers[.eTag] = "\"\(state.life.revision)\""
        return answer
    }

    private func forecast(_ request: Hummingbird.Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let (person, query) = (try context.requireStaff(), request.uri.queryParameters)
        let days = try query["days"].map { text throws(Problem) -> Int in
            guard let days = Int(text), (1...Forecast.mostDays).contains(days) else {
                throw Problem(.invalidContent, detail: "days is a number from 1 to \(Forecast.mostDays).")
            }
            return days
        }
        let unit = try query["unit"].map { text throws(Problem) -> UnitCode in
            guard let unit = UnitCode(String(text)) else { throw Problem(.invalidContent, detail: "unit is the code of a unit.") }
            return unit
        }
        let until = SystemTime.now + .seconds(Int64(days ?? 7) * 86_400)
        return JSONAnswer(try await Forecast.read(until: until, for: person, unit: unit, from: flow.store).json)
    }
}
