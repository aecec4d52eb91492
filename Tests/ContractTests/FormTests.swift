import CaseFlow
import HTTPTypes
import Models
import TestSupport
import Testing

@testable import Deadline
@testable import Intake
@testable import Notification
@testable import Routing
@testable import ServiceKit

/// What a form reads and what its document says of the body are the same.
@Suite("OpenAPI: bodies")
struct FormTests {
    /// A body that the router takes, and what reads it.
    struct Form: Sendable, CustomTestStringConvertible {
        var service: AssembledService
        var path: String
        var read: @Sendable ([UInt8]) throws -> Void
        var testDescription: String { "\(service.rawValue) POST \(path)" }
    }

    static let now = Instant(microseconds: 1_830_000_000_000_000)
    static let clerk = ActingPerson(role: .clerk, unit: UnitCode(validated: "petitions"), person: PersonCode(validated: "clerk-1"))

    static let forms: [Form] = {
        guard let seal = SealKey(secret: [UInt8](repeating: 7, count: 32)) else { return [] }
        let session = SessionForm(by: clerk, seal: seal)
        var forms = [
            Form(service: .intake, path: "/v1/cases") { try RegistrationForm($0, now: now).check(sentBy: clerk, at: "") },
            Form(service: .intake, path: "/v1/completions") { _ = try CompletionsForm($0) },
            Form(service: .intake, path: "/v1/sessions") { _ = try session.plan($0) },
            Form(service: .deadline, path: "/v1/cases/{id}/extend") { _ = try ExtensionForm($0) },
            Form(service: .routing, path: "/v1/units/{unit}/succession") { _ = try SuccessionForm($0) },
            Form(service: .notification, path: "/v1/subscriptions") { _ = try SubscriptionForm($0, in: nil) },
        ]
        forms += CaseForm.steps.map { step in
            Form(service: .intake, path: "/v1/cases/{id}/\(step.rawValue)") { _ = try CaseForm.content(step, $0, now: now) }
        }
        forms += CaseForm.petitionerSteps.map { step in
            Form(service: .intake, path: "/v1/progress/{number}/\(step.rawValue)") { _ = try CaseForm.content(step, $0, now: now) }
        }
        forms += ClockForm.steps.map { step in
            Form(service: .deadline, path: "/v1/cases/{id}/\(step.rawValue)") { _ = try ClockForm.order(step, $0) }
        }
        forms += DeskForm.steps.map { step in
            Form(service: .routing, path: "/v1/cases/{id}/\(step.rawValue)") { _ = try DeskForm.order(step, $0) }
        }
        forms += SubscriptionOrder.Name.allCases.map { name in
            Form(service: .notification, path: "/v1/subscriptions/{code}/\(name.rawValue)") {
                _ = try SubscriptionOrder(name, $0, now: now)
            }
        }
        forms += SessionStep.allCases.map { step in
            Form(service: .intake, path: "/v1/sessions/{id}/\(step.rawValue)") { _ = try session.order(step, $0) }
        }
        // Each case of an issue takes the step that its body names.
        forms += IssueAPI.steps.map { step in
            Form(service: .routing, path: "/v1/issues/{id}/\(step.rawValue)") { _ = try DeskForm.order(step, $0) }
        }
        forms.append(Form(service: .intake, path: "/v1/known-cases") { _ = try KnownCasesForm($0) })
        return forms
    }()

    /// Bodies that no form reader reads: the batch is scanned, so that what is wrong with one case stops no other, and the county
    /// definition is decoded as a whole.
    static let others: Set<String> = ["POST /v1/cases/batch", "PUT /v1/county"]

    /// Fields of which one stands in another's place: those that are left out beside the others of a sample, and those that are then needed.
    private static let alternatives: [String: (absent: Set<String>, needed: Set<String>)] = [
        "/v1/subscriptions": (["room"], ["url"]), "/v1/subscriptions/{code}/replay": (["since"], ["after"]),
    ]

    @Test("every body that is described is compared here", arguments: AssembledService.allCases)
    func everyBody(service: AssembledService) throws {
        let described = Set(
            try service.document().operations.filter { $0.content["requestBody"] != nil }.map { "\($0.method) \($0.path)" })

        let compared = Set(Self.forms.filter { $0.service == service }.map { "POST \($0.path)" })

        #expect(described.subtracting(Self.others) == compared)
    }

    @Test("a form asks for every field that is described, and for no other", arguments: forms)
    func fields(form: Form) throws {
        let document = try form.service.document()
        let schema = try document.body("POST", form.path)
        let witness = FormWitness()

        var sample = document.sample(of: schema).members ?? [:]
        for name in Self.alternatives[form.path]?.absent ?? [] { sample[name] = nil }
        try FormWitness.$current.withValue(witness) { try form.read(JSONValue.object(sample).canonical) }

        let described = document.members(of: schema)
        #expect(Set(described.keys) == Set(witness.fields.keys))
        for (pointer, field) in witness.fields {
            let misfit = described[pointer].flatMap { Self.misfit(field, $0) }
            #expect(misfit == nil, "\(pointer)")
        }
    }

    @Test("what is required must be there, and everything else may be left out or null", arguments: forms)
    func required(form: Form) throws {
        let document = try form.service.document()
        let schema = document.resolved(try document.body("POST", form.path))
        var whole = try #require(document.sample(of: schema).members)
        let alternative = Self.alternatives[form.path]
        for name in alternative?.absent ?? [] { whole[name] = nil }
        let required = Set(schema["required"]?.strings ?? []).union(alternative?.needed ?? [])

        for name in whole.keys {
            for value in [nil, JSONValue.null] {
                var body = whole
                body[name] = value
                // The two that stand for each other.
                if form.path == "/v1/cases", name == "petitioners" { body["anonymous"] = true }
                let taken = Self.takes(form, body)
                #expect(taken != required.contains(name), "\(name) \(value == nil ? "left out" : "null")")
            }
        }
        let optional = try document.operation("POST", form.path).content["requestBody"]?["required"] == .bool(false)
        #expect(optional == ((try? form.read([])) != nil), "whether the body may be left out")
    }

    private static func takes(_ form: Form, _ body: [String: JSONValue]) -> Bool {
        do { try form.read(JSONValue.object(body).canonical) } catch {
            #expect((error as? Problem)?.status == .unprocessableContent, "\(error)")
            return false
        }
        return true
    }

    /// What a form takes that the schema does not say, or the other way round; nil when they agree.
    private static func misfit(_ field: FormWitness.Field, _ schema: JSONValue) -> String? {
        let (kinds, longest) = (schema["type"]?.strings ?? [], schema["maxLength"]?.integer)
        switch field {
        case .text(let most):
            // A format is narrower than any length.
            if schema["format"] != nil { return kinds.contains("string") ? nil : "no text" }
            return kinds.contains("string") && longest == Int64(most) ? nil : "a text of \(most) characters, not \(schema.text)"
        case .code: return longest == 48 && schema["pattern"] != nil ? nil : "a code, not \(schema.text)"
        case .words(let words): return schema["enum"]?.strings == words ? nil : "\(words), not \(schema.text)"
        case .integer(let range):
            let same = schema["minimum"]?.integer == Int64(range.lowerBound) && schema["maximum"]?.integer == Int64(range.upperBound)
            return same && kinds.contains("integer") ? nil : "\(range), not \(schema.text)"
        case .flag: return kinds.contains("boolean") ? nil : "true or false, not \(schema.text)"
        case .list: return kinds.contains("array") ? nil : "a list, not \(schema.text)"
        case .object: return kinds.contains("object") ? nil : "an object, not \(schema.text)"
        }
    }
}
