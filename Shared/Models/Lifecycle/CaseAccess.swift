/// How much of a case somebody may see.
public enum CaseAccess: Int, Comparable, Sendable {
    /// Not even that it exists.
    case none
    /// What it is about and where it stands; names and numbers of people only masked.
    case masked
    /// Everything that handling it needs; who the petitioners are once they ask for it, which leaves a line in the ledger.
    case handling

    public static func < (left: CaseAccess, right: CaseAccess) -> Bool { left.rawValue < right.rawValue }
}

extension CaseLife {
    /// What a staff member may see of the case.
    ///
    /// Nobody who is accused in it or acts for a unit that must not learn of it sees anything, nor an officer who has withdrawn
    /// (Articles 28, 30 and 46). A confidential case is known only to the units that work on it, its dispatch desk, or what has that one's
    /// duties now, and the leader in charge. `current` is the county definition in force, whose units may be other than those of the case's own version.
    public func access(of person: ActingPerson, in county: CountyIndex, current: CountyIndex?) -> CaseAccess {
        if isDenied(person, in: county, current: current) { return .none }
        let handles = person.unit.map(handlers.contains) ?? false
        switch person.role {
        case .petitioner, .subscriber: return .none
        case .officer, .unitHead:
            if handles { return .handling }
            guard !isConfidential, let unit = person.unit else { return .none }
            let tree = (current ?? county).unitTree
            return handlers.contains { tree.isWithin($0, unit) } ? .masked : .none
        case .dispatcher: return !isConfidential || handles || person.unit == (current ?? county).living(desk) ? .handling : .none
        case .clerk: return !isConfidential || handles ? .handling : .none
        case .leader: return !isConfidential || handles || leader != nil && leader == person.person ? .masked : .none
        case .supervisor, .auditor: return !isConfidential || handles ? .masked : .none
        case .administrator: return isConfidential ? .none : .masked
        }
    }

    /// The units that must not learn of the case, by its own county version and by the one in force.
    public func denied(in county: CountyIndex, current: CountyIndex?) -> Set<UnitCode> {
        guard let accused else { return [] }
        return (current ?? county).denied(accused, of: county.version, isCurrent: current != nil) {
            let known = county.denySet(accused)
            return known.all.union(current?.denySet(accused, and: known).all ?? [])
        }
    }

    /// Whether the person must not learn of the case: accused in it, withdrawn from it, or of a unit that must not.
    public func isDenied(_ person: ActingPerson, in county: CountyIndex, current: CountyIndex?) -> Bool {
        if let code = person.person, recused.contains(code) || accused?.persons.contains(code) ?? false { return true }
        guard accused != nil, let unit = person.unit else { return false }
        return denied(in: county, current: current).contains(unit)
    }

    /// What binds a person to the case.
    public func standings(of person: ActingPerson, in county: CountyIndex) -> [Standing] {
        switch person.role {
        case .petitioner: return [.petitioner]
        case .clerk, .dispatcher, .supervisor, .leader, .auditor, .administrator: return [.county]
        case .subscriber: return []
        case .officer, .unitHead:
            guard let unit = person.unit else { return [] }
            var standings: [Standing] = []
            if unit == lead { standings.append(.leadUnit) }
            if coHandlers.contains(where: { $0.unit == unit && $0.phase == .asked }) { standings.append(.coHandlingUnit) }
            if assistance.contains(where: { $0.unit == unit && $0.isOpen }) { standings.append(.assistingUnit) }
            if unit == reviewer { standings.append(.reviewingUnit) }
            if let objection, unit == county.unitTree.commonSuperior(of: objection.unit, and: objection.proposed) {
                standings.append(.commonSuperior)
            }
            return standings
        }
    }

    /// Judges a step by the table of a case's life: the row, or the sentence that says why not.
    public func judge(_ step: CaseStep, by person: ActingPerson, in county: CountyIndex) throws(StepRefusal) -> Transition {
        var refusal: StepRefusal?
        for standing in standings(of: person, in: county) {
            do throws(StepRefusal) { return try Lifecycle.judge(step, at: stage, by: person.role, standing) } catch {
                if refusal == nil || error.rule == .wrongStage { refusal = error }
            }
        }
        throw refusal ?? Lifecycle.refusal(of: step, to: person.role)
    }
}

/// The units that must not learn of a case.
struct DenySet: Sendable {
    /// With all units below them.
    private(set) var whole: Set<UnitCode> = []
    /// Without those below them.
    private(set) var alone: Set<UnitCode> = []

    var all: Set<UnitCode> { whole.union(alone) }

    /// Whether it says something new.
    mutating func insert(_ unit: UnitCode, isWhole: Bool) -> Bool {
        if isWhole { return whole.insert(unit).inserted }
        return !whole.contains(unit) && alone.insert(unit).inserted
    }
}

