import CaseFlow
import Hummingbird
import Models
import ServiceKit

/// Moves what a merged, split or abolished unit has to its successor (Article 24): a page of cases for each request, each page one commit.
struct Succession: Sendable {
    let flow: FlowParts<RoutingProcess, RoutingTables>
    let queries: DeskQueries

    /// The most cases of one commit.
    static let page = 256

    /// `POST /v1/units/{unit}/succession`.
    func take(_ request: Hummingbird.Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let person = try context.requireStaff()
        guard let from = UnitCode(try context.parameters.require("unit")) else {
            throw Problem.notFound("The address names no unit: it is a unit's code.")
        }
        let form = try SuccessionForm(try await request.body(within: context))
        let (to, after, isDryRun, regions) = (form.to, form.after, form.isDryRun, form.regions)
        let held = try await queries.held(by: from, after: after, limit: Self.page)
        let states = try await queries.states(of: held)
        let counties = try await flow.store.book(with: Set(states.values.map(\.county)))
        guard let current = counties.current?.index, current.unit(from) != nil, current.unit(to) != nil else {
            throw Problem.invalidContent([.init(pointer: "/to", detail: "both units must stand in the county definition in force")])
        }
        let moving = held.filter { subject in
            guard !regions.isEmpty else { return true }
            guard let region = states[subject]?.region else { return false }
            return regions.contains { current.regionTree.isWithin(region, $0) }
        }
        // A unit that takes over the duties of an accused one must not keep the case in which that one is accused.
        let yielding = after.raw == UniqueID(high: 0, low: 0) ? try await accusing(from, with: to, in: current) : []
        var refused: [JSONValue] = []
        if !isDryRun {
            let command = DeskCommand(.succeed(from: from, to: to), by: person)
            let requests =
                moving.map { CaseFlow.Request(subject: $0, command: command, traceparent: context.trace.description) }
                + yielding.map { subject, desk in
                    CaseFlow.Request(
                        subject: subject, command: DeskCommand(.succeed(from: to, to: desk), by: person),
                        traceparent: context.trace.description)
                }
            let results = try await flow.worker.perform(requests)
            for (subject, result) in zip(requests.map(\.subject), results) {
                switch result {
                case .success(.done), .success(.repeated): break
                case .success(.refused(let refusal)):
                    refused.append(.object(["case": .string(subject.description), "reason": .string(refusal.sentence)]))
                case .failure(let failure): throw failure
                }
            }
        }
        let last = held.count == Self.page ? held.last.map { JSONValue.string($0.description) } : nil
        return JSONAnswer(
            .object([
                "from": .string(from.text), "to": .string(to.text), "cases": .integer(Int64(moving.count - refused.count)),
                "withdrawn": .integer(Int64(yielding.count)),
                "refused": .array(refused), "dryRun": .bool(isDryRun), "next": last ?? .null,
            ]))
    }

    /// The open cases of `heir` in which `unit` is accused, each with the desk that decides in the heir's place.
    private func accusing(
        _ unit: UnitCode, with heir: UnitCode, in current: CountyIndex
    ) async throws -> [(subject: Subject, desk: UnitCode)] {
        var (found, after): ([(Subject, UnitCode)], Subject) = ([], Subject(UniqueID(high: 0, low: 0)))
        while true {
            let page = try await queries.held(by: heir, after: after, limit: Self.page)
            for (subject, state) in try await queries.states(of: page) {
                let denied = current.denied(state.life.accused)
                if denied.contains(unit) { found.append((subject, current.desk(denied: denied.union([heir])))) }
            }
            guard page.count == Self.page, let last = page.last else { return found }
            after = last
        }
    }
}
