import Models
import ServiceKit

/// Reads the body of `POST /v1/cases/{id}/{step}` as an order.
enum DeskForm {
    /// The most characters of what somebody writes: a reason, an answer's part, a note.
    static let longestText = 10_000
    /// The longest term of a co-handling unit, in working days.
    static let mostWorkdays = RuleCoHandling.mostWorkdays
    /// The longest term of an assistance task, in working days: about two years.
    static let mostAssistanceDays = 500

    /// The steps that routing decides for one case; a unit's successor takes over all its cases at once.
    static let steps = Lifecycle.transitions.filter { $0.decidedBy == .routing && $0.step != .succeed }.map(\.step)

    /// Throws a problem that names every fault of the body by its place.
    static func order(_ step: CaseStep, _ body: [UInt8]) throws(Problem) -> DeskOrder {
        var form = try FormReader(body: body)
        let order = read(step, &form)
        try form.finish().check()
        guard let order else { throw Problem(.internalError, detail: "This step has no form; report it.") }
        return order
    }

    /// The order; nil when a fault was noted.
    private static func read(_ step: CaseStep, _ form: inout FormReader) -> DeskOrder? {
        switch step {
        case .accept: return .accept(officer: form.code("officer"))
        case .notAccept:
            let reason: NotAcceptedReason? = form.choice("reason", default: nil)
            let (explanation, way) = (text("explanation", &form), text("lawfulWay", &form))
            return reason.map { .notAccept($0, explanation: explanation, lawfulWay: way) }
        case .redirect:
            let way: LawfulWay? = form.choice("way", default: nil)
            let explanation = text("explanation", &form)
            return way.map { .redirect($0, explanation: explanation) }
        case .raiseObjection:
            let (proposed, reason): (UnitCode?, String) = (form.requiredCode("proposed"), text("reason", &form))
            return proposed.map { .raiseObjection(proposed: $0, reason: reason) }
        case .confirmObjection: return .confirmObjection(to: form.code("unit"))
        case .refuseObjection: return .refuseObjection(reason: text("reason", &form))
        case .reassign:
            let (unit, reason): (UnitCode?, String) = (form.requiredCode("unit"), text("reason", &form))
            let topic: TopicCode? = form.code("topic")
            return unit.map { .reassign(to: $0, reason: reason, topic: topic) }
        case .addCoHandler:
            let (unit, task): (UnitCode?, String) = (form.requiredCode("unit"), text("task", &form))
            let workdays = form.integer("workdays", in: 1...mostWorkdays, isRequired: true)
            guard let unit, let workdays else { return nil }
            return .addCoHandler(unit, task: task, workdays: workdays)
        case .excuseCoHandler:
            let (unit, reason): (UnitCode?, String) = (form.requiredCode("unit"), text("reason", &form))
            return unit.map { .excuseCoHandler($0, reason: reason) }
        case .answerAsCoHandler: return .answerAsCoHandler(text: text("text", &form))
        case .answer: return form.answer().map { .answer($0) }
        case .answerReview: return form.answer().map { .answerReview($0) }
        case .answerFinalReview: return form.answer().map { .answerFinalReview($0) }
        case .close:
            let outcome: OutcomeCode? = form.choice("outcome", default: nil)
            let note = form.text("note", longest: longestText, isRequired: false, hasLines: true)
            return outcome.map { .close($0, note: note) }
        case .reopen: return .reopen(reason: text("reason", &form))
        case .supervise:
            let reason: SupervisionReason? = form.choice("reason", default: nil)
            let note = text("note", &form)
            return reason.map { .supervise($0, note: note) }
        case .takeCharge: return .takeCharge
        case .recuse: return .recuse(reason: text("reason", &form))
        case .openAssistance:
            let (unit, task): (UnitCode?, String) = (form.requiredCode("unit"), text("task", &form))
            let workdays = form.integer("workdays", in: 1...mostAssistanceDays, isRequired: true)
            guard let unit, let workdays else { return nil }
            return .openAssistance(unit, task: task, workdays: workdays)
        case .endAssistance:
            let serial = form.integer("serial", in: 1...10_000, isRequired: true)
            let outcome = text("outcome", &form)
            return serial.map { .endAssistance(serial: $0, outcome: outcome) }
        case .succeed, .extend, .pauseClock, .resumeClock, .rebaseClocks, .settleOnTheSpot, .addMaterial, .withdraw, .rate, .requestReview,
            .requestFinalReview, .merge, .unmerge,
            .correct, .recordService, .recordReturnCall, .unmask:
            return nil
        }
    }

    private static func text(_ name: String, _ form: inout FormReader) -> String {
        form.text(name, longest: longestText, isRequired: true, hasLines: true) ?? ""
    }
}
