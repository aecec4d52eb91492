import CaseFlow
import Models

/// The rules of the desks: which facts an order brings about, or the sentence that says why none.
///
/// Who may take which step at which stage stands in the table of a case's life; here is what only a look at the case can tell.
struct DeskRules {
    let state: RoutingState
    let by: ActingPerson
    let now: Instant
    /// The county version of the case.
    let county: CountyIndex
    /// The county version in force, whose units can be given cases.
    let current: CountyIndex

    private var life: CaseLife { state.life }

    /// How often a case may change hands before no unit may object any more (Article 23).
    static let mostHandOffs = 2

    /// The most open assistance tasks of one case.
    static let mostTasks = 16

    func facts(for order: DeskOrder) throws(Refusal) -> [any EventFacts] {
        switch order {
        case .accept(let officer):
            try checkRuled()
            if let officer, life.recused.contains(officer) || life.accused?.persons.contains(officer) ?? false {
                throw refuse("officer-with-interest", "this officer has an interest in the case and must stay out of it (Article 28)")
            }
            return [CaseAccepted(by: by, officer: officer ?? (by.role == .officer ? by.person : nil))]
        case .notAccept(let reason, let explanation, let lawfulWay):
            try checkRuled()
            return [CaseNotAccepted(by: by, reason: reason, explanation: explanation, lawfulWay: lawfulWay)]
        case .redirect(let way, let explanation):
            try checkRuled()
            return [CaseRedirected(by: by, way: way, explanation: explanation)]
        case .raiseObjection(let proposed, let reason): return [try objection(proposed, reason)]
        case .confirmObjection(let to): return try confirmation(to)
        case .refuseObjection(let reason):
            let objection = try pendingObjection()
            return [ObjectionRefused(by: by, unit: objection.unit, reason: reason)]
        case .reassign(let to, let reason, let topic):
            try checkTarget(to)
            if let topic, county.topic(topic) == nil {
                throw Refusal(.invalid, rule: "unknown-topic", sentence: "the county has no topic \"\(topic)\"; name one of its topics")
            }
            if to == life.lead { throw refuse("same-unit", "the case is with \(to) already; name another unit") }
            if let objection = life.objection, to == objection.proposed, let superior = superior(in: objection) {
                throw commonSuperiorDecides(objection, superior)
            }
            return [assignment(to, LocalizedText(zh: reason, en: reason), topic: topic, handOffs: life.handOffs + 1)]
        case .addCoHandler(let unit, let task, let workdays): return [try coHandling(unit, task, workdays)]
        case .excuseCoHandler(let unit, let reason):
            guard life.awaited.contains(unit) else {
                throw refuse("not-co-handling", "\(unit) is no co-handling unit whose answer is awaited")
            }
            return [CoHandlingExcused(by: by, unit: unit, reason: reason)]
        case .answerAsCoHandler(let text):
            guard let unit = by.unit else { throw Refusal.unknownCase }
            return [CoHandlingAnswered(by: by, unit: unit, text: text)]
        case .answer(let text):
            if !life.awaited.isEmpty {
                let units = life.awaited.map(\.text).sorted().joined(separator: ", ")
                throw refuse(
                    "co-handling-open", "the lead unit answers when all co-handling units have answered or are excused; awaited: \(units)")
            }
            return [CaseAnswered(by: by, answer: text, reviewer: reviewer(of: life.lead))]
        case .answerReview(let text):
            return [ReviewAnswered(by: by, answer: text, reviewer: life.reviewer.flatMap(reviewer))]
        case .answerFinalReview(let text): return [FinalReviewAnswered(by: by, answer: text)]
        case .close(let outcome, let note): return [try closing(outcome, note)]
        case .reopen(let reason):
            let why = LocalizedText(zh: "重新办理：\(reason)", en: "taken up again: \(reason)")
            let unit = current.living(life.lead, denied: denied)
            return [CaseReopened(by: by, reason: reason), assignment(unit, why, handOffs: life.handOffs)]
        case .supervise(let reason, let note): return [CaseSupervised(by: by, reason: reason, note: note)]
        case .takeCharge:
            guard let person = by.person else { throw refuse("no-person", "a leader who takes charge is named by their staff number") }
            if life.leader == person { throw refuse("in-charge-already", "this leader is in charge of the case already") }
            return [ChargeTaken(by: by)]
        case .recuse(let reason):
            guard let person = by.person else { throw refuse("no-person", "an officer who withdraws is named by their staff number") }
            return [OfficerRecused(by: by, person: person, reason: reason)]
        case .openAssistance(let unit, let task, let workdays):
            try checkTarget(unit)
            if life.assistance.count(where: \.isOpen) >= Self.mostTasks {
                throw refuse("too-many-tasks", "the case has \(Self.mostTasks) open assistance tasks; end one first")
            }
            return [AssistanceOpened(by: by, serial: life.assistance.count + 1, unit: unit, task: task, workdays: workdays)]
        case .endAssistance(let serial, let outcome):
            guard let task = life.assistance.first(where: { $0.serial == serial && $0.isOpen }) else {
                throw refuse("no-such-task", "the case has no open assistance task \(serial)")
            }
            if by.unit != life.lead, by.unit != task.unit {
                throw Refusal(
                    .forbidden, rule: "not-its-task", sentence: "an assistance task is ended by the unit that has it or by the lead unit")
            }
            return [AssistanceEnded(by: by, serial: serial, outcome: outcome)]
        case .succeed(let from, let to): return [try succession(from, to)]
        }
    }

