/// Where a case stands in its life and who takes part in it: what every service needs to judge a step, folded from the events of intake
/// and routing.
///
/// Two services state the steps of a case, and each may do so before it hears of the other's. The fold gives the same in whatever order
/// such steps are taken in: each part follows one source's stream, and of two steps that did not know of each other the one stated by
/// intake, where petitioners are heard, counts.
public struct CaseLife: Equatable, Sendable, Codable {
    /// The last event of a source that moved the case.
    public struct Move: Equatable, Sendable, Codable {
        public var stage: Stage
        public var sequence: Int64
        /// How much of the other source's stream its writer had applied.
        public var known: Int64
    }

    /// Whose answer the petitioner has.
    public enum AnswerKind: String, CaseIterable, Codable, JSONReadable, JSONWritable, Sendable {
        case unit, review, finalReview, refusal
    }

    public let kind: CaseKind
    public let accused: CaseRegistered.Accused?
    /// The dispatch desk of this case, which is not accused in it.
    public let desk: UnitCode
    public let isAnonymous: Bool
    public let onTheSpot: Bool
    /// Whether a rule keeps it confidential from its registration on; nil for no.
    public let marked: Bool?

    // From intake.
    private var intake: Move
    /// The unit that settled the case where it was raised, and when no unit has been assigned its lead unit.
    private var settledBy: UnitCode?
    private var reviewing: UnitCode?
    /// How much of routing's stream was known when the last answer was served.
    private var servedKnowing: Int64 = 0
    /// How much of routing's stream was known when the petitioner last rated an answer or was reached about it.
    private var heardKnowing: Int64 = 0
    private var intakeSequence: Int64

    // From routing.
    private var routing: Move?
    private var assigned: UnitCode?
    public private(set) var officer: PersonCode?
    /// How often the case has changed hands.
    public private(set) var handOffs = 0
    public private(set) var coHandlers: [CoHandler] = []
    public private(set) var objection: Objection?
    /// Units that gave the case away because it was not theirs.
    public private(set) var declined: [UnitCode] = []
    public private(set) var recused: [PersonCode] = []
    /// The leader in personal charge (包案).
    public private(set) var leader: PersonCode?
    public private(set) var assistance: [Assistance] = []
    public private(set) var answer: AnswerKind?
    private var answerSequence: Int64 = 0
    private var successions: [Succession] = []
    private var routingSequence: Int64 = 0

    /// Begins with the registration of a case.
    public init(_ event: CaseEvent, _ facts: CaseRegistered, in county: CountyIndex) {
        kind = facts.kind
        accused = facts.accused
        isAnonymous = facts.anonymous
        onTheSpot = facts.onTheSpot ?? false
        marked = facts.confidential == true ? true : nil
        desk = county.desk(denied: county.denied(facts.accused))
        intake = Move(stage: .registered, sequence: event.sequence, known: 0)
        intakeSequence = event.sequence
    }

    /// Where the case stands.
    public var stage: Stage {
        guard let routing, routing.known >= intake.sequence else { return intake.stage }
        return routing.stage
    }

    /// The accountable unit (主办单位); the dispatch desk before the first assignment.
    public var lead: UnitCode { assigned ?? settledBy.map(successor) ?? desk }

    /// The unit that reviews, once a review has been asked for (Articles 35 and 36).
    public var reviewer: UnitCode? { reviewing.map(successor) }

    /// Counts what may change a decision: the last event of intake and of routing that is known here.
    public var revision: Revision { Revision(intake: intakeSequence, routing: routingSequence) }

    /// Whether the petitioner holds the last answer in hand.
    public var isServed: Bool { answer != nil && servedKnowing >= answerSequence }

    /// Whether the petitioner has rated the last answer or was reached about it.
    public var isHeard: Bool { answer != nil && heardKnowing >= answerSequence }

    /// Whether only those in its circle may know that it exists (Articles 30 and 46).
    public var isConfidential: Bool { kind == .accusation || accused != nil || marked == true }

    /// The co-handling units that have neither answered nor been excused.
    public var awaited: [UnitCode] { coHandlers.filter { $0.phase == .asked }.map(\.unit) }

    /// The units that work on the case now.
    public var handlers: [UnitCode] {
        let others = coHandlers.filter { $0.phase != .excused }.map(\.unit) + assistance.filter(\.isOpen).map(\.unit)
        let reviewers = [.underReview, .underFinalReview].contains(stage) || answer == .review || answer == .finalReview ? reviewer : nil
        return [lead] + others + [reviewers].compactMap { $0 }
    }

