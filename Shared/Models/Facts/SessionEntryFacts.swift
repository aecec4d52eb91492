// What is recorded while a session is held.

/// A unit or somebody of the staff was there, or was missed.
public struct SessionAttended: SessionFacts {
    public static var type: String { "session.attended" }

    public var by: ActingPerson
    public var entry: EntryID?
    public var unit: UnitCode?
    public var person: PersonCode?
    public var present: Bool

    public init(by: ActingPerson, entry: EntryID? = nil, unit: UnitCode?, person: PersonCode?, present: Bool) {
        self.by = by
        self.entry = entry
        self.unit = unit
        self.person = person
        self.present = present
    }
}

/// Somebody came and was given a number.
public struct VisitorQueued: SessionFacts {
    public static var type: String { "visitor.queued" }

    public var by: ActingPerson
    public var entry: EntryID?
    /// 1, 2, 3… within the session.
    public var number: Int
    /// Name and phone (`VisitorContact`), sealed; nil for somebody who gave neither.
    public var contact: SealedText?

    public init(by: ActingPerson, entry: EntryID? = nil, number: Int, contact: SealedText?) {
        self.by = by
        self.entry = entry
        self.number = number
        self.contact = contact
    }
}

/// What is sealed of a visitor.
public struct VisitorContact: Codable, Sendable, Hashable {
    public var name: String?
    public var phone: String?

    public init(name: String?, phone: String?) {
        self.name = name
        self.phone = phone
    }
}

/// It is a visitor's turn.
public struct VisitorCalled: SessionFacts {
    public static var type: String { "visitor.called" }

    public var by: ActingPerson
    public var entry: EntryID?
    public var number: Int
    /// Why before those who came earlier; nil for who was next.
    public var reason: String?

    public init(by: ActingPerson, entry: EntryID? = nil, number: Int, reason: String?) {
        self.by = by
        self.entry = entry
        self.number = number
        self.reason = reason
    }
}

/// A visitor was heard, or left before.
public struct VisitorServed: SessionFacts {
    public static var type: String { "visitor.served" }

    public var by: ActingPerson
    public var entry: EntryID?
    public var number: Int
    /// The case that was registered of it.
    public var `case`: CaseID?
    /// Left without being heard.
    public var left: Bool

    public init(by: ActingPerson, entry: EntryID? = nil, number: Int, `case`: CaseID?, left: Bool) {
        self.by = by
        self.entry = entry
        self.number = number
        self.`case` = `case`
        self.left = left
    }
}

/// A matter that was heard at the session was registered as a case.
public struct MatterHeard: SessionFacts {
    public static var type: String { "matter.heard" }

    public var by: ActingPerson
    public var entry: EntryID?
    public var `case`: CaseID

    public init(by: ActingPerson, entry: EntryID? = nil, `case`: CaseID) {
        self.by = by
        self.entry = entry
        self.`case` = `case`
    }
}

/// A policy was explained to people.
public struct PolicyExplained: SessionFacts {
    public static var type: String { "policy.explained" }

    public var by: ActingPerson
    public var entry: EntryID?
    public var title: String
    public var reached: Int

    public init(by: ActingPerson, entry: EntryID? = nil, title: String, reached: Int) {
        self.by = by
        self.entry = entry
        self.title = title
        self.reached = reached
    }
}

/// A household was visited.
public struct HouseholdVisited: SessionFacts {
    public static var type: String { "household.visited" }

    public var by: ActingPerson
    public var entry: EntryID?
    public var region: RegionCode
    public var tags: [HouseholdTag]
    /// The contact point (联系点) that it belongs to, as the county calls it.
    public var contactPoint: String?
    /// What was heard there, sealed: in a village a few words are enough to know a family by.
    public var note: SealedText?

    public init(
        by: ActingPerson, entry: EntryID? = nil, region: RegionCode, tags: [HouseholdTag], contactPoint: String?, note: SealedText?
    ) {
        self.by = by
        self.entry = entry
        self.region = region
        self.tags = tags
        self.contactPoint = contactPoint
        self.note = note
    }
}
