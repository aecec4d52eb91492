import CaseFlow
import Models

/// The rules of sessions: the fact that an order brings about, or the sentence that says why none.
struct SessionRules {
    /// Nil while nothing is planned.
    let record: SessionRecord?
    let by: ActingPerson
    let now: Instant
    let county: CountyIndex

    /// The longest time from beginning to end: a box for suggestions may hang for a year.
    static let longest = Duration.seconds(400 * 86_400)

    func fact(for order: SessionOrder) throws(Refusal) -> any SessionFacts {
        guard let step = order.step else { return try plan(order) }
        guard let record else { throw Refusal.unknownSession }
        try checkPart(in: [record.unit] + record.units)
        guard step.phases.contains(record.phase) else { throw wrongPhase(step, record.phase) }
        return try fact(for: order, record)
    }

    private func plan(_ order: SessionOrder) throws(Refusal) -> any SessionFacts {
        guard case .plan(let facts) = order, record == nil else {
            throw refuse("session-exists", "this session is planned already; change it, or make a new UUID")
        }
        try checkPart(in: [facts.unit] + facts.units)
        try checkTime(facts.starts, facts.ends)
        try checkUnits([facts.unit] + facts.units)
        try checkRegion(facts.region)
        return facts
    }

    private func fact(for order: SessionOrder, _ record: SessionRecord) throws(Refusal) -> any SessionFacts {
        switch order {
        case .plan: throw refuse("session-exists", "this session is planned already; change it, or make a new UUID")
        case .publish: return SessionPublished(by: by)
        case .change(let facts):
            guard facts.changesSomething else {
                throw Refusal(.invalid, rule: "nothing-changed", sentence: "nothing is changed: name a new time, place or leader")
            }
            try checkTime(facts.starts ?? record.starts, facts.ends ?? record.ends)
            try checkUnits([facts.unit].compactMap { $0 })
            return facts
        case .cancel(let reason): return SessionCancelled(by: by, reason: reason)
        case .open(let at): return try opening(at ?? now, record)
        case .attend(let unit, let person, let present):
            guard (unit == nil) != (person == nil) else {
                throw Refusal(.invalid, rule: "unit-or-person", sentence: "either a unit or a person was there; name one of them")
            }
            try checkUnits([unit].compactMap { $0 })
            try checkRoom(record)
            return SessionAttended(by: by, unit: unit, person: person, present: present)
        case .queue(let contact):
            try checkRoom(record)
            return VisitorQueued(by: by, number: (record.visitors.last?.number ?? 0) + 1, contact: contact)
        case .call(let number, let reason): return try call(number, reason, record)
        case .serve(let number, let id, let left): return try service(number, id, left, record)
        case .explain(let title, let reached):
            try checkRoom(record)
            return PolicyExplained(by: by, title: title, reached: reached)
        case .visit(let facts):
            try checkRegion(facts.region)
            try checkRoom(record)
            return facts
        case .hear(let id):
            if record.cases.count >= SessionRecord.mostEntries { throw full }
            return MatterHeard(by: by, case: id)
        case .close(let summary, let reached):
            let waiting = record.visitors.count { $0.phase == .waiting || $0.phase == .called }
            if waiting > 0 {
                throw refuse(
                    "visitors-waiting", "\(waiting) visitors have not been heard; serve each of them, or record that they left")
            }
            return SessionClosed(by: by, summary: summary, reached: reached)
        }
    }

    /// A day of duty is the day on which the session was held, so it can be neither foretold nor moved.
    private func opening(_ at: Instant, _ record: SessionRecord) throws(Refusal) -> SessionOpened {
        if at > now + .seconds(300) {
            throw Refusal(
                .invalid, rule: "opened-in-the-future", sentence: "the session cannot have begun in the future; open it when it begins")
        }
        let offsets = county.calendar.offsets
        let (day, first, last) = (offsets.date(at: at), offsets.date(at: record.starts), offsets.date(at: record.ends))
        guard (first...last).contains(day) else {
            let days = first == last ? "\(first)" : "\(first) to \(last)"
            throw refuse("not-the-day", "the session is planned for \(days), not for \(day); change its time first")
        }
        return SessionOpened(by: by, at: at)
    }

