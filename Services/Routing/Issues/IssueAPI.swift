import CaseFlow
import HTTPTypes
import Hummingbird
import Models
import ServiceKit

/// Routing's doors to hot issues (热点问题): what many have written of, and one answer to all of them.
struct IssueAPI: Sendable {
    let flow: RoutingAPI.Flow
    let queries: DeskQueries

    /// The steps that an issue's cases take together.
    static let steps: [CaseStep] = [.accept, .reassign, .answer, .close, .supervise]
    /// How many cases of an issue are shown, and take a step in one unit of work.
    private static let page = 500

    private var rows: IssueRows { IssueRows(client: flow.client) }

    func add(to staff: RouterGroup<ServiceRequestContext>) {
        staff.get("issues") { request, context in try await list(request, context) }
        staff.get("issues/{id}") { _, context in try await show(context) }
        for step in Self.steps {
            staff.post("issues/{id}/\(step.rawValue)") { request, context in try await take(step, request, context) }
        }
    }

    /// The hottest issues that the asker may see: units' people those in which they or a unit below them have an open case.
    private func list(_ request: Hummingbird.Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let (person, query) = (try context.requireStaff(), request.uri.queryParameters)
        let limit = try PageLimit.read(query["limit"])
        let cursor = try query["after"].map { text throws(Problem) -> IssueRows.Cursor in
            guard let cursor = IssueRows.Cursor(String(text)) else {
                throw Problem(.invalidContent, detail: "after is the \"next\" of the page before.")
            }
            return cursor
        }
        let issues = try await rows.list(of: try await units(of: person), after: cursor, limit: limit)
        let shown = try await seen(issues, by: person)
        let next = issues.count == limit ? issues.last.map { IssueRows.Cursor($0) } : nil
        return JSONAnswer(
            .object([
                "issues": .array(shown.map { .object(Self.view($0)) }), "next": next.map { .string($0.description) } ?? .null,
            ]))
    }

    private func show(_ context: ServiceRequestContext) async throws -> JSONAnswer {
        let person = try context.requireStaff()
        let issue = try await issue(context, for: person)
        let cases = try await cases(try await rows.cases(of: issue.subject, before: nil, limit: Self.page), for: person)
        var members = Self.view(issue)
        members["list"] = .array(
            cases.map { subject, state in
                .object([
                    "id": .string(subject.description), "number": .string(state.number), "title": .string(state.title),
                    "stage": .string(state.life.stage.rawValue), "unit": .string(state.life.lead.text),
                    "registered": .string(state.registered.description),
                ])
            })
        return JSONAnswer(.object(members))
    }

    /// Takes a step of each case of the issue that the asker may know of; what is refused of one stops no other.
    ///
    /// Every case takes effect by itself and once under its own name, so that a request that broke off goes on where it was; one that came to
    /// its end is answered as it was then, whatever has joined the issue since.
    private func take(_ step: CaseStep, _ request: Hummingbird.Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let person = try context.requireStaff()
        let issue = try await issue(context, for: person)
        if request.headers[.ifMatch] != nil {
            throw Problem(.malformedRequest, detail: "If-Match holds the tag of one case, and this is a step of many; leave it out.")
        }
        let key = try IdempotencyKey.required(in: request)
        let body = try await request.body(within: context, upTo: 1 << 20)
        let (name, digest) = key.claim(of: request, by: person, body: body)
        if let answer = try await flow.store.answer(under: name, digest: digest) { return try JSONAnswer(command: answer) }
        let order = try DeskForm.order(step, body)
        var (taken, refused, last): (Int64, [JSONValue], Subject?) = (0, [], nil)
        while true {
            let subjects = try await rows.cases(of: issue.subject, before: last, limit: Self.page)
            let cases = try await cases(subjects, for: person)
            let results = try await flow.worker.perform(
                cases.map { found in
                    CaseFlow.Request(
                        subject: found.subject, command: .order(DeskCommand(order, by: person)),
                        idempotency: key.claim(of: request, by: person, scope: found.subject.description, body: body),
                        traceparent: context.trace.description)
                })
            for (found, result) in zip(cases, results) {
                switch result {
                case .success(.done), .success(.repeated): taken += 1
                case .success(.refused(let refusal)):
                    refused.append(.object(["case": .string(found.subject.description), "reason": .string(refusal.sentence)]))
                case .failure(let failure): throw failure
                }
            }
            guard subjects.count == Self.page else { break }
            last = subjects.last
        }
        let answer = JSONValue.object([
            "issue": .string(issue.subject.description), "step": .string(step.rawValue), "taken": .integer(taken),
            "refused": .array(refused),
        ])
        try await flow.store.keep(answer.canonical, under: name, digest: digest, about: issue.subject)
        return JSONAnswer(answer)
    }