    /// Takes in an event of the case; one that says nothing of its life only moves the revision.
    public mutating func take(_ event: CaseEvent) throws(EventError) {
        switch event.source {
        case .intake: try takeFromIntake(event)
        case .routing: try takeFromRouting(event)
        case .deadline, .notification: break
        }
    }

    /// Whether `event`, a step of routing that was taken in last, does not say where the case stands: intake has stated one that its
    /// writer did not know of, and that one counts.
    public func overrules(_ event: CaseEvent) -> Bool {
        guard event.source == .routing, let routing, routing.sequence == event.sequence else { return false }
        return routing.known < intake.sequence
    }

    /// The unit that has the duties of `unit` now, in this case.
    private func successor(_ unit: UnitCode) -> UnitCode {
        successions.reduce(unit) { $1.from == $0 ? $1.to : $0 }
    }

    /// The unit that has the duties of `unit` now, in this case, as named by somebody who knew routing's stream up to `known`.
    public func successor(_ unit: UnitCode, since known: Int64) -> UnitCode {
        successions.filter { $0.sequence ?? 0 > known }.reduce(unit) { $1.from == $0 ? $1.to : $0 }
    }
}

extension CaseLife {
    private mutating func takeFromIntake(_ event: CaseEvent) throws(EventError) {
        func move(_ life: inout CaseLife, _ stage: Stage) {
            life.intake = Move(stage: stage, sequence: event.sequence, known: event.after[.routing])
        }
        intakeSequence = max(intakeSequence, event.sequence)
        switch event.type {
        case CaseSettled.type:
            if onTheSpot { settledBy = try event.facts(CaseSettled.self).unit }
            move(&self, .closed)
        case CaseWithdrawn.type: move(&self, .withdrawn)
        case CaseMerged.type: move(&self, .merged)
        case CaseUnmerged.type: move(&self, .registered)
        case ReviewRequested.type:
            reviewing = try event.facts(ReviewRequested.self).reviewer
            move(&self, .underReview)
        case FinalReviewRequested.type:
            reviewing = try event.facts(FinalReviewRequested.self).reviewer
            move(&self, .underFinalReview)
        case AnswerServed.type, ReviewServed.type: servedKnowing = event.after[.routing]
        case CaseRated.type: heardKnowing = event.after[.routing]
        case ReturnCallMade.type: if try event.facts(ReturnCallMade.self).reached { heardKnowing = event.after[.routing] }
        default: break
        }
    }

    private mutating func takeFromRouting(_ event: CaseEvent) throws(EventError) {
        func move(_ life: inout CaseLife, _ stage: Stage, _ answer: AnswerKind? = nil) {
            life.routing = Move(stage: stage, sequence: event.sequence, known: event.after[.intake])
            guard let answer else { return }
            life.answer = answer
            life.answerSequence = event.sequence
        }
        routingSequence = max(routingSequence, event.sequence)
        switch event.type {
        case CaseAssigned.type:
            let facts = try event.facts(CaseAssigned.self)
            if assigned != facts.unit { officer = nil }
            assigned = facts.unit
            // Nobody's assignment begins the case, or begins it anew after a merger: what was asked of others before it is over.
            if facts.by == nil { release() }
            unite(facts.unit)
            handOffs = facts.handOffs
            objection = nil
            move(&self, .assigned)
        case CaseSucceeded.type:
            let facts = try event.facts(CaseSucceeded.self)
            successions.append(Succession(from: facts.from, to: facts.to, sequence: event.sequence))
            if assigned == facts.from { assigned = facts.to }
            for index in coHandlers.indices where coHandlers[index].unit == facts.from { coHandlers[index].unit = facts.to }
            for index in assistance.indices where assistance[index].unit == facts.from { assistance[index].unit = facts.to }
            unite(facts.to)
        case CaseAccepted.type:
            officer = try event.facts(CaseAccepted.self).officer
            move(&self, .accepted)
        case CaseNotAccepted.type:
            release()
            move(&self, .notAccepted, .refusal)
        case CaseRedirected.type:
            release()
            move(&self, .redirected)
        case ObjectionRaised.type:
            let facts = try event.facts(ObjectionRaised.self)
            objection = Objection(unit: facts.unit, proposed: facts.proposed)
        case ObjectionConfirmed.type:
            declined.append(try event.facts(ObjectionConfirmed.self).unit)
            objection = nil
        case ObjectionRefused.type: objection = nil
        case CoHandlingAssigned.type: mark(try event.facts(CoHandlingAssigned.self).unit, .asked)
        case CoHandlingExcused.type: mark(try event.facts(CoHandlingExcused.self).unit, .excused)
        case CoHandlingAnswered.type: mark(try event.facts(CoHandlingAnswered.self).unit, .answered)
        case CaseAnswered.type: move(&self, .answered, .unit)
        case ReviewAnswered.type: move(&self, .answered, .review)
        case FinalReviewAnswered.type: move(&self, .terminated, .finalReview)
        case CaseClosed.type: move(&self, .closed)
        case CaseReopened.type:
            release()
            move(&self, .assigned)
        case ChargeTaken.type: leader = try event.facts(ChargeTaken.self).by.person
        case OfficerRecused.type:
            let person = try event.facts(OfficerRecused.self).person
            recused.append(person)
            if officer == person { officer = nil }
        case AssistanceOpened.type:
            let facts = try event.facts(AssistanceOpened.self)
            assistance.append(Assistance(serial: facts.serial, unit: facts.unit, isOpen: true))
        case AssistanceEnded.type:
            let serial = try event.facts(AssistanceEnded.self).serial
            for index in assistance.indices where assistance[index].serial == serial { assistance[index].isOpen = false }
        default: break
        }
    }

