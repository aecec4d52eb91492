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
        router.staffGroup("v1", roles: [.administrator]).post("units/{unit}/succession") { request, context in
            try await succession.take(request, context)
        }
        let staff = router.staffGroup("v1")
        staff.get("desk") { request, context in try await desk(request, context) }
        staff.get("cases/{id}") { _, context in try await show(context) }
        IssueAPI(flow: flow, queries: queries).add(to: staff)
        router.staffGroup("v1", takesPasswords: true).get("desk.ics") { request, context in try await calendar(request, context) }
        for step in DeskForm.steps {
            staff.post("cases/{id}/\(step.rawValue)") { request, context in try await take(step, request, context) }
        }
    }

    private func take(_ step: CaseStep, _ request: Hummingbird.Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let subject = try Subject(path: try context.parameters.require("id"))
        let asked = try await CommandRequest(request, by: try context.requireStaff(), within: context)
        let order = try DeskForm.order(step, asked.body)
        let command = DeskCommand(order, by: asked.by, expected: asked.expected)
        return try JSONAnswer(command: try await flow.desk.submit(asked.command(.order(command), on: subject)))
    }

    private func show(_ context: ServiceRequestContext) async throws -> JSONAnswer {
        let subject = try Subject(path: try context.parameters.require("id"))
        let person = try context.requireStaff()
        guard let state = try await queries.state(of: subject) else { throw Problem(Refusal.unknownCase) }
        let view = try await view(of: person, [state])
        guard view.access(to: state) > .none, let county = view.counties[state.county]?.index else { throw Problem(Refusal.unknownCase) }
        var answer = JSONAnswer(
            DeskView.whole(subject, state, for: person, in: county, others: try await others(like: subject, for: person)))
        answer.headers[.eTag] = "\"\(state.life.revision)\""
        return answer
    }

    /// The issue that the case is a part of, and the cases of the same matter that the asker may know of.
    private func others(like subject: Subject, for person: ActingPerson) async throws -> [String: JSONValue] {
        let rows = IssueRows(client: flow.client)
        let likenesses = try await rows.like(subject)
        let states = try await queries.states(of: likenesses.map(\.other))
        let view = try await view(of: person, Array(states.values))
        let similar = likenesses.compactMap { likeness in
            states[likeness.other].flatMap { view.access(to: $0) > .none ? DeskView.similar(likeness, $0) : nil }
        }
        return ["issue": try await rows.issue(of: subject).map { .string($0.description) } ?? .null, "similar": .array(similar)]
    }

    /// The work of the asker's unit, or of `unit` where they may see it, the one that is due first before the others.
    ///
    /// Whether there is a next page tells nothing of cases that the asker may not know of: a full page has one, another has none.
    private func desk(_ request: Hummingbird.Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let person = try context.requireStaff()
        let query = request.uri.queryParameters
        let limit = try PageLimit.read(query["limit"])
        let cursor = try query["after"].map { text throws(Problem) -> DeskQueries.Cursor in
            guard let cursor = DeskQueries.Cursor(String(text)) else {
                throw Problem(.invalidContent, detail: "after is the \"next\" of the page before.")
            }
            return cursor
        }
        let unit = try await desk(in: query["unit"].map(String.init), for: person)
        let items = try await items(of: unit, for: person, after: cursor, limit: limit)
        let next = items.count == limit ? items.last.map { DeskQueries.Cursor(due: $0.due, subject: $0.subject) } : nil
        return JSONAnswer(
            .object([
                "unit": .string(unit.text), "cases": .array(items.map { DeskView.line($0) }),
                "next": next.map { .string($0.description) } ?? .null,
            ]))
    }

    /// The unit whose desk is asked for: the asker's own, or another that they may see.
    private func desk(in text: String?, for person: ActingPerson) async throws -> UnitCode {
        let named = try text.map { text throws(Problem) -> UnitCode in
            guard let unit = UnitCode(text) else { throw Problem(.invalidContent, detail: "unit is the code of a unit.") }
            return unit
        }
        guard let unit = named ?? person.unit else {
            throw Problem(.invalidContent, detail: "Name the unit whose desk you want to see: ?unit=…")
        }
        guard person.mayLook(at: unit, in: try await flow.store.book(with: []).current?.index.unitTree) else {
            throw Problem(.forbidden, detail: "You see the desks of your own unit and of those below it; name one of them.")
        }
        return unit
    }

    /// The cases on a desk that the asker may know of, from a place on.
    private func items(
        of unit: UnitCode, for person: ActingPerson, after: DeskQueries.Cursor?, limit: Int
    ) async throws -> [DeskQueries.Item] {
        var (items, cursor): ([DeskQueries.Item], DeskQueries.Cursor?) = ([], after)
        while true {
            let page = try await queries.desk(of: unit, after: cursor, limit: limit)
            let view = try await view(of: person, page.map(\.state))
            for item in page where view.access(to: item.state) > .none {
                items.append(item)
                if items.count == limit { return items }
            }
            guard page.count == limit, let last = page.last else { return items }
            cursor = .init(due: last.due, subject: last.subject)
        }
    }

    /// The dates of a desk as a calendar that people subscribe to.
    private func calendar(_ request: Hummingbird.Request, _ context: ServiceRequestContext) async throws -> CalendarAnswer {
        let (person, query) = (try context.requireStaff(), request.uri.queryParameters)
        guard let language = query["lang"].map({ Language(rawValue: String($0)) }) ?? .zh else {
            throw Problem(.invalidContent, detail: "lang is zh or en.")
        }
        let unit = try await desk(in: query["unit"].map(String.init), for: person)
        let items = try await items(of: unit, for: person, after: nil, limit: DueCalendar.most)
        let counties = try await flow.store.book(with: Set(items.map(\.state.county)))
        guard let county = counties.current?.index else { throw Problem(Refusal.unknownCase) }
        let dates = DueCalendar(unit: unit, county: county, language: language)
        return CalendarAnswer(dates.calendar(of: items.map { ($0.subject, $0.state) }) { counties[$0.county]?.index ?? county })
    }

    private func view(of person: ActingPerson, _ states: [RoutingState]) async throws -> StaffView {
        StaffView(person: person, counties: try await flow.store.book(with: Set(states.map(\.county))))
    }
}