    /// The issue that the address names, as the asker may see it.
    private func issue(_ context: ServiceRequestContext, for person: ActingPerson) async throws -> HotIssue {
        let subject = try Subject(path: try context.parameters.require("id"))
        guard let issue = try await rows.issue(subject), let seen = try await seen([issue], by: person).first else {
            throw Problem.notFound("There is no such issue here.")
        }
        return seen
    }

    /// Issues as the asker may see them: for units' people an issue has the title of one of their own cases, since that of another unit's
    /// case is none of their business.
    private func seen(_ issues: [HotIssue], by person: ActingPerson) async throws -> [HotIssue] {
        guard let units = try await units(of: person) else { return issues }
        let own = try await rows.latestCases(of: issues.map(\.subject), at: units)
        let known = Dictionary(
            try await cases(own.values.flatMap { $0 }, for: person).map { ($0.subject, $0.state.title) }
        ) { first, _ in first }
        return issues.compactMap { issue in
            guard let title = (own[issue.subject] ?? []).lazy.compactMap({ known[$0] }).first else { return nil }
            var issue = issue
            issue.title = title
            return issue
        }
    }

    /// Those of cases that the asker may know of, in their order.
    private func cases(_ subjects: [Subject], for person: ActingPerson) async throws -> [(subject: Subject, state: RoutingState)] {
        let states = try await queries.states(of: subjects)
        let view = StaffView(person: person, counties: try await flow.store.book(with: Set(states.values.map(\.county))))
        return subjects.compactMap { subject in
            states[subject].flatMap { view.access(to: $0) > .none ? (subject, $0) : nil }
        }
    }

    /// The units whose issues somebody sees; nil for all.
    private func units(of person: ActingPerson) async throws -> [UnitCode]? {
        switch person.role {
        case .clerk, .dispatcher, .supervisor, .leader, .auditor, .administrator: return nil
        case .officer, .unitHead:
            guard let unit = person.unit else { return [] }
            return try await flow.store.book(with: []).current.map { Array($0.index.unitTree.subtree(of: unit)) } ?? [unit]
        case .petitioner, .subscriber: return []
        }
    }

    static func view(_ issue: HotIssue) -> [String: JSONValue] {
        [
            "id": .string(issue.subject.description), "title": .string(issue.title), "kind": .string(issue.kind.rawValue),
            "topic": issue.topic.map { .string($0.text) } ?? .null, "region": issue.region.map { .string($0.text) } ?? .null,
            "units": .array(issue.units.map { .string($0.text) }), "told": .integer(Int64(issue.told)),
            "since": .string(issue.since.description), "latest": .string(issue.latest.description),
            "heat": .object([
                "index": .integer(Int64(issue.heat.index)), "cases": .integer(Int64(issue.heat.cases)),
                "people": .integer(Int64(issue.heat.people)), "growth": .integer(Int64(issue.heat.growth)),
                "likes": .integer(Int64(issue.heat.likes)),
            ]),
        ]
    }
}
