import CaseFlow
import Models

extension NotificationProcess {
    /// What is told of a step of a case after its assignment: to its petitioners, to units, and to departments.
    func tell(_ event: CaseEvent, _ state: inout State?, _ context: FlowContext) throws(EventError) -> Consequences<Effect> {
        guard let known = state else { return Consequences() }
        let county = try Self.county(known.county, context)
        guard let news = try CaseNews(event, known, county) else {
            return Consequences(effects: event.type == PersonCorrected.type ? try correct(event, &state).map { .corrected($0) } : [])
        }
        var consequences = feed(event, &state, news.feed)
        for (template, recipients, fields) in news.notices {
            consequences.effects += notices(template, to: recipients, event, state, county, fields)
        }
        return consequences
    }

    /// Takes a petitioner's new contact, which notices that wait use, too.
    private func correct(_ event: CaseEvent, _ state: inout State?) throws(EventError) -> [Correction] {
        let facts = try event.facts(PersonCorrected.self)
        let contact = facts.petitioner.contact
        if let place = state?.contacts.firstIndex(where: { $0.index == facts.index }) {
            state?.contacts[place].sealed = contact
            return [Correction(subject: event.subject, recipient: place == 0 ? .petitioner : .representative(place + 1), contact: contact)]
        }
        if let place = state?.members?.firstIndex(where: { $0.index == facts.index }) {
            state?.members?[place].sealed = contact
            return [Correction(subject: event.subject, recipient: .member(facts.index + 1), contact: contact)]
        }
        return []
    }
}

/// What one step of a case is to different people.
///
/// Departments get codes and dates only: what people wrote stays between the county and its petitioner.
private struct CaseNews {
    var feed: [String: JSONValue] = [:]
    var notices: [(TemplateID, [NoticeRecipient], [TemplateField: String])] = []

    /// Nil for an event that is news to nobody.
    init?(_ event: CaseEvent, _ state: NotificationState, _ county: CountyIndex) throws(EventError) {
        switch event.source {
        case .routing: if try !desk(event, state, county) { return nil }
        case .intake: if try !petitioner(event, state, county) { return nil }
        case .deadline: if try !clock(event, state, county) { return nil }
        case .notification: return nil
        }
    }

