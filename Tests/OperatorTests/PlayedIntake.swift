import CaseFlow
import HTTPTypes
import Models
import NIOHTTP1
import ServiceKit
import TestSupport
import Testing

@testable import Intake
@testable import Operator

/// Intake's doors of sessions as an import meets them, without servers: the forms and the rules are the real ones.
final class PlayedIntake {
    static let now = Instant(microseconds: 1_796_100_000_000_000)

    private let process: IntakeProcess
    private let counties: CountyBook
    private let seal: SealKey
    private(set) var states: [Subject: IntakeState] = [:]
    /// The cases by the keys that they were registered under, with their bodies.
    private(set) var cases: [String: (id: CaseID, body: JSONValue)] = [:]
    private(set) var events = 0
    /// Every request that would change something, as method and path.
    private(set) var changes: [String] = []
    /// Cases that fail as often as they are sent, by their keys.
    var failing: Set<String> = []
    /// How many more requests are answered; those after them get 503.
    var answers = Int.max

    init() throws {
        process = IntakeProcess(signer: try #require(ReceiptSigner(seed: [UInt8](repeating: 7, count: 32))))
        seal = try #require(SealKey(secret: [UInt8](repeating: 3, count: 32)))
        var counties = CountyBook()
        let edition = try CountyBook.Edition(TestCounty.definition())
        counties.add(edition)
        counties.putInForce(edition.index.version)
        self.counties = counties
    }

    /// Imports a file; returns the tally and what was said of what could not be recorded.
    func take(_ text: String, patience: Duration = .seconds(60)) async throws -> (tally: FieldTally, said: [String]) {
        var said: [String] = []
        let field = FieldImport(
            ask: { method, path, body, key in try self.answer(method.rawValue, path, body ?? [], key) }, say: { said.append($0) },
            patience: patience)
        return (try await field.run(FieldFile(Array(text.utf8))), said)
    }

    private func answer(_ method: String, _ path: String, _ body: [UInt8], _ key: String?) throws -> IntakeClient.Reply {
        if answers == 0 { return .init(status: 503, body: []) }
        answers -= 1
        if method != "GET" { changes.append("\(method) \(path)") }
        let steps = path.split(separator: "/").map(String.init)
        if path == "/v1/cases/batch" { return try register(body) }
        let form = SessionForm(by: ActingPerson(role: .administrator), seal: seal)
        do throws(Problem) {
            if path == "/v1/sessions" {
                let (id, facts) = try form.plan(body)
                let subject = id ?? Subject(UniqueID(high: 1, low: 1))
                return try submit(.plan(facts), on: subject, entry: EntryID(subject.raw), status: 201)
            }
            guard let subject = Subject(steps[2]) else { throw Problem(Refusal.unknownSession) }
            guard steps.count > 3, let step = SessionStep(rawValue: steps[3]) else {
                guard let record = states[subject]?.session else { throw Problem(Refusal.unknownSession) }
                let view = SessionView(seal: seal).whole(.init(id: subject, record: record), for: ActingPerson(role: .administrator))
                return .init(status: 200, body: view.canonical)
            }
            let (order, entry) = try form.order(step, body)
            return try submit(order, on: subject, entry: entry, status: 200)
        } catch {
            return .init(status: UInt(error.status.code), body: error.document(instance: nil, trace: nil))
        }
    }

    private func submit(_ order: SessionOrder, on subject: Subject, entry: EntryID?, status: UInt) throws(Problem) -> IntakeClient.Reply {
        let context = FlowContext(now: Self.now, counties: counties)
        let command = SessionCommand(order, on: subject, by: ActingPerson(role: .administrator), entry: entry)
        do {
            let decision = try process.decide(.session(command), on: states[subject], in: context)
            for facts in decision.facts {
                events += 1
                let event = try CaseEvent(
                    id: EventID(UniqueID(high: 0x0193_0000_0000_7000, low: 0x9000_0000_0000_0000 + UInt64(events))), source: .intake,
                    subject: subject, type: type(of: facts).type, version: 1, time: Self.now, sequence: Int64(events),
                    after: SourcePositions(), county: "", traceparent: nil, stating: facts)
                _ = try process.apply(event, to: &states[subject], in: context)
            }
            return .init(status: status, body: decision.answer)
        } catch let refusal as Refusal { throw Problem(refusal) } catch { throw Problem(.internalError, detail: "\(error)") }
    }

    /// Registers a batch under its keys; a case without a narrative is refused.
    private func register(_ body: [UInt8]) throws -> IntakeClient.Reply {
        var results: [JSONValue] = []
        for element in try JSONValue(parsing: body)["cases"]?.elements ?? [] {
            guard let key = element["key"]?.plain, let form = element["case"], form["narrative"] != nil else {
                let problem: JSONValue = [
                    "detail": "d", "errors": [["pointer": "/cases/0/case/narrative", "detail": "narrative is missing"]],
                ]
                results.append(["status": 422, "problem": problem])
                continue
            }
            if failing.contains(key) {
                results.append(["status": 503, "problem": ["detail": "away"]])
                continue
            }
            let id = cases[key]?.id ?? CaseID(UniqueID(high: 9, low: UInt64(cases.count + 1)))
            cases[key] = (id, form)
            results.append(["status": 201, "receipt": ["id": .string(id.description)]])
        }
        return .init(status: 200, body: JSONValue.object(["results": .array(results)]).canonical)
    }
}
