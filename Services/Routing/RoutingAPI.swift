import CaseFlow
import HTTPTypes
import Hummingbird
import Models
import ServiceKit

/// Routing's doors over HTTP: the desks of units, of the dispatch desk and of those above them.
public struct RoutingAPI: Sendable {
    typealias Flow = FlowParts<RoutingProcess, RoutingTables>

    private let flow: Flow
    private let queries: DeskQueries

    init(flow: Flow) {
        self.flow = flow
        queries = DeskQueries(client: flow.client)
    }

    func add(to router: ServiceRouter) {
        let succession = Succession(flow: flow, queries: queries)
        router.staffGroup("v1", roles: [.administrator, .dispatcher]).post("units/{unit}/succession") { request, context in
            try await succession.take(request, context)
        }
        let staff = router.staffGroup("v1")
        staff.get("desk") { request, context in try await desk(request, context) }
        staff.get("cases/{id}") { _, context in try await show(context) }
        for step in DeskForm.steps {
            staff.post("cases/{id}/\(step.rawValue)") { request, context in try await take(step, request, context) }
        }
    }

    private func take(_ step: CaseStep, _ request: Hummingbird.Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let subject = try Subject(path: try context.parameters.require("id"))
        let asked = try await CommandRequest(request, by: try context.requireStaff(), within: context)
        let order = try DeskForm.order(step, asked.body)
        let command = DeskCommand(order, by: asked.by, expected: asked.expected)
        return try JSONAnswer(command: try await flow.desk.submit(asked.command(command, on: subject)))
    }

    private func show(_ context: ServiceRequestContext) async throws -> JSONAnswer {
        let subject = try Subject(path: try context.parameters.require("id"))
        let person = try context.requireStaff()
        guard let state = try await queries.state(of: subject), let view = try await view(of: person, [state]),
            view.access(to: state) > .none, let county = view.counties[state.county]?.index
        else { throw Problem(Refusal.unknownCase) }
        var answer = JSONAnswer(DeskView.whole(subject, state, for: person, in: county))
        answer.headers[.eTag] = "\"\(state.life.revision)\""
        return answer
    }

    /// From how many cases on a page of a desk ends, though it is not full.
    private static let mostExamined = 200

    /// The work of the asker's unit, or of `unit` where they may see it, the one that is due first before the others.
    private func desk(_ request: Hummingbird.Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let person = try context.requireStaff()
        let query = request.uri.queryParameters
        let limit = try PageLimit.read(query["limit"])
        var cursor = try query["after"].map { text throws(Problem) -> DeskQueries.Cursor in
            guard let cursor = DeskQueries.Cursor(String(text)) else {
                throw Problem(.invalidContent, detail: "after is the \"next\" of the page before.")
            }
            return cursor
        }
        let unit = try query["unit"].map { text throws(Problem) -> UnitCode in
            guard let unit = UnitCode(String(text)) else { throw Problem(.invalidContent, detail: "unit is the code of a unit.") }
            return unit
        }
        guard let unit = unit ?? person.unit else {
            throw Problem(.invalidContent, detail: "Name the unit whose desk you want to see: ?unit=…")
        }
        var (items, examined): ([DeskQueries.Item], Int) = ([], 0)
        // Who may see little of a desk gets short pages, not slow ones.
        while items.count < limit, examined < Self.mostExamined {
            let page = try await queries.desk(of: [unit], after: cursor, limit: limit)
            guard let last = page.last, let view = try await view(of: person, page.map(\.state)) else {
                cursor = nil
                break
            }
            examined += page.count
            for item in page where items.count < limit {
                cursor = .init(due: item.due, subject: item.subject)
                if view.access(to: item.state) > .none { items.append(item) }
            }
            if page.count < limit, cursor?.subject == last.subject {
                cursor = nil
                break
            }
        }
        return JSONAnswer(
            .object([
                "unit": .string(unit.text), "cases": .array(items.map { DeskView.line($0) }),
                "next": cursor.map { .string($0.description) } ?? .null,
            ]))
    }

    private func view(of person: ActingPerson, _ states: [RoutingState]) async throws -> StaffView? {
        let counties = try await flow.store.book(with: Set(states.map(\.county)))
        return StaffView(person: person, counties: counties)
    }
}

/// What one staff member may see, by the county definitions of the cases.
struct StaffView {
    var person: ActingPerson
    var counties: CountyBook

    func access(to state: RoutingState) -> CaseAccess {
        guard let county = counties[state.county]?.index else { return .none }
        return state.life.access(of: person, in: county, current: counties.current?.index)
    }
}