    private mutating func desk(_ event: CaseEvent, _ state: NotificationState, _ county: CountyIndex) throws(EventError) -> Bool {
        switch event.type {
        case CaseAccepted.type:
            var fields: [TemplateField: String] = [:]
            if let pack = state.pack.flatMap(county.pack), let type = EventType(event.type),
                let clock = pack.clocks(startedBy: type, for: state.kind).first(where: { !$0.lapses }), let term = clock.term
            {
                let due = county.calendar.due(from: event.time, term: term, roll: clock.roll)
                fields = [.dueOn: due.date.description, .clock: clock.title.zh, .citation: clock.citation.zh]
            }
            notices.append((.accepted, state.everybody, fields))
        case CaseNotAccepted.type:
            let facts = try event.facts(CaseNotAccepted.self)
            feed = ["reason": .string(facts.reason.rawValue)]
            status(state)
            notices.append(
                (
                    .notAccepted, state.petitioners,
                    [
                        .reason: "\(facts.reason.name.zh)：\(facts.explanation)", .lawfulWay: facts.lawfulWay,
                        .citation: Self.article(facts.reason.article),
                    ]
                ))
        case CaseRedirected.type:
            let facts = try event.facts(CaseRedirected.self)
            feed = ["way": .string(facts.way.rawValue)]
            status(state)
            notices.append(
                (
                    .redirected, state.petitioners,
                    [.reason: facts.explanation, .lawfulWay: facts.way.name.zh, .citation: Self.article(31)]
                ))
        case ObjectionRaised.type: feed = ["proposed": .string(try event.facts(ObjectionRaised.self).proposed.text)]
        case ObjectionConfirmed.type: feed = ["to": .string(try event.facts(ObjectionConfirmed.self).to.text)]
        case ObjectionRefused.type: break
        case CaseSucceeded.type:
            let facts = try event.facts(CaseSucceeded.self)
            feed = ["from": .string(facts.from.text), "to": .string(facts.to.text)]
            notices.append((.assigned, [.unit(facts.to)], [.reason: "接续\(NotificationProcess.name(of: facts.from, county))的职责（第二十四条）"]))
        case CoHandlingAssigned.type:
            let facts = try event.facts(CoHandlingAssigned.self)
            feed = ["coHandling": .string(facts.unit.text), "workdays": .integer(Int64(facts.workdays))]
            let due = county.calendar.due(from: event.time, term: Term(facts.workdays, .workday), roll: .none)
            notices.append(
                (
                    .coHandling, [.unit(facts.unit)],
                    [
                        .reason: facts.task, .dueOn: due.date.description,
                        .leadUnit: NotificationProcess.name(of: state.unit, county),
                    ]
                ))
        case CoHandlingExcused.type: feed = ["coHandling": .string(try event.facts(CoHandlingExcused.self).unit.text)]
        case CoHandlingAnswered.type: feed = ["coHandling": .string(try event.facts(CoHandlingAnswered.self).unit.text)]
        case CaseAnswered.type:
            let facts = try event.facts(CaseAnswered.self)
            answered(facts.answer, facts.reviewer, article: 35, state, county)
        case ReviewAnswered.type:
            let facts = try event.facts(ReviewAnswered.self)
            answered(facts.answer, facts.reviewer, article: 36, state, county)
        case FinalReviewAnswered.type:
            answered(try event.facts(FinalReviewAnswered.self).answer, nil, article: 36, state, county)
        case CaseClosed.type:
            let facts = try event.facts(CaseClosed.self)
            feed = ["outcome": .string(facts.outcome.rawValue)]
            notices.append((.closed, state.everybody, [.outcome: facts.outcome.name.zh]))
        case CaseReopened.type, ChargeTaken.type: break
        case CaseSupervised.type:
            let facts = try event.facts(CaseSupervised.self)
            feed = ["reason": .string(facts.reason.rawValue)]
            notices.append((.supervised, [.unit(state.unit)], [.reason: "\(facts.reason.name.zh)：\(facts.note)"]))
        case AssistanceOpened.type:
            let facts = try event.facts(AssistanceOpened.self)
            feed = ["assistance": .integer(Int64(facts.serial)), "by": .string(facts.unit.text)]
            var fields: [TemplateField: String] = [
                .reason: "帮扶：\(facts.task)", .leadUnit: NotificationProcess.name(of: state.unit, county),
            ]
            // Under a county version without a clock for it nobody is held to the term.
            let hasClock = EventType(event.type).flatMap { type in
                state.pack.flatMap(county.pack).map { !$0.clocks(startedBy: type, for: state.kind).isEmpty }
            }
            if let workdays = facts.workdays, hasClock == true {
                fields[.dueOn] = county.calendar.due(from: event.time, term: Term(workdays, .workday), roll: .none).date.description
            }
            notices.append((.coHandling, [.unit(facts.unit)], fields))
        case AssistanceEnded.type: feed = ["assistance": .integer(Int64(try event.facts(AssistanceEnded.self).serial))]
        default: return false
        }
        return true
    }

    private mutating func petitioner(
        _ event: CaseEvent, _ state: NotificationState, _ county: CountyIndex
    ) throws(EventError) -> Bool {
        switch event.type {
        case CaseSettled.type: feed = ["settledBy": .string(try event.facts(CaseSettled.self).unit.text)]
        case MaterialAdded.type, CaseWithdrawn.type, CaseUnmerged.type, AnswerServed.type, ReviewServed.type: break
        case CaseRated.type:
            let facts = try event.facts(CaseRated.self)
            feed = ["satisfaction": .string(facts.satisfaction.rawValue)]
            notices.append((.rated, [.unit(state.unit)], [.rating: facts.satisfaction.name.zh]))
        case ReviewRequested.type: review(try event.facts(ReviewRequested.self).reviewer, "申请复查（第三十五条）")
        case FinalReviewRequested.type: review(try event.facts(FinalReviewRequested.self).reviewer, "申请复核（第三十六条）")
        case CaseMerged.type:
            let facts = try event.facts(CaseMerged.self)
            feed = ["into": .string(facts.number)]
            notices.append((.merged, state.everybody, [.firstCaseNumber: facts.number]))
        case ReturnCallMade.type: feed = ["reached": .bool(try event.facts(ReturnCallMade.self).reached)]
        default: return false
        }
        return true
    }

