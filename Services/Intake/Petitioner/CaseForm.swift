import Models
import ServiceKit

/// Reads the body of a step that intake decides, as far as the body alone tells it.
enum CaseForm {
    /// What a body says: an order, or what has to be looked up before it is one.
    enum Content {
        case order(CaseOrder)
        /// The earlier case, by its number.
        case merge(into: String)
        /// The new data of a petitioner, not sealed yet.
        case correct(index: Int, RegistrationForm.Person)
    }

    static let longestText = 10_000
    /// The steps that petitioners take themselves.
    static let petitionerSteps: [CaseStep] = [.addMaterial, .withdraw, .rate, .requestReview, .requestFinalReview]
    /// The steps that intake decides.
    static let steps = Lifecycle.transitions.filter { $0.decidedBy == .intake }.map(\.step)

    /// Throws a problem that names every fault of the body by its place.
    static func content(_ step: CaseStep, _ body: [UInt8], now: Instant) throws(Problem) -> Content {
        var form = try FormReader(body: body)
        let content = read(step, &form, now)
        try form.finish().check()
        guard let content else { throw Problem(.internalError, detail: "This step has no form; report it.") }
        return content
    }

    private static func read(_ step: CaseStep, _ form: inout FormReader, _ now: Instant) -> Content? {
        switch step {
        case .settleOnTheSpot:
            let (unit, answer): (UnitCode?, AnswerText?) = (form.requiredCode("unit"), form.answer())
            guard let unit, let answer else { return nil }
            return .order(.settle(unit: unit, answer))
        case .addMaterial:
            return .order(.addMaterial(form.text("text", longest: 50_000, isRequired: true, hasLines: true) ?? ""))
        case .withdraw: return .order(.withdraw(reason: note("reason", &form)))
        case .rate:
            let satisfaction: Satisfaction? = form.choice("satisfaction", default: nil)
            let note = note("note", &form)
            return satisfaction.map { .order(.rate($0, note: note)) }
        case .requestReview: return .order(.requestReview(reason: text("reason", &form)))
        case .requestFinalReview: return .order(.requestFinalReview(reason: text("reason", &form)))
        case .merge: return .merge(into: form.text("into", longest: 40, isRequired: true) ?? "")
        case .unmerge: return .order(.unmerge(reason: text("reason", &form)))
        case .correct:
            let index = form.integer("petitioner", in: 0...RegistrationForm.mostPetitioners, isRequired: true)
            let person = form.personFields()
            if [person.name, person.phone, person.email, person.address].allSatisfy({ FormReader.isBlank($0 ?? "") }) {
                form.fault("/name", "name, phone, email and address are all missing; give what is to be corrected, what is left out stays")
            }
            return index.map { .correct(index: $0, person) }
        case .recordService:
            let how: ServiceWay? = form.choice("how", default: nil)
            let on = form.instant("on", now: now)
            return how.map { .order(.recordService($0, on: on ?? now)) }
        case .recordReturnCall:
            let reached = form.flag("reached")
            let satisfaction: Satisfaction? = form.optionalChoice("satisfaction")
            return .order(.recordReturnCall(reached: reached, satisfaction, note: note("note", &form)))
        case .unmask: return .order(.unmask(reason: text("reason", &form)))
        case .accept, .notAccept, .redirect, .raiseObjection, .confirmObjection, .refuseObjection, .reassign, .addCoHandler,
            .excuseCoHandler, .answerAsCoHandler, .answer, .answerReview, .answerFinalReview, .close, .reopen, .supervise, .takeCharge,
            .recuse, .openAssistance, .endAssistance, .succeed, .extend, .pauseClock, .resumeClock,
            .rebaseClocks:
            return nil
        }
    }

    private static func text(_ name: String, _ form: inout FormReader) -> String {
        form.text(name, longest: longestText, isRequired: true, hasLines: true) ?? ""
    }

    private static func note(_ name: String, _ form: inout FormReader) -> String? {
        form.text(name, longest: longestText, isRequired: false, hasLines: true)
    }
}