    private func objection(_ proposed: UnitCode, _ reason: String) throws(Refusal) -> ObjectionRaised {
        if life.objection != nil { throw refuse("objection-pending", "an objection to this case waits for its ruling already") }
        if life.handOffs >= Self.mostHandOffs {
            throw refuse(
                "decision-is-final",
                "the case has changed hands \(life.handOffs) times; after two, the dispatcher's decision is final (Article 23)")
        }
        if let end = state.objectionEnd ?? state.clocks.last(where: { $0.name == .objection })?.due, now > end {
            throw refuse(
                "objection-too-late", "an objection is raised within 5 working days of the assignment; that time is over (Article 23)")
        }
        try checkTarget(proposed)
        if proposed == life.lead { throw refuse("same-unit", "an objection proposes another unit than the one that has the case") }
        return ObjectionRaised(by: by, unit: life.lead, proposed: proposed, reason: reason)
    }

    private func confirmation(_ to: UnitCode?) throws(Refusal) -> [any EventFacts] {
        let objection = try pendingObjection()
        let unit = to ?? objection.proposed
        try checkTarget(unit)
        if unit == life.lead { throw refuse("same-unit", "the case is with \(unit) already; refuse the objection instead") }
        let reason = LocalizedText(zh: "异议成立，改由该单位办理", en: "the objection is right: the case is this unit's")
        return [
            ObjectionConfirmed(by: by, unit: objection.unit, to: unit), assignment(unit, reason, handOffs: life.handOffs + 1),
        ]
    }

    /// The objection to rule on, if the one who asks is the one to rule on it.
    ///
    /// Two units that push the case from one to the other are in dispute, and their common superior decides (Article 24).
    private func pendingObjection() throws(Refusal) -> CaseLife.Objection {
        guard let objection = life.objection else {
            throw refuse("no-objection", "no objection to this case waits for a ruling")
        }
        if let superior = superior(in: objection) {
            if by.role == .dispatcher { throw commonSuperiorDecides(objection, superior) }
            return objection
        }
        if by.role == .unitHead {
            throw Refusal(
                .forbidden, rule: "dispatcher-decides",
                sentence: "the dispatcher rules on an objection as long as the units are not in dispute (Articles 23 and 24)")
        }
        // Of a confidential case the desk has a dispatcher who is of neither unit.
        let desk = current.living(life.desk)
        if life.isConfidential, isDispute(objection), by.unit != desk, !denied.contains(desk) {
            throw Refusal(
                .forbidden, rule: "dispatcher-decides",
                sentence: "the dispatcher of \(desk) rules when units are in dispute about a confidential case (Article 24)")
        }
        return objection
    }

    /// Whether two units push the case from one to the other.
    private func isDispute(_ objection: CaseLife.Objection) -> Bool { life.declined.contains(objection.proposed) }

    /// The common superior that rules on an objection (Article 24); nil where the dispatcher does: the units are not in dispute, have
    /// nobody above both, or the case is one that their superior may not know of.
    private func superior(in objection: CaseLife.Objection) -> UnitCode? {
        guard isDispute(objection),
            let superior = county.unitTree.commonSuperior(of: objection.unit, and: objection.proposed)
        else { return nil }
        if life.isConfidential, denied.contains(superior) || !life.handlers.contains(superior) { return nil }
        return superior
    }

    private func commonSuperiorDecides(_ objection: CaseLife.Objection, _ superior: UnitCode) -> Refusal {
        Refusal(
            .forbidden, rule: "common-superior-decides",
            sentence:
                "\(objection.unit) and \(objection.proposed) are in dispute: their common superior, \(superior), decides (Article 24)")
    }

    /// While it is open whose the case is, it is neither accepted nor turned away.
    private func checkRuled() throws(Refusal) {
        guard let objection = life.objection else { return }
        throw refuse(
            "objection-pending",
            "an objection waits for its ruling whether this case is \(objection.proposed)'s; until then nobody decides on it (Article 23)")
    }

