import Models

/// Where a case stands, as the ledger tells it: what a petitioner and the staff see.
public struct CaseFile: Equatable, Sendable, Codable {
    public var number: String
    public var registered: Instant
    public var title: String
    public var life: CaseLife
    public var topic: TopicCode?
    public var urgency: Urgency
    /// The county version the case began under.
    public var county: String
    /// Clocks that run or ran, in the order in which they started.
    public var clocks: [CaseFileClock]
    /// Whether a written receipt notice is owed: not to anonymous petitioners.
    public var receiptOwed: Bool
    /// When the receipt notice reached its channel, or was given up.
    public var receiptSettled: Instant?
    public var receiptFailed: Bool
    /// When assignment, clock and receipt were all in the ledger.
    public var completed: Instant?
    /// How many petitioners there are.
    public var petitioners: Int
    /// What the staff know of its petitioners, for those who handle it alone; nil when nothing is said.
    public var tags: [HouseholdTag]?
    /// What the petitioner was answered last.
    public var answer: AnswerText?
    /// Why the case was not accepted, or the lawful way that was shown.
    public var explanation: String?
    /// When that was.
    public var answered: Instant?
    public var outcome: OutcomeCode?
    /// How often the petitioner or the desk has added to it; nil for never.
    public var additions: Int?
    /// The rule pack that is pinned on the case; nil before the first assignment.
    public var pack: RulePackCode?
    public var satisfaction: Satisfaction?
    /// The earlier case that this one follows.
    public var mergedInto: CaseID?

    public var stage: Stage { life.stage }
    /// The accountable unit (责任单位): the dispatch desk until the first assignment.
    public var unit: UnitCode { life.lead }

    /// Whether assignment, clock and receipt are all in the ledger.
    var isComplete: Bool {
        stage != .registered && !clocks.isEmpty && (!receiptOwed || receiptSettled != nil && !receiptFailed)
    }

    /// The next date that its petitioner may be told, from `now` on; a unit's mere right to object is none of theirs.
    func nextDate(at now: Instant) -> LocalDate? {
        clocks.filter { $0.phase == .running && $0.unit == nil && $0.due >= now && $0.name != .objection }.map(\.dueDate).min()
    }
}

/// A clock (时限) as the case file shows it.
public struct CaseFileClock: Equatable, Sendable, Codable {
    /// What became of it.
    public enum Phase: String, CaseIterable, Codable, JSONReadable, JSONWritable, Sendable {
        case running, paused, passed, met, lapsed
    }

    public var name: ClockName
    public var serial: Int
    public var due: Instant
    public var dueDate: LocalDate
    public var provisional: Bool
    public var phase: Phase
    /// Its end ends a right of the petitioner or of a unit, and nothing is owed; nil in files of before, which knew the national clocks.
    public var isRight: Bool?
    /// The co-handling unit, or the unit of an assistance task, that owes what it is for; nil for the clocks of the case.
    public var unit: UnitCode?

    /// Whether somebody still owes what it is for.
    var isOwed: Bool {
        guard phase == .running || phase == .passed else { return false }
        return !(isRight ?? [.objection, .reviewWindow, .finalWindow].contains(name))
    }
}

// As the members are declared; what is missing where nothing may be is refused.

extension CaseFile: JSONRecord {
    public init(members: inout JSONMembers) throws {
        number = try members.read("number")
        registered = try members.read("registered")
        title = try members.read("title")
        life = try members.read("life")
        topic = try members.readIfPresent("topic")
        urgency = try members.read("urgency")
        county = try members.read("county")
        clocks = try members.read("clocks")
        receiptOwed = try members.read("receiptOwed")
        receiptSettled = try members.readIfPresent("receiptSettled")
        receiptFailed = try members.read("receiptFailed")
        completed = try members.readIfPresent("completed")
        petitioners = try members.read("petitioners")
        tags = try members.readIfPresent("tags")
        answer = try members.readIfPresent("answer")
        explanation = try members.readIfPresent("explanation")
        answered = try members.readIfPresent("answered")
        outcome = try members.readIfPresent("outcome")
        additions = try members.readIfPresent("additions")
        pack = try members.readIfPresent("pack")
        satisfaction = try members.readIfPresent("satisfaction")
        mergedInto = try members.readIfPresent("mergedInto")
    }

    public func write(members: inout JSONText) {
        members.write("number", number)
        members.write("registered", registered)
        members.write("title", title)
        members.write("life", life)
        members.writeIfPresent("topic", topic)
        members.write("urgency", urgency)
        members.write("county", county)
        members.write("clocks", clocks)
        members.write("receiptOwed", receiptOwed)
        members.writeIfPresent("receiptSettled", receiptSettled)
        members.write("receiptFailed", receiptFailed)
        members.writeIfPresent("completed", completed)
        members.write("petitioners", petitioners)
        members.writeIfPresent("tags", tags)
        members.writeIfPresent("answer", answer)
        members.writeIfPresent("explanation", explanation)
        members.writeIfPresent("answered", answered)
        members.writeIfPresent("outcome", outcome)
        members.writeIfPresent("additions", additions)
        members.writeIfPresent("pack", pack)
        members.writeIfPresent("satisfaction", satisfaction)
        members.writeIfPresent("mergedInto", mergedInto)
    }
}

extension CaseFileClock: JSONRecord {
    public init(members: inout JSONMembers) throws {
        name = try members.read("name")
        serial = try members.read("serial")
        due = try members.read("due")
        dueDate = try members.read("dueDate")
        provisional = try members.read("provisional")
        phase = try members.read("phase")
        isRight = try members.readIfPresent("isRight")
        unit = try members.readIfPresent("unit")
    }

    public func write(members: inout JSONText) {
        members.write("name", name)
        members.write("serial", serial)
        members.write("due", due)
        members.write("dueDate", dueDate)
        members.write("provisional", provisional)
        members.write("phase", phase)
        members.writeIfPresent("isRight", isRight)
        members.writeIfPresent("unit", unit)
    }
}