    /// Makes one part of all that a unit has come to have: what either owed is owed still, but nothing to the lead unit by itself.
    private mutating func unite(_ unit: UnitCode) {
        let phases = Set(coHandlers.filter { $0.unit == unit }.map(\.phase))
        guard let phase = [CoHandler.Phase.asked, .answered, .excused].first(where: phases.contains) else { return }
        mark(unit, unit == assigned && phase == .asked ? .excused : phase)
    }

    /// Excuses the co-handling units whose answer is awaited.
    private mutating func release() {
        for index in coHandlers.indices where coHandlers[index].phase == .asked { coHandlers[index].phase = .excused }
    }

    private mutating func mark(_ unit: UnitCode, _ phase: CoHandler.Phase) {
        coHandlers.removeAll { $0.unit == unit }
        coHandlers.append(CoHandler(unit: unit, phase: phase))
    }
}

// As the members are declared; what is missing where nothing may be is refused.

extension CaseLife: JSONRecord {
    public init(members: inout JSONMembers) throws {
        kind = try members.read("kind")
        accused = try members.readIfPresent("accused")
        desk = try members.read("desk")
        isAnonymous = try members.read("isAnonymous")
        onTheSpot = try members.read("onTheSpot")
        marked = try members.readIfPresent("marked")
        intake = try members.read("intake")
        settledBy = try members.readIfPresent("settledBy")
        reviewing = try members.readIfPresent("reviewing")
        servedKnowing = try members.read("servedKnowing")
        heardKnowing = try members.read("heardKnowing")
        intakeSequence = try members.read("intakeSequence")
        routing = try members.readIfPresent("routing")
        assigned = try members.readIfPresent("assigned")
        officer = try members.readIfPresent("officer")
        handOffs = try members.read("handOffs")
        coHandlers = try members.read("coHandlers")
        objection = try members.readIfPresent("objection")
        declined = try members.read("declined")
        recused = try members.read("recused")
        leader = try members.readIfPresent("leader")
        assistance = try members.read("assistance")
        answer = try members.readIfPresent("answer")
        answerSequence = try members.read("answerSequence")
        successions = try members.read("successions")
        routingSequence = try members.read("routingSequence")
    }

    public func write(members: inout JSONText) {
        members.write("kind", kind)
        members.writeIfPresent("accused", accused)
        members.write("desk", desk)
        members.write("isAnonymous", isAnonymous)
        members.write("onTheSpot", onTheSpot)
        members.writeIfPresent("marked", marked)
        members.write("intake", intake)
        members.writeIfPresent("settledBy", settledBy)
        members.writeIfPresent("reviewing", reviewing)
        members.write("servedKnowing", servedKnowing)
        members.write("heardKnowing", heardKnowing)
        members.write("intakeSequence", intakeSequence)
        members.writeIfPresent("routing", routing)
        members.writeIfPresent("assigned", assigned)
        members.writeIfPresent("officer", officer)
        members.write("handOffs", handOffs)
        members.write("coHandlers", coHandlers)
        members.writeIfPresent("objection", objection)
        members.write("declined", declined)
        members.write("recused", recused)
        members.writeIfPresent("leader", leader)
        members.write("assistance", assistance)
        members.writeIfPresent("answer", answer)
        members.write("answerSequence", answerSequence)
        members.write("successions", successions)
        members.write("routingSequence", routingSequence)
    }
}
