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

    /// `POST /v1/units/{unit}/succession`: the body names `to`, and if wanted the `regions` whose cases move, `after`, and `dryRun`.
    func take(_ request: Hummingbird.Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let person = try context.requireStaff()
        guard let from = UnitCode(try context.parameters.require("unit")) else {
            throw Problem.notFound("The address names no unit: it is a unit's code.")
        }
        var form = try FormReader(body: try await request.body(within: context))
        let to: UnitCode? = form.requiredCode("to")
        let after: Subject = form.identifier("after") ?? Subject(UniqueID(high: 0, low: 0))
        let isDryRun = form.flag("dryRun")
        let regions = form.codes("regions", of: RegionCode.self)
        try form.finish().check()
        guard let to else { throw Problem(.invalidContent, detail: "Name the unit that takes over: to.") }
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
        var refused: [JSONValue] = []
        if !isDryRun {
            let command = DeskCommand(.succeed(from: from, to: to), by: person)
            let results = try await flow.worker.perform(
                moving.map { CaseFlow.Request(subject: $0, command: command, traceparent: context.trace.description) })
            for (subject, result) in zip(moving, results) {
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
                "refused": .array(refused), "dryRun": .bool(isDryRun), "next": last ?? .null,
            ]))
    }
}