    private mutating func clock(_ event: CaseEvent, _ state: NotificationState, _ county: CountyIndex) throws(EventError) -> Bool {
        switch event.type {
        case ClockExtended.type:
            let facts = try event.facts(ClockExtended.self)
            feed = [
                "clock": .string(facts.clock.text), "due": .string(facts.due.description), "dueDate": .string(facts.dueDate.description),
            ]
            notices.append(
                (
                    .extended, state.everybody,
                    [.reason: facts.reason, .dueOn: facts.dueDate.description, .citation: facts.citation.zh]
                ))
        case ClockPaused.type:
            let facts = try event.facts(ClockPaused.self)
            feed = ["clock": .string(facts.clock.text), "reason": .string(facts.reason.zh)]
        case ClockResumed.type:
            let facts = try event.facts(ClockResumed.self)
            rescheduled(facts.clock, facts.serial, facts.due, facts.dueDate, LocalizedText(zh: "恢复计时", en: "it runs again"), state, county)
        case ClockRebased.type:
            let facts = try event.facts(ClockRebased.self)
            rescheduled(facts.clock, facts.serial, facts.due, facts.dueDate, facts.reason, state, county)
        default: return false
        }
        return true
    }

    /// A clock has another date: those who owe by it and those who wait for it are told.
    private mutating func rescheduled(
        _ clock: ClockName, _ serial: Int, _ due: Instant, _ date: LocalDate, _ reason: LocalizedText, _ state: NotificationState,
        _ county: CountyIndex
    ) {
        feed = ["clock": .string(clock.text), "due": .string(due.description), "dueDate": .string(date.description)]
        let rule = county.definition.packs.lazy.compactMap { $0.clock(clock) }.first
        let fields: [TemplateField: String] = [
            .clock: rule?.title.zh ?? clock.text, .reason: reason.zh, .dueOn: date.description, .citation: rule?.citation.zh ?? "",
        ]
        // What helpers owe concerns them and the lead unit alone.
        notices.append((.rescheduled, [.unit(state.unit)] + (clock.isHelp ? [] : state.everybody), fields))
    }

    private mutating func answered(
        _ answer: AnswerText, _ reviewer: UnitCode?, article: Int, _ state: NotificationState, _ county: CountyIndex
    ) {
        feed = ["opinion": .string(answer.opinion.rawValue)]
        var fields: [TemplateField: String] = [
            .answer: [answer.claim, answer.facts, answer.opinion.name.zh, answer.conclusion, answer.basis].joined(separator: "\n"),
            .citation: Self.article(article),
        ]
        if let reviewer { fields[.reviewUnit] = NotificationProcess.name(of: reviewer, county) }
        status(state)
        notices.append((.answered, state.petitioners, fields))
    }

    /// Where the case stands now, for those of a joint petition who do not speak for it.
    private mutating func status(_ state: NotificationState) {
        if let members = state.members {
            notices.append((.status, members.map { .member($0.index + 1) }, [.stage: state.life.stage.name.zh]))
        }
    }

    private mutating func review(_ unit: UnitCode, _ reason: String) {
        feed = ["reviewer": .string(unit.text)]
        notices.append((.assigned, [.unit(unit)], [.reason: reason]))
    }

    /// An article of the Regulation as Chinese notices cite it.
    private static func article(_ number: Int) -> String { "《信访工作条例》第\(number)条" }
}
