import CaseFlow
import HTTPTypes
import Hummingbird
import Models
import ServiceKit

/// The doors of sessions at the grassroots over HTTP: staff plan and hold them, everybody reads the roster.
struct SessionAPI: Sendable {
    private let flow: IntakeAPI.Flow
    private let seal: SealKey
    private let queries: SessionQueries

    init(flow: IntakeAPI.Flow, seal: SealKey) {
        self.flow = flow
        self.seal = seal
        queries = SessionQueries(client: flow.client)
    }

    func add(to router: ServiceRouter) {
        router.get("v1/roster") { request, _ in JSONAnswer(try await roster(request).json) }
        router.get("v1/roster.ics") { request, _ in try await calendar(request) }
        let staff = router.staffGroup("v1")
        staff.post("sessions") { request, context in try await plan(request, context) }
        staff.get("sessions") { request, _ in try await list(request) }
        staff.get("sessions/{id}") { _, context in try await show(context) }
        staff.get("sessions/{id}/cases") { _, context in try await cases(context) }
        staff.get("duties") { request, _ in try await duties(request) }
        for step in SessionStep.allCases {
            staff.post("sessions/{id}/\(step.rawValue)") { request, context in try await take(step, request, context) }
        }
    }

    private func plan(_ request: Hummingbird.Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let asked = try await CommandRequest(request, by: try context.requireStaff(), within: context)
        let (id, facts) = try form(asked).plan(asked.body)
        let subject = id ?? Subject(.version7(at: SystemTime.now, random: SystemTime.random))
        // The client's identifier is also the name of the entry: planning the same session again finds it planned.
        let command = SessionCommand(.plan(facts), on: subject, by: asked.by, entry: id.map { EntryID($0.raw) })
        let answer = try await flow.desk.submit(asked.command(.session(command), on: subject))
        var response = try JSONAnswer(command: answer)
        let planned = try? JSONValue(parsing: response.bytes)
        guard case .object(let members)? = planned, case .string(let name)? = members["id"] else { return response }
        response.status = members["known"] == .bool(true) ? .ok : .created
        response.headers[.location] = "/v1/sessions/\(name)"
        return response
    }

    private func take(_ step: SessionStep, _ request: Hummingbird.Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let subject = try subject(context)
        let asked = try await CommandRequest(request, by: try context.requireStaff(), within: context)
        let (order, entry) = try form(asked).order(step, asked.body)
        if let id = order.namedCase { try await checkCase(id, for: asked.by) }
        let command = SessionCommand(order, on: subject, by: asked.by, entry: entry, expected: asked.expected)
        return try JSONAnswer(command: try await flow.desk.submit(asked.command(.session(command), on: subject)))
    }

    /// Throws one sentence for a case that there is not and for one that the asker must not know of.
    private func checkCase(_ id: CaseID, for person: ActingPerson) async throws {
        let found = try await queries.found(id)
        let counties = try await flow.store.book(with: Set(found.map(\.file.county)))
        if found.contains(where: { $0.isKnown(to: person, in: counties) }) { return }
        throw Problem.invalidContent([
            .init(pointer: "/case", detail: "there is no such case that you may see; register it first, and name it by its identifier")
        ])
    }

    private func form(_ asked: CommandRequest) -> SessionForm { SessionForm(by: asked.by, seal: seal) }

    private func list(_ request: Hummingbird.Request) async throws -> JSONAnswer {
        let query = request.uri.queryParameters
        let limit = try PageLimit.read(query["limit"])
        let filter = SessionQueries.Filter(
            times: try SessionQuery.times(query, try await county(), standard: nil), leader: try SessionQuery.code(query, "leader"),
            unit: try SessionQuery.code(query, "unit"), kind: try SessionQuery.kind(query))
        let cursor = try query["after"].map { text throws(Problem) -> SessionQueries.Cursor in
            guard let cursor = SessionQueries.Cursor(String(text)) else {
                throw Problem(.invalidContent, detail: "after is the \"next\" of the page before.")
            }
            return cursor
        }
        let page = try await queries.list(filter, after: cursor, limit: limit)
        let next = page.count == limit ? page.last.map { SessionQueries.Cursor(starts: $0.record.starts, subject: $0.id) } : nil
        return JSONAnswer(
            .object(["sessions": .array(page.map(SessionView.line)), "next": next.map { .string($0.description) } ?? .null]))
    }

    private func show(_ context: ServiceRequestContext) async throws -> JSONAnswer {
        let subject = try subject(context)
        guard let record = try await queries.record(of: subject) else { throw Problem(Refusal.unknownSession) }
        var answer = JSONAnswer(SessionView(seal: seal).whole(.init(id: subject, record: record), for: try context.requireStaff()))
        answer.headers[.eTag] = "\"\(record.tag)\""
        return answer
    }

    /// The cases heard at a session, those that the asker may see, and never a confidential one.
    private func cases(_ context: ServiceRequestContext) async throws -> JSONAnswer {
        let (subject, person) = (try subject(context), try context.requireStaff())
        guard let record = try await queries.record(of: subject) else { throw Problem(Refusal.unknownSession) }
        let heard = try await queries.cases(of: subject, record)
        let counties = try await flow.store.book(with: Set(heard.map(\.file.county)))
        let cases = heard.filter { $0.isListed(for: person, in: counties) }.map { found -> JSONValue in
            .object([
                "id": .string(found.id.description), "number": .string(found.file.number), "stage": .string(found.file.stage.rawValue),
            ])
        }
        return JSONAnswer(.object(["cases": .array(cases)]))
    }

    private func duties(_ request: Hummingbird.Request) async throws -> JSONAnswer {
        guard let text = request.uri.queryParameters["month"], let month = CountyMonth(String(text)) else {
            throw Problem(.invalidContent, detail: "Name the month: ?month=2026-11")
        }
        let county = try await county()
        let (offsets, span) = (county.calendar.offsets, month.span)
        let held = try await queries.held(offsets.instant(span.lowerBound)..<offsets.instant(span.upperBound + 1))
        let report = DutyReport(
            month: month, leaders: DutyReport.leaders(of: county.definition), held: held,
            rules: county.definition.duties ?? DutyRule.standard, offsets: offsets)
        return JSONAnswer(report.json(of: month))
    }

    /// The roster of what is held within the time that is asked for: from today, for ninety days, unless told.
    private func roster(_ request: Hummingbird.Request) async throws -> Roster {
        let county = try await county()
        let today = county.calendar.offsets.date(at: SystemTime.now)
        let times = try SessionQuery.times(request.uri.queryParameters, county, standard: today...(today + 90))
        return Roster(try await queries.roster(times), county: county)
    }

    private func calendar(_ request: Hummingbird.Request) async throws -> CalendarAnswer {
        let language = request.uri.queryParameters["lang"].map { Language(rawValue: String($0)) } ?? .zh
        guard let language else { throw Problem(.invalidContent, detail: "lang is zh or en.") }
        return CalendarAnswer(try await roster(request).calendar(language))
    }

    private func county() async throws -> CountyIndex {
        guard let county = try await flow.store.book(with: []).current?.index else {
            throw Problem.unavailable(
                "No county definition is in force yet; ask again when the county has published one.", retryAfter: .seconds(60))
        }
        return county
    }

    private func subject(_ context: ServiceRequestContext) throws -> Subject {
        guard let subject = Subject(try context.parameters.require("id")) else { throw Problem(Refusal.unknownSession) }
        return subject
    }
}
