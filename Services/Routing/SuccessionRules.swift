import Models

/// Where the parts of a case go when a unit ends (Article 24).
enum SuccessionRules {
    /// The county as it is when `heir` has the duties of `unit`: as it stands where it says so, else as it would then be.
    static func county(_ current: CountyIndex, after unit: UnitCode, goesTo heir: UnitCode) throws(CountyError) -> CountyIndex {
        if current.heirs(of: unit).contains(heir) { return current }
        var definition = current.definition
        for index in definition.units.indices where definition.units[index].code == unit { definition.units[index].successor = heir }
        try definition.checkSuccessions()
        return try CountyIndex(definition)
    }

    /// The units besides `unit` whose parts in cases its end may take away: those that share its duties, and what is below them.
    static func touched(by unit: UnitCode, in county: CountyIndex) -> Set<UnitCode> {
        county.denied(CaseRegistered.Accused(units: [unit])).subtracting([unit])
    }

    /// Who gets the part of a unit that has ended: its heir, or the desk that decides where that must stay out; nil where all must.
    static func heir(_ heir: UnitCode, of unit: UnitCode, in life: CaseLife, began: CountyIndex, now: CountyIndex) -> UnitCode? {
        let denied = life.denied(in: began, current: now)
        return denied.contains(heir) ? stead(of: unit, denied, now) : heir
    }

    /// Who gets the part of a unit that goes on; nil when it may keep it, or when nobody else may have it.
    static func taker(from holder: UnitCode, in life: CaseLife, began: CountyIndex, now: CountyIndex) -> UnitCode? {
        let denied = life.denied(in: began, current: now)
        return denied.contains(holder) ? stead(of: holder, denied, now) : nil
    }

    private static func stead(of unit: UnitCode, _ denied: Set<UnitCode>, _ county: CountyIndex) -> UnitCode? {
        let desk = county.desk(denied: denied.union([unit]))
        return denied.contains(desk) || desk == unit ? nil : desk
    }
}
