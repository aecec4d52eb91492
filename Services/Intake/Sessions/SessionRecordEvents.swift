import Models

extension SessionRecord {
    /// Takes in a fact of the session; throws when it is none that a session knows after its plan.
    mutating func take(_ event: CaseEvent) throws(EventError) {
        switch event.type {
        case SessionPublished.type:
            note(try event.facts(SessionPublished.self))
            phase = .published
            published = event.time
        case SessionChanged.type: change(try event.facts(SessionChanged.self))
        case SessionCancelled.type:
            let facts = try event.facts(SessionCancelled.self)
            note(facts)
            phase = .cancelled
            summary = facts.reason
        case SessionOpened.type:
            let facts = try event.facts(SessionOpened.self)
            note(facts)
            phase = .open
            opened = facts.at
        case SessionClosed.type:
            let facts = try event.facts(SessionClosed.self)
            note(facts)
            phase = .closed
            closed = event.time
            (summary, reached) = (facts.summary, facts.reached)
        default: try takeEntry(event)
        }
        if [SessionPublished.type, SessionChanged.type, SessionCancelled.type].contains(event.type) {
            issued = event.time
            issue += 1
        }
        if event.type != MatterHeard.type { revision += 1 }
    }

    /// Takes in what is recorded while the session is held.
    private mutating func takeEntry(_ event: CaseEvent) throws(EventError) {
        switch event.type {
        case SessionAttended.type:
            let facts = try event.facts(SessionAttended.self)
            note(facts)
            // The last word on somebody counts.
            attendance.removeAll { $0.unit == facts.unit && $0.person == facts.person }
            attendance.append(Attendance(unit: facts.unit, person: facts.person, present: facts.present))
        case VisitorQueued.type:
            let facts = try event.facts(VisitorQueued.self)
            note(facts)
            visitors.append(Visitor(entry: facts.entry, number: facts.number, contact: facts.contact, phase: .waiting))
        case VisitorCalled.type:
            let facts = try event.facts(VisitorCalled.self)
            note(facts)
            visit(facts.number) { $0.phase = .called }
        case VisitorServed.type:
            let facts = try event.facts(VisitorServed.self)
            note(facts)
            visit(facts.number) { visitor in
                visitor.phase = facts.left ? .left : .served
                visitor.case = facts.case
            }
        case MatterHeard.type:
            let facts = try event.facts(MatterHeard.self)
            note(facts)
            if !cases.contains(facts.case) { cases.append(facts.case) }
        case PolicyExplained.type:
            let facts = try event.facts(PolicyExplained.self)
            note(facts)
            policies.append(Policy(title: facts.title, reached: facts.reached))
        case HouseholdVisited.type:
            let facts = try event.facts(HouseholdVisited.self)
            note(facts)
            households.append(
                Household(region: facts.region, tags: facts.tags, contactPoint: facts.contactPoint, note: facts.note))
        default: throw EventError(reason: "the session \(event.subject) knows no \(event.type)")
        }
    }

    private mutating func change(_ facts: SessionChanged) {
        note(facts)
        starts = facts.starts ?? starts
        ends = facts.ends ?? ends
        place = facts.place ?? place
        unit = facts.unit ?? unit
        level = facts.level ?? level
        // An office belongs to its leader: another leader does not come under the former one's.
        office = facts.office ?? (facts.leader == nil || facts.leader == leader ? office : nil)
        leader = facts.leader ?? leader
    }

    private mutating func note(_ facts: some SessionFacts) {
        if let entry = facts.entry, !entries.contains(entry) { entries.append(entry) }
    }

    private mutating func visit(_ number: Int, _ change: (inout Visitor) -> Void) {
        for index in visitors.indices where visitors[index].number == number { change(&visitors[index]) }
    }
}