    /// Visitors are called in the order in which they came, unless a reason is put on record.
    private func call(_ number: Int?, _ reason: String?, _ record: SessionRecord) throws(Refusal) -> VisitorCalled {
        guard let next = record.next else { throw refuse("nobody-waits", "no visitor waits to be called") }
        guard let number, number != next.number else { return VisitorCalled(by: by, number: next.number, reason: nil) }
        guard record.visitors.contains(where: { $0.number == number && $0.phase == .waiting }) else {
            throw refuse("does-not-wait", "no visitor with the number \(number) waits to be called")
        }
        guard let reason else {
            throw refuse(
                "out-of-turn", "number \(next.number) is next; whoever calls number \(number) before it gives a reason")
        }
        return VisitorCalled(by: by, number: number, reason: reason)
    }

    private func service(_ number: Int, _ id: CaseID?, _ left: Bool, _ record: SessionRecord) throws(Refusal) -> VisitorServed {
        guard let visitor = record.visitors.first(where: { $0.number == number }) else {
            throw Refusal(
                .invalid, rule: "no-such-visitor", sentence: "no visitor has the number \(number); \(record.visitors.count) have come")
        }
        guard visitor.phase == .waiting || visitor.phase == .called else {
            throw refuse("served-already", "the visitor with the number \(number) was served already, or left")
        }
        if left, id != nil {
            throw Refusal(.invalid, rule: "left-without-case", sentence: "a visitor who left has no case; leave one of the two out")
        }
        return VisitorServed(by: by, number: number, case: id, left: left)
    }

    /// Officers and heads of units act for the sessions that their unit leads or comes along to.
    private func checkPart(in units: [UnitCode]) throws(Refusal) {
        guard by.role == .officer || by.role == .unitHead else { return }
        guard let unit = by.unit, units.contains(unit) else {
            throw Refusal(
                .forbidden, rule: "not-taking-part",
                sentence: "your unit neither leads this session nor comes along; ask one that does, or the dispatch desk")
        }
    }

    private func checkTime(_ starts: Instant, _ ends: Instant) throws(Refusal) {
        guard starts < ends else {
            throw Refusal(.invalid, rule: "ends-before-it-starts", sentence: "the session ends before it starts; give a later end")
        }
        if ends - starts > Self.longest {
            throw Refusal(.invalid, rule: "too-long", sentence: "the session lasts longer than 400 days; plan several")
        }
    }

    private func checkUnits(_ units: [UnitCode]) throws(Refusal) {
        for unit in units where county.unit(unit) == nil {
            throw Refusal(.invalid, rule: "unknown-unit", sentence: "the county has no unit \"\(unit)\"; name one of its units")
        }
    }

    private func checkRegion(_ region: RegionCode?) throws(Refusal) {
        if let region, county.region(region) == nil {
            throw Refusal(
                .invalid, rule: "unknown-region", sentence: "the county has no region \"\(region)\"; name one of its regions")
        }
    }

    private func checkRoom(_ record: SessionRecord) throws(Refusal) { if record.isFull { throw full } }

    private var full: Refusal {
        refuse("session-full", "the record of a session holds \(SessionRecord.mostEntries) entries; plan another session")
    }

    private func wrongPhase(_ step: SessionStep, _ phase: SessionPhase) -> Refusal {
        let fitting = SessionPhase.allCases.filter(step.phases.contains).map(\.name.en).joined(separator: " or ")
        return refuse("wrong-phase", "the session is \(phase.name.en); \"\(step.rawValue)\" is for one that is \(fitting)")
    }

    private func refuse(_ rule: String, _ sentence: String) -> Refusal { Refusal(.conflict, rule: rule, sentence: sentence) }
}
