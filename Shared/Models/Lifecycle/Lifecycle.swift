/// The life of a case (信访事项办理流程) as a table: from registration to its end, every step once.
///
/// What only a look at the case can tell (whether a clock has run out, whether all co-handling units have answered, how often
/// the case has changed hands) is for the process that decides the step; the table says what is possible at all.
public enum Lifecycle {
    /// Every step, with the stages it leads between, the people who may take it and the article that it follows.
    public static let transitions: [Transition] = [
        // routing                  from                                       to             by
        row(.accept, [.assigned], .accepted, ofLead, "case.accepted", .routing, [22]),
        row(.notAccept, [.assigned], .notAccepted, ofLead, "case.not-accepted", .routing, [19, 22, 31, 36]),
        row(.redirect, [.assigned, .accepted], .redirected, ofLead + dispatcher, "case.redirected", .routing, [31]),
        row(.raiseObjection, [.assigned], nil, ofLead, "objection.raised", .routing, [23]),
        row(.confirmObjection, [.assigned], nil, dispatcher + superior, "objection.confirmed", .routing, [23, 24]),
        row(.refuseObjection, [.assigned], nil, dispatcher + superior, "objection.refused", .routing, [23, 24]),
        row(.reassign, [.registered, .assigned, .accepted], .assigned, dispatcher, "case.assigned", .routing, [22, 24]),
        row(.addCoHandler, [.assigned, .accepted], nil, headOfLead + dispatcher, "co-handling.assigned", .routing, [24]),
        row(.excuseCoHandler, [.assigned, .accepted], nil, headOfLead + dispatcher, "co-handling.excused", .routing, [24]),
        row(.answerAsCoHandler, [.assigned, .accepted], nil, ofCoHandler, "co-handling.answered", .routing, [24]),
        row(.answer, [.accepted], .answered, ofLead, "case.answered", .routing, [32, 34]),
        row(.answerReview, [.underReview], .answered, ofReviewer, "review.answered", .routing, [35]),
        row(.answerFinalReview, [.underFinalReview], .terminated, ofReviewer, "final-review.answered", .routing, [36]),
        row(.close, [.answered, .redirected, .notAccepted], .closed, ofLead + dispatcher, "case.closed", .routing, [32]),
        row(.reopen, [.closed, .withdrawn, .answered, .redirected, .notAccepted], .assigned, dispatcher, "case.reopened", .routing, []),
        row(.supervise, open, nil, [.init(.supervisor, .county), .init(.leader, .county)], "case.supervised", .routing, [38, 39, 40]),
        row(.takeCharge, open, nil, [.init(.leader, .county)], "case.charge-taken", .routing, []),
        row(.recuse, open.subtracting([.registered]), nil, officers, "officer.recused", .routing, [28]),
        row(.openAssistance, everBegun, nil, ofLead + [.init(.leader, .county)], "assistance.opened", .routing, [37]),
        row(.endAssistance, Set(Stage.allCases), nil, ofLead + ofAssistant, "assistance.ended", .routing, [37]),
        row(.succeed, Set(Stage.allCases), nil, [.init(.administrator, .county)], "case.succeeded", .routing, [24]),
        // deadline
        row(.extend, [.accepted], nil, headOfLead, "clock.extended", .deadline, [34]),
        row(.pauseClock, open, nil, headOfLead + ofReviewer, "clock.paused", .deadline, [36]),
        row(.resumeClock, open, nil, headOfLead + ofReviewer + dispatcher, "clock.resumed", .deadline, [36]),
        row(.rebaseClocks, open, nil, [.init(.administrator, .county)], "clock.rebased", .deadline, []),
        // intake
        row(.settleOnTheSpot, [.registered, .assigned], .closed, desk + [.init(.leader, .county)], "case.settled", .intake, [32]),
        row(.addMaterial, open, nil, petitioner + desk, "material.added", .intake, []),
        row(.withdraw, open.subtracting([.underFinalReview]), .withdrawn, petitioner, "case.withdrawn", .intake, []),
        row(.rate, [.answered, .closed], nil, petitioner, "case.rated", .intake, []),
        row(.requestReview, [.answered, .notAccepted, .closed], .underReview, petitioner, "review.requested", .intake, [35]),
        row(.requestFinalReview, [.answered, .closed], .underFinalReview, petitioner, "final-review.requested", .intake, [36]),
        row(.merge, [.registered, .assigned], .merged, desk, "case.merged", .intake, [19]),
        row(.unmerge, [.merged], .registered, desk, "case.unmerged", .intake, [19]),
        row(.correct, everBegun, nil, desk, "person.corrected", .intake, []),
        row(.recordService, [.answered, .notAccepted], nil, desk + ofLead, "answer.served", .intake, [35]),
        row(.recordReturnCall, [.answered, .redirected, .closed], nil, desk, "return-call.made", .intake, []),
        row(.unmask, everBegun.union([.merged]), nil, desk + handlers, "person.unmasked", .intake, []),
    ]

