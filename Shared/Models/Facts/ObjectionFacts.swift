// What becomes of a unit's word that a case is not its own (异议; Articles 23 and 24): routing states it.

/// The lead unit says that the case is not its own and whose it is (Article 23); it owns the case until a ruling.
public struct ObjectionRaised: EventFacts {
    public static var type: String { "objection.raised" }

    public var by: ActingPerson
    public var unit: UnitCode
    public var proposed: UnitCode
    public var reason: String

    public init(by: ActingPerson, unit: UnitCode, proposed: UnitCode, reason: String) {
        self.by = by
        self.unit = unit
        self.proposed = proposed
        self.reason = reason
    }
}

/// The dispatch desk finds that the objection is right; the assignment to another unit follows (Article 23).
public struct ObjectionConfirmed: EventFacts {
    public static var type: String { "objection.confirmed" }

    public var by: ActingPerson
    public var unit: UnitCode
    public var to: UnitCode

    public init(by: ActingPerson, unit: UnitCode, to: UnitCode) {
        self.by = by
        self.unit = unit
        self.to = to
    }
}

/// The dispatch desk, or the common superior of two units in dispute, finds that the case stays where it is (Articles 23 and 24).
public struct ObjectionRefused: EventFacts {
    public static var type: String { "objection.refused" }

    public var by: ActingPerson
    public var unit: UnitCode
    public var reason: String

    public init(by: ActingPerson, unit: UnitCode, reason: String) {
        self.by = by
        self.unit = unit
        self.reason = reason
    }
}
