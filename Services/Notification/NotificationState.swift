import Models

/// What notification remembers of one case: enough to write its notices and its feed entries.
public struct NotificationState: Equatable, Sendable, Codable {
    public var number: String
    public var life: CaseLife
    public var channel: Channel
    public var urgency: Urgency
    public var title: String
    public var topic: TopicCode?
    public var region: RegionCode?
    public var registered: Instant
    /// The rule pack that is pinned on the case; nil before the first assignment.
    public var pack: RulePackCode?
    /// How to reach the petitioner, or the representatives of a joint petition in their order; empty for anonymous ones.
    public var contacts: [Contact]
    /// How to reach the others of a joint petition; nil when nobody else wrote it.
    public var members: [Contact]?
    /// The county version the case began under.
    public var county: String
    /// How many feed entries were made of the case.
    public var feedEntries: Int64
    /// Notices whose end is on record; twice where a delivery followed a failure.
    public var settled: [NoticeID]
    /// Whether anybody was ever urged; nil for no.
    public var wasUrged: Bool?

    public var kind: CaseKind { life.kind }
    /// The accountable unit; the dispatch desk before the first assignment.
    public var unit: UnitCode { life.lead }

    /// Of a confidential case the units that may hear of it through the feed: those that work on it, and its dispatch desk; nil for other
    /// cases (Articles 30 and 46).
    var circle: [UnitCode]? { life.isConfidential ? Array(Set(life.handlers + [life.desk])).sorted() : nil }

    /// Those who are told of answers: one person, or the representatives (Article 20).
    var petitioners: [NoticeRecipient] { contacts.indices.map { $0 == 0 ? .petitioner : .representative($0 + 1) } }

    /// Those who are told where the case stands: everybody who wrote it (Article 20).
    var everybody: [NoticeRecipient] { petitioners + (members ?? []).map { .member($0.index + 1) } }

    /// How to reach a recipient; nil for a unit and for the staff.
    func contact(of recipient: NoticeRecipient) -> SealedText? {
        switch recipient {
        case .petitioner: contacts.first?.sealed
        case .representative(let number): contacts.indices.contains(number - 1) ? contacts[number - 1].sealed : nil
        case .member(let number): members?.first { $0.index == number - 1 }?.sealed
        case .unit, .person: nil
        }
    }

    /// Somebody who is told of answers.
    public struct Contact: Equatable, Sendable, Codable {
        /// Which petitioner, from 0 in the order of registration.
        public var index: Int
        public var sealed: SealedText
    }
}

/// Reminders of a case that still wait for their hours and have become pointless.
public struct Withdrawal: Sendable, Hashable {
    public var subject: Subject
    /// Those by this clock, as its name and serial; nil for any.
    public var clock: String?
    /// Those to this recipient; nil for any.
    public var recipient: NoticeRecipient?
}

/// A petitioner's contact as it is from now on, for notices that still wait.
public struct Correction: Sendable, Hashable {
    public var subject: Subject
    public var recipient: NoticeRecipient
    public var contact: SealedText

    /// Whose contact it is.
    struct Key: Hashable {
        var subject: Subject
        var recipient: NoticeRecipient
    }

    /// The last of each.
    static func last(of corrections: [Correction]) -> [Key: SealedText] {
        Dictionary(corrections.map { (Key(subject: $0.subject, recipient: $0.recipient), $0.contact) }) { $1 }
    }
}

/// How a notice ended, as the ledger has it.
public struct NoticeEnd: Sendable, Hashable {
    public var notice: NoticeID
    public var subject: Subject
    /// The way that it went, and which try by it that was, from 1.
    public var way: String
    public var attempt: Int
    /// Why it could not be delivered; nil when it was.
    public var failure: String?
}

/// What notification stores besides the state.
public enum NotificationEffect: Sendable, Hashable {
    case notice(Notice)
    /// What a leader hears of in the next digest.
    case digest(Notice)
    case withdrawn(Withdrawal)
    case corrected(Correction)
    case settled(NoticeEnd)
    /// The delivery of what the ledger is not told of.
    case delivered(NoticeEnd)
    case feed(FeedEntry)
}

// As the members are declared; what is missing where nothing may be is refused.

extension NotificationState: JSONRecord {
    public init(members: inout JSONMembers) throws {
        number = try members.read("number")
        life = try members.read("life")
        channel = try members.read("channel")
        urgency = try members.read("urgency")
        title = try members.read("title")
        topic = try members.readIfPresent("topic")
        region = try members.readIfPresent("region")
        registered = try members.read("registered")
        pack = try members.readIfPresent("pack")
        contacts = try members.read("contacts")
        self.members = try members.readIfPresent("members")
        county = try members.read("county")
        feedEntries = try members.read("feedEntries")
        settled = try members.read("settled")
        wasUrged = try members.readIfPresent("wasUrged")
    }

    public func write(members: inout JSONText) {
        members.write("number", number)
        members.write("life", life)
        members.write("channel", channel)
        members.write("urgency", urgency)
        members.write("title", title)
        members.writeIfPresent("topic", topic)
        members.writeIfPresent("region", region)
        members.write("registered", registered)
        members.writeIfPresent("pack", pack)
        members.write("contacts", contacts)
        members.writeIfPresent("members", self.members)
        members.write("county", county)
        members.write("feedEntries", feedEntries)
        members.write("settled", settled)
        members.writeIfPresent("wasUrged", wasUrged)
    }
}

extension NotificationState.Contact: JSONRecord {
    public init(members: inout JSONMembers) throws {
        index = try members.read("index")
        sealed = try members.read("sealed")
    }

    public func write(members: inout JSONText) {
        members.write("index", index)
        members.write("sealed", sealed)
    }
}