    /// The row of a step.
    public static func transition(_ step: CaseStep) -> Transition? { rows[step] }

    /// The row by which `role` may take a step on a case at `stage`; throws the sentence that says why not.
    public static func judge(
        _ step: CaseStep, at stage: Stage, by role: Role, _ standing: Standing
    ) throws(StepRefusal) -> Transition {
        guard let row = rows[step] else {
            throw StepRefusal(rule: .wrongStage, description: "\(step.phrase) is not provided for")
        }
        guard row.actors.contains(.init(role, standing)) else {
            throw StepRefusal(
                rule: .wrongActor, description: "\(step.phrase) is for \(row.people)\(row.citation); a \(role.name.en) cannot do it here")
        }
        guard row.from.contains(stage) else {
            let stages = Stage.allCases.filter(row.from.contains).map(\.name.en).joined(separator: ", ")
            throw StepRefusal(
                rule: .wrongStage,
                description: "\(step.phrase) is possible while it is \(stages)\(row.citation); this one is \(stage.name.en)")
        }
        return row
    }

    /// Says no to somebody whom nothing binds to the case.
    static func refusal(of step: CaseStep, to role: Role) -> StepRefusal {
        let people = rows[step].map { " is for \($0.people)\($0.citation)" } ?? " is not provided for"
        return StepRefusal(rule: .wrongActor, description: "\(step.phrase)\(people); a \(role.name.en) of another unit cannot do it here")
    }

    private static let rows = Dictionary(transitions.map { ($0.step, $0) }) { first, _ in first }

    private static func row(
        _ step: CaseStep, _ from: Set<Stage>, _ to: Stage?, _ actors: [Transition.Actor], _ event: String, _ source: Source,
        _ articles: [Int]
    ) -> Transition {
        Transition(step: step, from: from, to: to, actors: Set(actors), event: event, decidedBy: source, articles: articles)
    }

    /// The stages in which somebody owes the petitioner a step.
    private static let open = Set(Stage.allCases.filter { !$0.isFinal })
    /// Assistance may begin after a case has ended (Article 37), but not for one that follows another.
    private static let everBegun = Set(Stage.allCases).subtracting([.merged])

    private static let headOfLead: [Transition.Actor] = [.init(.unitHead, .leadUnit)]
    private static let ofLead: [Transition.Actor] = [.init(.officer, .leadUnit)] + headOfLead
    private static let ofCoHandler: [Transition.Actor] = [.init(.officer, .coHandlingUnit), .init(.unitHead, .coHandlingUnit)]
    private static let ofAssistant: [Transition.Actor] = [.init(.officer, .assistingUnit), .init(.unitHead, .assistingUnit)]
    private static let ofReviewer: [Transition.Actor] = [.init(.officer, .reviewingUnit), .init(.unitHead, .reviewingUnit)]
    private static let handlers: [Transition.Actor] = ofLead + ofCoHandler + ofReviewer
    private static let superior: [Transition.Actor] = [.init(.unitHead, .commonSuperior)]
    private static let officers: [Transition.Actor] = [Standing.leadUnit, .coHandlingUnit, .reviewingUnit].map { .init(.officer, $0) }
    private static let dispatcher: [Transition.Actor] = [.init(.dispatcher, .county)]
    private static let desk: [Transition.Actor] = [.init(.clerk, .county)] + dispatcher
    private static let petitioner: [Transition.Actor] = [.init(.petitioner, .petitioner)]
}

extension Transition {
    /// Who may take the step, for a sentence: "the officer of the lead unit or the dispatcher".
    var people: String {
        let names = actors.map { actor in
            let noun = actor.role == .unitHead ? "head" : actor.role.name.en
            return switch actor.standing {
            case .leadUnit: "the \(noun) of the lead unit"
            case .coHandlingUnit: "the \(noun) of a co-handling unit"
            case .assistingUnit: "the \(noun) of the unit that helps"
            case .reviewingUnit: "the \(noun) of the reviewing unit"
            case .commonSuperior: "the \(noun) of the units' common superior"
            case .petitioner, .county: "the \(noun)"
            }
        }
        return names.sorted().joined(separator: " or ")
    }

    /// The articles in brackets, for a sentence; empty where there are none.
    var citation: String {
        switch articles.count {
        case 0: ""
        case 1: " (Article \(articles[0]))"
        default: " (Articles \(articles.map(String.init).joined(separator: ", ")))"
        }
    }
}
