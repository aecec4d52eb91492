// What happens to a session at the grassroots (下基层活动) before and after it is held: intake states it, on a subject of its own.

/// Names an entry of a session's record, made by whoever made the entry: what is sent twice under one name is recorded once.
public struct EntryID: Identifier {
    public let raw: UniqueID

    public init(_ raw: UniqueID) { self.raw = raw }
}

/// A fact of a session, with who states it and under which name.
public protocol SessionFacts: EventFacts {
    var by: ActingPerson { get set }
    /// The name that the entry was given where it was made; nil for what was entered directly.
    var entry: EntryID? { get set }
}

/// A session is planned.
public struct SessionPlanned: SessionFacts {
    public static var type: String { "session.planned" }

    public var by: ActingPerson
    public var entry: EntryID?
    public var kind: SessionKind
    /// Who leads it, by staff number.
    public var leader: PersonCode
    /// The unit that the leader acts for.
    public var unit: UnitCode
    public var level: DutyLevel
    /// What the leader is called on the roster: an office, never a name.
    public var office: String?
    public var place: String
    public var region: RegionCode?
    public var starts: Instant
    public var ends: Instant
    /// The units that come along.
    public var units: [UnitCode]

    public init(
        by: ActingPerson, entry: EntryID? = nil, kind: SessionKind, leader: PersonCode, unit: UnitCode, level: DutyLevel,
        office: String? = nil, place: String, region: RegionCode? = nil, starts: Instant, ends: Instant, units: [UnitCode] = []
    ) {
        self.by = by
        self.entry = entry
        self.kind = kind
        self.leader = leader
        self.unit = unit
        self.level = level
        self.office = office
        self.place = place
        self.region = region
        self.starts = starts
        self.ends = ends
        self.units = units
    }
}

/// The session stands on the public roster from now on (公示).
public struct SessionPublished: SessionFacts {
    public static var type: String { "session.published" }

    public var by: ActingPerson
    public var entry: EntryID?

    public init(by: ActingPerson, entry: EntryID? = nil) {
        self.by = by
        self.entry = entry
    }
}

/// Time, place or leader are others than planned; what is nil stays as it was.
public struct SessionChanged: SessionFacts {
    public static var type: String { "session.changed" }

    public var by: ActingPerson
    public var entry: EntryID?
    public var starts: Instant?
    public var ends: Instant?
    public var place: String?
    public var leader: PersonCode?
    public var unit: UnitCode?
    public var level: DutyLevel?
    public var office: String?
    public var reason: String

    public init(
        by: ActingPerson, entry: EntryID? = nil, starts: Instant? = nil, ends: Instant? = nil, place: String? = nil,
        leader: PersonCode? = nil, unit: UnitCode? = nil, level: DutyLevel? = nil, office: String? = nil, reason: String
    ) {
        self.by = by
        self.entry = entry
        self.starts = starts
        self.ends = ends
        self.place = place
        self.leader = leader
        self.unit = unit
        self.level = level
        self.office = office
        self.reason = reason
    }

    /// Whether it says anything but the reason.
    public var changesSomething: Bool {
        starts != nil || ends != nil || place != nil || leader != nil || unit != nil || level != nil || office != nil
    }
}

/// The session is not held.
public struct SessionCancelled: SessionFacts {
    public static var type: String { "session.cancelled" }

    public var by: ActingPerson
    public var entry: EntryID?
    public var reason: String

    public init(by: ActingPerson, entry: EntryID? = nil, reason: String) {
        self.by = by
        self.entry = entry
        self.reason = reason
    }
}

/// The session has begun, with its leader there.
public struct SessionOpened: SessionFacts {
    public static var type: String { "session.opened" }

    public var by: ActingPerson
    public var entry: EntryID?
    /// When it began, which may have been recorded later.
    public var at: Instant

    public init(by: ActingPerson, entry: EntryID? = nil, at: Instant) {
        self.by = by
        self.entry = entry
        self.at = at
    }
}

/// The session is over.
public struct SessionClosed: SessionFacts {
    public static var type: String { "session.closed" }

    public var by: ActingPerson
    public var entry: EntryID?
    public var summary: String
    /// How many people it reached in all.
    public var reached: Int

    public init(by: ActingPerson, entry: EntryID? = nil, summary: String, reached: Int) {
        self.by = by
        self.entry = entry
        self.summary = summary
        self.reached = reached
    }
}
