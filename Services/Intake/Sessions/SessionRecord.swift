import CaseFlow
import Models

/// What intake remembers of a session (下基层活动): its plan, where it stands, and what was recorded while it was held.
public struct SessionRecord: Equatable, Sendable, Codable {
    /// Somebody who came.
    public struct Visitor: Equatable, Sendable, Codable {
        public enum Phase: String, CaseIterable, Codable, Sendable {
            case waiting, called, served, left
        }

        public var entry: EntryID?
        /// 1, 2, 3… in the order in which they came.
        public var number: Int
        public var contact: SealedText?
        public var phase: Phase
        /// What was registered of them.
        public var `case`: CaseID?
    }

    /// A unit or somebody of the staff, and whether they were there.
    public struct Attendance: Equatable, Sendable, Codable {
        public var unit: UnitCode?
        public var person: PersonCode?
        public var present: Bool
    }

    public struct Policy: Equatable, Sendable, Codable {
        public var title: String
        public var reached: Int
    }

    public struct Household: Equatable, Sendable, Codable {
        public var region: RegionCode
        public var tags: [HouseholdTag]
        public var contactPoint: String?
        public var note: SealedText?
    }

    public var kind: SessionKind
    public var level: DutyLevel
    public var leader: PersonCode
    public var unit: UnitCode
    public var office: String?
    public var place: String
    public var region: RegionCode?
    public var starts: Instant
    public var ends: Instant
    public var units: [UnitCode]
    public var phase = SessionPhase.planned
    public var published: Instant?
    /// When it began; the local date of this is the leader's day of duty.
    public var opened: Instant?
    public var closed: Instant?
    /// Why it was cancelled, or what came of it.
    public var summary: String?
    public var reached: Int?
    public var attendance: [Attendance] = []
    public var visitors: [Visitor] = []
    public var policies: [Policy] = []
    public var households: [Household] = []
    public var cases: [CaseID] = []
    /// The names of entries that were made elsewhere; each is recorded once.
    public var entries: [EntryID]
    /// How many facts were stated of what staff see; matters that were heard are not among them, so that nobody can count hidden ones.
    public var revision: Int64 = 1
    /// When what the roster says was last changed, and how often.
    public var issued: Instant
    public var issue = 0

    /// How much one session's record holds.
    static let mostEntries = 2000

    /// Opens the record of a session that is planned.
    init(_ facts: SessionPlanned, at instant: Instant) {
        kind = facts.kind
        level = facts.level
        leader = facts.leader
        unit = facts.unit
        office = facts.office
        place = facts.place
        region = facts.region
        starts = facts.starts
        ends = facts.ends
        units = facts.units
        entries = facts.entry.map { [$0] } ?? []
        issued = instant
    }

    /// The session's entity tag has the form of a case's.
    var tag: CaseLife.Revision { CaseLife.Revision(intake: revision, routing: 0) }

    /// The visitor who came first of those who wait.
    var next: Visitor? { visitors.first { $0.phase == .waiting } }

    /// The cases that it names, each once.
    var heard: [CaseID] { Array(Set(cases + visitors.compactMap(\.case))) }

    /// Whether it holds no more of what staff see; cases that were heard take none of its room.
    var isFull: Bool { attendance.count + visitors.count + policies.count + households.count >= Self.mostEntries }
}
