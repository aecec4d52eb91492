import CaseFlow
import Hummingbird
import Models
import ServiceKit

/// Moves what a merged, split or abolished unit has to its successor (Article 24): a page of cases for each request, each page one commit.
///
/// Who asks is told of the cases that they may know of. Confidential ones move without a word, and those that the successor must not
/// learn of go to the desk that decides in its place (Articles 30 and 46).
struct Succession: Sendable {
    let flow: FlowParts<RoutingProcess, RoutingTables>
    let queries: DeskQueries

    /// The most cases of one request that the asker may know of.
    static let page = 256

    /// What is asked for.
    private struct Wish {
        /// Under what the answer is kept; nil for no Idempotency-Key.
        var claim: (key: ClaimKey, digest: [UInt8])?
        var from: UnitCode
        var to: UnitCode
        var after: Subject
        var isDryRun: Bool
        var regions: [RegionCode]
    }

    /// A case that goes to another unit.
    private struct Move {
        var subject: Subject
        var from: UnitCode
        var to: UnitCode
        /// Whether the asker may know of the case.
        var isTold: Bool
    }

    /// `POST /v1/units/{unit}/succession`: the body names `to`, and if wanted the `regions` whose cases move, `after`, and `dryRun`.
    func take(_ request: Hummingbird.Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let person = try context.requireStaff()
        let wish = try await wish(request, by: person, context)
        if let (key, digest) = wish.claim, let answer = try await flow.store.answer(under: key, digest: digest) {
            return try JSONAnswer(command: answer)
        }
        guard let current = try await flow.store.book(with: []).current?.index, current.unit(wish.from) != nil,
            current.unit(wish.to) != nil
        else {
            throw Problem.invalidContent([.init(pointer: "/to", detail: "both units must stand in the county definition in force")])
        }
        if !wish.isDryRun { try Self.check(from: wish.from, to: wish.to, in: current) }
        let isFirst = wish.after.raw == UniqueID(high: 0, low: 0)
        let county: CountyIndex
        do throws(CountyError) { county = try SuccessionRules.county(current, after: wish.from, goesTo: wish.to) } catch {
            throw Problem(.invalidContent, detail: "The county cannot be so: \(error).")
        }
        // Whoever comes to share the duties of an accused unit must not keep the case in which that one is accused.
        let yielding = isFirst ? try await yielding(to: wish, told: person, in: county) : []
        let (moving, next) = try await moves(wish, told: person, in: county)
        var refused: [JSONValue] = []
        if !wish.isDryRun { refused = try await perform(moving + yielding, by: person, context) }
        let answer = JSONValue.object([
            "from": .string(wish.from.text), "to": .string(wish.to.text),
            "cases": .integer(Int64(moving.count(where: \.isTold) - refused.count)),
            "refused": .array(refused), "dryRun": .bool(wish.isDryRun), "next": next.map { .string($0.description) } ?? .null,
        ])
        if let (key, digest) = wish.claim {
            try await flow.store.keep(answer.canonical, under: key, digest: digest, about: .county)
            // Of two that came together with one key, both tell what was kept first.
            if let kept = try await flow.store.answer(under: key, digest: digest), kept != .repeated(answer.canonical) {
                return try JSONAnswer(command: kept)
            }
        }
        return JSONAnswer(answer)
    }

    /// Only what the county in force says is done; a version that says it may still be on its way here.
    static func check(from: UnitCode, to: UnitCode, in current: CountyIndex) throws(Problem) {
        if current.unit(from)?.successor == nil {
            throw .unavailable(
                "The county definition in force here does not say that \(from) has ended: publish one that names its successor.",
                retryAfter: .seconds(1))
        }
        if !current.heirs(of: from).contains(to) {
            throw Problem(
                Refusal(
                    .conflict, rule: "not-the-successor",
                    sentence: "the county in force does not say that \(to) has taken over the duties of \(from) (Article 24)"))
        }
    }

