import Models

extension CaseFile {
    /// Takes in what an event of the case says; an event that says nothing new to the file changes nothing.
    ///
    /// `county` is the version the case began under.
    mutating func take(_ event: CaseEvent, in county: CountyIndex?) throws(EventError) {
        try life.take(event)
        switch event.type {
        case CaseAssigned.type:
            let facts = try event.facts(CaseAssigned.self)
            topic = facts.topic
            urgency = facts.urgency
            pack = facts.pack
        case ClockStarted.type:
            let facts = try event.facts(ClockStarted.self)
            clocks.append(
                CaseFileClock(
                    name: facts.clock, serial: facts.serial, due: facts.due, dueDate: facts.dueDate, provisional: facts.provisional,
                    phase: .running, isRight: county?.pack(facts.pack)?.clock(facts.clock)?.lapses ?? false, unit: facts.unit))
        case ClockExtended.type:
            let facts = try event.facts(ClockExtended.self)
            count(facts.clock, facts.serial, due: facts.due, facts.dueDate, facts.provisional)
        case ClockPaused.type:
            let facts = try event.facts(ClockPaused.self)
            mark(facts.clock, facts.serial, .paused)
        case ClockResumed.type:
            let facts = try event.facts(ClockResumed.self)
            count(facts.clock, facts.serial, due: facts.due, facts.dueDate, facts.provisional)
            mark(facts.clock, facts.serial, .running)
        case ClockRebased.type:
            let facts = try event.facts(ClockRebased.self)
            count(facts.clock, facts.serial, due: facts.due, facts.dueDate, facts.provisional)
        case ClockPassed.type:
            let facts = try event.facts(ClockPassed.self)
            mark(facts.clock, facts.serial, .passed)
        case ClockMet.type:
            let facts = try event.facts(ClockMet.self)
            mark(facts.clock, facts.serial, .met)
        case ClockLapsed.type:
            let facts = try event.facts(ClockLapsed.self)
            mark(facts.clock, facts.serial, .lapsed)
        case NoticeDelivered.type:
            let facts = try event.facts(NoticeDelivered.self)
            if facts.template == TemplateID.receipt.rawValue, facts.recipient == .petitioner { receiptSettled = event.time }
        case NoticeFailed.type:
            let facts = try event.facts(NoticeFailed.self)
            if facts.template == TemplateID.receipt.rawValue, facts.recipient == .petitioner {
                receiptSettled = event.time
                receiptFailed = true
            }
        default:
            try hear(event)
        }
    }

    /// Takes in what the petitioner is told or says.
    private mutating func hear(_ event: CaseEvent) throws(EventError) {
        func tell(_ file: inout CaseFile, _ answer: AnswerText?, _ explanation: String? = nil) {
            file.answer = answer
            file.explanation = explanation
            file.answered = event.time
        }
        switch event.type {
        case CaseAnswered.type: tell(&self, try event.facts(CaseAnswered.self).answer)
        case ReviewAnswered.type: tell(&self, try event.facts(ReviewAnswered.self).answer)
        case FinalReviewAnswered.type: tell(&self, try event.facts(FinalReviewAnswered.self).answer)
        case CaseSettled.type:
            tell(&self, try event.facts(CaseSettled.self).answer)
            outcome = .settledOnTheSpot
        case CaseNotAccepted.type:
            let facts = try event.facts(CaseNotAccepted.self)
            tell(&self, nil, facts.explanation + "\n" + facts.lawfulWay)
        case CaseRedirected.type: tell(&self, nil, try event.facts(CaseRedirected.self).explanation)
        case CaseClosed.type: outcome = try event.facts(CaseClosed.self).outcome
        case CaseWithdrawn.type: outcome = .withdrawn
        case CaseReopened.type: outcome = nil
        case MaterialAdded.type: additions = (additions ?? 0) + 1
        case CaseRated.type: satisfaction = try event.facts(CaseRated.self).satisfaction
        case CaseMerged.type: mergedInto = try event.facts(CaseMerged.self).into
        case CaseUnmerged.type: mergedInto = nil
        default: break
        }
    }

    private mutating func count(_ name: ClockName, _ serial: Int, due: Instant, _ date: LocalDate, _ isProvisional: Bool) {
        for index in clocks.indices where clocks[index].name == name && clocks[index].serial == serial {
            (clocks[index].due, clocks[index].dueDate, clocks[index].provisional) = (due, date, isProvisional)
        }
    }

    private mutating func mark(_ name: ClockName, _ serial: Int, _ phase: CaseFileClock.Phase) {
        for index in clocks.indices where clocks[index].name == name && clocks[index].serial == serial { clocks[index].phase = phase }
    }
}