extension CountyIndex {
    /// The units that must not learn of a case in which `accused` are accused: they, all below, and whatever shares their duties.
    public func denied(_ accused: CaseRegistered.Accused?) -> Set<UnitCode> { accused.map { denySet($0).all } ?? [] }

    /// The same, with the units told apart whose lower units must stay out, too.
    ///
    /// A person who is accused stands for the unit that they act for, unless that is the county itself. Who took over a unit's duties, and
    /// whose duties it took over, are the same people now (Article 24). A unit that took over what stood below it brings nothing else of
    /// what is below it along, and the county itself takes part in no accusation by that: somebody has to decide. `known` are units that
    /// are kept out for another reason already.
    func denySet(_ accused: CaseRegistered.Accused, and known: DenySet = DenySet()) -> DenySet {
        var named = known.whole.union(accused.units)
        // Nearly every case: nobody is accused.
        if named.isEmpty, accused.persons.isEmpty, known.alone.isEmpty { return DenySet() }
        for unit in definition.units where unit.kind != .county {
            if unit.members?.contains(where: { accused.persons.contains($0.person) }) ?? false { named.insert(unit.code) }
        }
        let ended = definition.units.filter { $0.successor != nil }
        var found = DenySet()
        var waiting = named.map { ($0, true) } + known.alone.map { ($0, false) }
        while let (code, isWhole) = waiting.popLast() {
            for unit in isWhole ? unitTree.subtree(of: code) : [code] where found.insert(unit, isWhole: isWhole) {
                waiting += ended.filter { $0.takers.contains(unit) }.map { ($0.code, isWhole) }
                for heir in self.unit(unit)?.takers ?? [] where self.unit(heir)?.kind != .county {
                    waiting.append((heir, !unitTree.isWithin(unit, heir)))
                }
            }
        }
        return found
    }

    /// The dispatch desk of a case in which `denied` must stay out: the standby desk in place of a desk that is among them.
    public func desk(denied: Set<UnitCode>) -> UnitCode {
        let desk = living(definition.desk)
        if !denied.contains(desk) { return desk }
        return standIn(denied: denied) ?? definition.standbyDesk
    }

    /// Who takes the dispatch desk's part: the standby desk, a higher authority, or any unit that is not denied.
    func standIn(denied: Set<UnitCode>) -> UnitCode? {
        let higher = definition.units.filter { $0.kind == .higherLevel }.map(\.code)
        return ([living(definition.standbyDesk)] + higher + definition.units.map(\.code))
            .first { !denied.contains($0) && unit($0)?.successor == nil }
    }

    /// The unit that has a unit's duties now: itself, or the last of its successors (Article 24).
    public func living(_ unit: UnitCode) -> UnitCode {
        var (found, seen) = (unit, Set([unit]))
        while let next = self.unit(found)?.successor, seen.insert(next).inserted { found = next }
        return found
    }

    /// The unit that reviews what `unit` answers now, in a case that began under `pinned`.
    ///
    /// A unit that the county of today does not know is looked for where the case began; whose duties another has by now, that one reviews.
    public func reviewer(of unit: UnitCode, in pinned: CountyIndex, denied: Set<UnitCode>) -> UnitCode? {
        let own = living(unit)
        let county = self.unit(own) == nil ? pinned : self
        var (found, seen) = (county.reviewer(of: own, denied: denied), Set<UnitCode>())
        while let reviewer = found, seen.insert(reviewer).inserted {
            let alive = living(reviewer)
            if alive != own, !denied.contains(alive) { return alive }
            found = county.reviewer(of: reviewer, denied: denied)
        }
        return nil
    }

    /// The unit that has a unit's duties now, or the desk that decides in its place where that must stay out.
    public func living(_ unit: UnitCode, denied: Set<UnitCode>) -> UnitCode {
        let living = living(unit)
        return denied.contains(living) ? desk(denied: denied) : living
    }

    /// The units that have the duties of a unit that has ended, or a part of them (Article 24); none while it exists.
    public func heirs(of unit: UnitCode) -> Set<UnitCode> {
        Set((self.unit(unit)?.takers ?? []).map(living)).subtracting([unit])
    }

    /// The unit that reviews what `unit` answers (Articles 35 and 36): the nearest above it that is not denied; nil where none is.
    public func reviewer(of unit: UnitCode, denied: Set<UnitCode>) -> UnitCode? {
        var (next, seen) = (self.unit(unit), Set([unit]))
        while let found = next {
            guard let above = found.reviewedBy ?? found.parent, seen.insert(above).inserted else { return nil }
            if !denied.contains(above) { return above }
            next = self.unit(above)
        }
        return nil
    }
}