    private func coHandling(_ unit: UnitCode, _ task: String, _ workdays: Int) throws(Refusal) -> CoHandlingAssigned {
        try checkTarget(unit)
        if unit == life.lead { throw refuse("same-unit", "the lead unit cannot help itself; name another unit") }
        if life.awaited.contains(unit) { throw refuse("co-handling-already", "\(unit) is a co-handling unit already") }
        let due = county.calendar.due(from: now, term: Term(workdays, .workday), roll: .none)
        if let own = state.due, due.at >= own {
            throw refuse(
                "co-handling-too-long", "a co-handling unit's term ends before the lead unit's own; \(workdays) working days do not")
        }
        return CoHandlingAssigned(by: by, unit: unit, task: task, workdays: workdays)
    }

    private func closing(_ outcome: OutcomeCode, _ note: String?) throws(Refusal) -> CaseClosed {
        switch (life.stage, outcome) {
        case (_, .settledOnTheSpot), (_, .withdrawn):
            throw refuse("outcome-not-fitting", "the outcome \(outcome.rawValue) belongs to another step; name what the answer came to")
        case (.redirected, let outcome) where outcome != .redirected && outcome != .explained:
            throw refuse("outcome-not-fitting", "a redirected case closes as redirected or explained")
        case (.answered, .redirected):
            throw refuse("outcome-not-fitting", "an answered case closes with what the answer came to")
        default: break
        }
        let mustBeHeard = life.stage == .answered && !life.isAnonymous
        if mustBeHeard, !life.isHeard, !life.isServed || state.windowIsOpen(at: now) {
            throw refuse(
                "petitioner-not-heard",
                "a case closes when its petitioner has rated the answer or was called back, or when the window for review has passed")
        }
        return CaseClosed(by: by, outcome: outcome, note: note)
    }

    /// What a unit had goes where the county in force says: to its heirs, or where one must stay out, to the desk that decides in its place.
    private func succession(_ from: UnitCode, _ to: UnitCode) throws(Refusal) -> CaseSucceeded {
        if current.unit(to) == nil || current.unit(to)?.successor != nil {
            throw Refusal(.invalid, rule: "unknown-unit", sentence: "the county has no unit \"\(to)\" that could take over")
        }
        guard from != to, life.handlers.contains(from) || life.reviewer == from || life.coHandlers.contains(where: { $0.unit == from })
        else { throw refuse("not-a-handler", "\(from) has no part in this case") }
        if life.stage.isFinal, !life.assistance.contains(where: { $0.unit == from && $0.isOpen }) {
            throw refuse("wrong-stage", "of a case that has ended, only open assistance tasks go to a successor")
        }
        if denied.contains(to) { throw refuse("unit-must-stay-out", "\(to) must stay out of this case (Articles 30 and 46)") }
        let heirs = current.heirs(of: from)
        let yields = denied.contains(from) || !heirs.isDisjoint(with: denied)
        guard heirs.contains(to) || yields && to == current.desk(denied: denied.union([from])) else {
            throw refuse(
                "not-the-successor", "the county in force does not say that \(to) has taken over the duties of \(from) (Article 24)")
        }
        return CaseSucceeded(by: by, from: from, to: to)
    }

    private func assignment(_ unit: UnitCode, _ reason: LocalizedText, topic: TopicCode? = nil, handOffs: Int) -> CaseAssigned {
        let last = state.assignment
        return CaseAssigned(
            unit: unit, rule: nil, reason: reason, topic: topic ?? last?.topic, urgency: last?.urgency ?? .ordinary,
            pack: last?.pack ?? county.choosePack(kind: life.kind, channel: state.channel, urgency: .ordinary, topic: nil, on: nil).code,
            previous: life.lead, handOffs: handOffs, by: by)
    }

    private var denied: Set<UnitCode> { life.denied(in: county, current: current) }

    private func reviewer(of unit: UnitCode) -> UnitCode? { current.reviewer(of: unit, in: county, denied: denied) }

    /// A unit can be given work when it exists now and may learn of the case.
    private func checkTarget(_ unit: UnitCode) throws(Refusal) {
        guard let found = current.unit(unit) else {
            throw Refusal(.invalid, rule: "unknown-unit", sentence: "the county has no unit \"\(unit)\"; name one of its units")
        }
        if let successor = found.successor {
            throw Refusal(.invalid, rule: "unit-succeeded", sentence: "\(unit) has no duties any more; name its successor, \(successor)")
        }
        if denied.contains(unit) { throw refuse("unit-must-stay-out", "\(unit) must stay out of this case (Articles 30 and 46)") }
    }

    private func refuse(_ rule: String, _ sentence: String) -> Refusal { Refusal(.conflict, rule: rule, sentence: sentence) }
}
