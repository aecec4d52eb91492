import CaseFlow
import Models

/// The rules of what is asked of a registered case at intake: which facts an order brings about, or the sentence that says why none.
///
/// Who may take which step at which stage stands in the table of a case's life; here is what only a look at the case can tell.
struct CaseRules {
    let id: CaseID
    let file: CaseFile
    let by: ActingPerson
    let now: Instant
    let county: CountyIndex
    let current: CountyIndex

    private var life: CaseLife { file.life }

    func facts(for order: CaseOrder) throws(Refusal) -> [any EventFacts] {
        switch order {
        case .settle(let unit, let answer):
            guard current.unit(unit) != nil else {
                throw Refusal(.invalid, rule: "unknown-unit", sentence: "the county has no unit \"\(unit)\"; name one of its units")
            }
            if denied.contains(unit) { throw refuse("unit-must-stay-out", "\(unit) must stay out of this case (Articles 30 and 46)") }
            return [CaseSettled(by: by, unit: unit, answer: answer)]
        case .addMaterial(let text):
            if file.additions ?? 0 >= Self.mostAdditions {
                throw refuse(
                    "too-many-additions",
                    "the case holds \(Self.mostAdditions) additions already; bring what is new to the unit that handles it")
            }
            return [MaterialAdded(by: by, text: text)]
        case .withdraw(let reason): return [CaseWithdrawn(by: by, reason: reason)]
        case .rate(let satisfaction, let note):
            if life.answer == nil, file.answer == nil { throw refuse("not-answered", "a rating follows an answer, and there is none yet") }
            let rated = CaseRated(by: by, satisfaction: satisfaction, note: note)
            guard satisfaction == .unsatisfied, file.pack.flatMap(county.pack)?.unsatisfied == .review, life.answer == .unit,
                // Whoever may not ask for a review has rated all the same.
                let review = try? review(note ?? "对答复不满意")
            else { return [rated] }
            return [rated, review]
        case .requestReview(let reason): return [try review(reason)]
        case .requestFinalReview(let reason): return [try finalReview(reason)]
        case .merge(let target): return [try merger(target)]
        case .unmerge(let reason): return [CaseUnmerged(by: by, reason: reason)]
        case .correct(let index, let petitioner):
            guard (0..<file.petitioners).contains(index) else {
                throw Refusal(
                    .invalid, rule: "no-such-petitioner", sentence: "the case has \(file.petitioners) petitioners, counted from 0")
            }
            return [PersonCorrected(by: by, index: index, petitioner: petitioner)]
        case .recordService(let how, let on): return [try service(how, on)]
        case .recordReturnCall(let reached, let satisfaction, let note):
            return [ReturnCallMade(by: by, reached: reached, satisfaction: satisfaction, note: note)]
        case .unmask(let reason):
            guard life.access(of: by, in: county, current: current) == .handling else {
                throw Refusal(
                    .forbidden, rule: "does-not-handle",
                    sentence: "who the petitioners are is for those who handle the case; ask the lead unit")
            }
            return [PersonUnmasked(by: by, reason: reason)]
        }
    }

    /// The most additions of one case: with each of at most 10,000 characters a ledger stays a document that can be read at once.
    private static let mostAdditions = 200

    private func review(_ reason: String) throws(Refusal) -> ReviewRequested {
        if life.answer == nil { throw refuse("not-answered", "a review follows an answer, and there was none (Article 35)") }
        if life.answer == .review {
            throw refuse("reviewed-already", "the case was reviewed; what follows a review is the final review (Article 36)")
        }
        try checkWindow(.reviewWindow, article: 35)
        guard let reviewer = current.reviewer(of: life.lead, in: county, denied: denied) else {
            throw refuse("no-reviewer", "no unit of the county definition reviews what \(life.lead) answers (Article 35)")
        }
        return ReviewRequested(by: by, reviewer: reviewer, reason: reason)
    }

    private func finalReview(_ reason: String) throws(Refusal) -> FinalReviewRequested {
        guard life.answer == .review, let last = life.reviewer else {
            throw refuse("not-reviewed", "a final review follows a review: ask for the review first (Articles 35 and 36)")
        }
        try checkWindow(.finalWindow, article: 36)
        guard let reviewer = current.reviewer(of: last, in: county, denied: denied) else {
            throw refuse("no-reviewer", "no unit of the county definition reviews what \(last) answers (Article 36)")
        }
        return FinalReviewRequested(by: by, reviewer: reviewer, reason: reason)
    }

    /// A review is asked for within 30 days of service; before the answer is served no time runs.
    private func checkWindow(_ name: ClockName, article: Int) throws(Refusal) {
        // A clock that ended before this answer is the window of an answer before it.
        let clock = file.clocks.last { clock in clock.name == name && file.answered.map { clock.due >= $0 } ?? true }
        guard life.isServed, let clock, clock.due < now else { return }
        throw refuse(
            "window-closed",
            "it is asked for within 30 days of the day on which the answer was served; that time ended on \(clock.dueDate) (Article \(article))"
        )
    }

    private func merger(_ target: MergeTarget) throws(Refusal) -> CaseMerged {
        if target.id == id { throw refuse("same-case", "a case is not merged with itself; name the earlier case") }
        guard (target.registered, target.id) < (file.registered, id) else {
            throw refuse("not-the-earlier-case", "the case \(target.number) is the later one; merge that one into this (Article 19)")
        }
        // Only final review ends a matter for good; into another ended case a living matter is not buried.
        if target.stage.isFinal, target.stage != .terminated {
            throw refuse("target-not-open", "the case \(target.number) is \(target.stage.name.en); name the case that is handled")
        }
        guard target.hasSamePerson else {
            throw refuse("not-the-same-person", "cases are merged when the same person raises the same matter again (Article 19)")
        }
        // Whoever may see the one of two merged cases learns that there is the other.
        if life.isConfidential || target.isConfidential {
            throw refuse("confidential", "a confidential case goes its own way and is not merged (Articles 30 and 46)")
        }
        return CaseMerged(by: by, into: target.id, number: target.number)
    }

    /// How many days back a unit may date the service of what it answered itself.
    private static let longestBackdating: Int64 = 7

    private func service(_ how: ServiceWay, _ on: Instant) throws(Refusal) -> any EventFacts {
        guard life.answer != nil else { throw refuse("not-answered", "there is no answer yet that could be served") }
        if life.isServed {
            throw refuse("served-already", "this answer was served already; the window for review runs from that day (Article 35)")
        }
        if on > now { throw Refusal(.invalid, rule: "served-in-the-future", sentence: "the day of service lies in the future") }
        if let answered = file.answered, on < answered - .seconds(86_400) {
            throw Refusal(.invalid, rule: "served-before-answer", sentence: "the day of service lies before the answer")
        }
        let isOwnWord = by.role == .officer || by.role == .unitHead
        if isOwnWord, on < now - .seconds(Self.longestBackdating * 86_400) {
            throw refuse(
                "service-long-ago",
                "a unit records the service of its own answer within \(Self.longestBackdating) days, since the time for review runs from it (Article 35); what was served before is recorded by the clerk"
            )
        }
        if life.answer == .review { return ReviewServed(by: by, how: how, on: on) }
        return AnswerServed(by: by, how: how, on: on)
    }

    private var denied: Set<UnitCode> { life.denied(in: county, current: current) }

    private func refuse(_ rule: String, _ sentence: String) -> Refusal { Refusal(.conflict, rule: rule, sentence: sentence) }
}