    private func wish(
        _ request: Hummingbird.Request, by person: ActingPerson, _ context: ServiceRequestContext
    ) async throws -> Wish {
        guard let from = UnitCode(try context.parameters.require("unit")) else {
            throw Problem.notFound("The address names no unit: it is a unit's code.")
        }
        let key = try IdempotencyKey.optional(in: request)
        let body = try await request.body(within: context)
        let form = try SuccessionForm(body)
        return Wish(
            claim: key?.claim(of: request, by: person, body: body), from: from, to: form.to, after: form.after, isDryRun: form.isDryRun,
            regions: form.regions)
    }

    /// The moves of a page, and where the next begins: behind a page that is full of cases that the asker may know of.
    private func moves(
        _ wish: Wish, told person: ActingPerson, in county: CountyIndex
    ) async throws -> (moves: [Move], next: Subject?) {
        var (moves, told, after): ([Move], Int, Subject) = ([], 0, wish.after)
        while true {
            let held = try await queries.held(by: wish.from, after: after, limit: Self.page)
            let states = try await queries.states(of: held)
            let view = StaffView(person: person, counties: try await flow.store.book(with: Set(states.values.map(\.county))))
            for subject in held {
                guard let state = states[subject] else { continue }
                let (isTold, isMoving) = (view.access(to: state) > .none, lies(state, within: wish.regions, in: county))
                if isTold { told += 1 }
                if isMoving, let began = view.counties[state.county]?.index,
                    let to = SuccessionRules.heir(wish.to, of: wish.from, in: state.life, began: began, now: county)
                {
                    moves.append(Move(subject: subject, from: wish.from, to: to, isTold: isTold))
                }
                if told == Self.page { return (moves, subject) }
            }
            guard held.count == Self.page, let last = held.last else { return (moves, nil) }
            after = last
        }
    }

    private func lies(_ state: RoutingState, within regions: [RegionCode], in county: CountyIndex) -> Bool {
        if regions.isEmpty { return true }
        guard let region = state.region else { return false }
        return regions.contains { county.regionTree.isWithin(region, $0) }
    }

    /// Gives the cases away; says what could not be moved of those that the asker may know of.
    private func perform(_ moves: [Move], by person: ActingPerson, _ context: ServiceRequestContext) async throws -> [JSONValue] {
        var refused: [JSONValue] = []
        for start in stride(from: 0, to: moves.count, by: Self.page) {
            let page = moves[start..<min(start + Self.page, moves.count)]
            let results = try await flow.worker.perform(
                page.map { move in
                    CaseFlow.Request(
                        subject: move.subject, command: .order(DeskCommand(.succeed(from: move.from, to: move.to), by: person)),
                        traceparent: context.trace.description)
                })
            for (move, result) in zip(page, results) {
                switch result {
                case .success(.refused(let refusal)) where move.isTold:
                    refused.append(.object(["case": .string(move.subject.description), "reason": .string(refusal.sentence)]))
                case .success: break
                case .failure(let failure): throw failure
                }
            }
        }
        return refused
    }

    /// The open cases in which somebody else has a part that the end of the unit takes away, each on its way to the desk that decides
    /// in that one's place.
    private func yielding(to wish: Wish, told person: ActingPerson, in county: CountyIndex) async throws -> [Move] {
        var found: [Move] = []
        for holder in SuccessionRules.touched(by: wish.from, in: county).sorted() {
            var (after, isLast) = (Subject(UniqueID(high: 0, low: 0)), false)
            while !isLast {
                let page = try await queries.held(by: holder, after: after, limit: Self.page)
                let states = try await queries.states(of: page)
                let view = StaffView(person: person, counties: try await flow.store.book(with: Set(states.values.map(\.county))))
                for subject in page {
                    guard let state = states[subject], let began = view.counties[state.county]?.index,
                        let desk = SuccessionRules.taker(from: holder, in: state.life, began: began, now: county)
                    else { continue }
                    found.append(Move(subject: subject, from: holder, to: desk, isTold: view.access(to: state) > .none))
                }
                if let last = page.last { after = last }
                isLast = page.count < Self.page
            }
        }
        return found
    }
}
