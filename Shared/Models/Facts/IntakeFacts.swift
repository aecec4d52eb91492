/// A case was registered and its receipt issued (Article 22): the county owes an answer from now on.
public struct CaseRegistered: EventFacts {
    public static var type: String { "case.registered" }

    /// The case number on the receipt.
    public var number: String
    public var kind: CaseKind
    public var channel: Channel
    public var urgency: Urgency
    public var title: String
    public var narrative: String
    public var topic: TopicCode?
    public var region: RegionCode?
    /// When what it is about happened, as the petitioner says.
    public var occurred: Instant?
    /// No petitioner is known by name: no written notice is owed, progress is told by receipt code.
    public var anonymous: Bool
    public var petitioners: [Petitioner]
    public var registered: Instant
    /// The SHA-256 of the signed receipt, in hexadecimal, so that the ledger vouches for it.
    public var receipt: String
    /// Whom the case accuses (Articles 30 and 46); nil when nobody is named.
    public var accused: Accused?
    /// The matter is settled where it is raised: its answer follows at once, and no unit is looked for.
    public var onTheSpot: Bool?
    /// Whether all who wrote it are told where it stands, not only those who speak for them (Article 20); nil in petitions of before.
    public var statusToAll: Bool?
    /// The session (下基层活动) at which it was heard.
    public var session: Subject?
    /// A terminated case on whose matter the petitioner puts forward new facts (Article 36).
    public var follows: CaseID?
    /// What the staff know of its petitioners (走访对象); nil when nothing is said.
    ///
    /// It says something of a person: it is shown only to those who handle the case.
    public var tags: [HouseholdTag]?
    /// Whether a rule keeps it among those who work on it (Articles 30 and 46); nil for no.
    public var confidential: Bool?
    /// How many have joined it with a like, where it stood to be read (点赞); nil where nobody counts.
    public var likes: Int?

    public init(
        number: String, kind: CaseKind, channel: Channel, urgency: Urgency, title: String, narrative: String, topic: TopicCode?,
        region: RegionCode?, occurred: Instant?, anonymous: Bool, petitioners: [Petitioner], registered: Instant, receipt: String,
        accused: Accused? = nil, onTheSpot: Bool? = nil, session: Subject? = nil, follows: CaseID? = nil,
        statusToAll: Bool? = nil, tags: [HouseholdTag]? = nil, confidential: Bool? = nil, likes: Int? = nil
    ) {
        self.number = number
        self.kind = kind
        self.channel = channel
        self.urgency = urgency
        self.title = title
        self.narrative = narrative
        self.topic = topic
        self.region = region
        self.occurred = occurred
        self.anonymous = anonymous
        self.petitioners = petitioners
        self.registered = registered
        self.receipt = receipt
        self.accused = accused
        self.onTheSpot = onTheSpot
        self.session = session
        self.statusToAll = statusToAll
        self.follows = follows
        self.tags = tags
        self.confidential = confidential
        self.likes = likes
    }

    /// A petitioner (信访人) as events carry one: who it is only for those who hold the county's seal key.
    public struct Petitioner: Codable, Sendable, Hashable {
        /// A keyed hash that is the same for the same person.
        public var person: String
        /// Name, phone, mail address, postal address and query code (`PetitionerContact`), sealed.
        public var contact: SealedText
        /// Speaks for all petitioners of a joint petition (代表; at most five, Article 20); nil is the same as for the first.
        public var represents: Bool?

        public init(person: String, contact: SealedText, represents: Bool? = nil) {
            self.person = person
            self.contact = contact
            self.represents = represents
        }
    }

    /// Whom a case accuses: they and all below them must not learn of it.
    public struct Accused: Codable, Sendable, Hashable {
        /// A unit as such, or through its head.
        public var units: [UnitCode]
        public var persons: [PersonCode]

        public init(units: [UnitCode] = [], persons: [PersonCode] = []) {
            self.units = units
            self.persons = persons
        }
    }
}

/// What is sealed of a petitioner: how to reach them, and the code that their notices quote.
public struct PetitionerContact: Codable, Sendable, Hashable {
    public var name: String?
    public var phone: String?
    public var email: String?
    /// Where letters are carried to.
    public var address: String?
    /// The query code of the receipt.
    public var code: String

    public init(name: String?, phone: String?, email: String? = nil, address: String? = nil, code: String) {
        self.name = name
        self.phone = phone
        self.email = email
        self.address = address
        self.code = code
    }
}

// As the members are declared; what is missing where nothing may be is refused.

extension CaseRegistered: JSONRecord {
    public init(members: inout JSONMembers) throws {
        number = try members.read("number")
        kind = try members.read("kind")
        channel = try members.read("channel")
        urgency = try members.read("urgency")
        title = try members.read("title")
        narrative = try members.read("narrative")
        topic = try members.readIfPresent("topic")
        region = try members.readIfPresent("region")
        occurred = try members.readIfPresent("occurred")
        anonymous = try members.read("anonymous")
        petitioners = try members.read("petitioners")
        registered = try members.read("registered")
        receipt = try members.read("receipt")
        accused = try members.readIfPresent("accused")
        onTheSpot = try members.readIfPresent("onTheSpot")
        statusToAll = try members.readIfPresent("statusToAll")
        session = try members.readIfPresent("session")
        follows = try members.readIfPresent("follows")
        tags = try members.readIfPresent("tags")
        confidential = try members.readIfPresent("confidential")
        likes = try members.readIfPresent("likes")
    }

    public func write(members: inout JSONText) {
        members.write("number", number)
        members.write("kind", kind)
        members.write("channel", channel)
        members.write("urgency", urgency)
        members.write("title", title)
        members.write("narrative", narrative)
        members.writeIfPresent("topic", topic)
        members.writeIfPresent("region", region)
        members.writeIfPresent("occurred", occurred)
        members.write("anonymous", anonymous)
        members.write("petitioners", petitioners)
        members.write("registered", registered)
        members.write("receipt", receipt)
        members.writeIfPresent("accused", accused)
        members.writeIfPresent("onTheSpot", onTheSpot)
        members.writeIfPresent("statusToAll", statusToAll)
        members.writeIfPresent("session", session)
        members.writeIfPresent("follows", follows)
        members.writeIfPresent("tags", tags)
        members.writeIfPresent("confidential", confidential)
        members.writeIfPresent("likes", likes)
    }
}

extension CaseRegistered.Petitioner: JSONRecord {
    public init(members: inout JSONMembers) throws {
        person = try members.read("person")
        contact = try members.read("contact")
        represents = try members.readIfPresent("represents")
    }

    public func write(members: inout JSONText) {
        members.write("person", person)
        members.write("contact", contact)
        members.writeIfPresent("represents", represents)
    }
}

extension CaseRegistered.Accused: JSONRecord {
    public init(members: inout JSONMembers) throws {
        units = try members.read("units")
        persons = try members.read("persons")
    }

    public func write(members: inout JSONText) {
        members.write("units", units)
        members.write("persons", persons)
    }
}

extension PetitionerContact: JSONRecord {
    public init(members: inout JSONMembers) throws {
        name = try members.readIfPresent("name")
        phone = try members.readIfPresent("phone")
        email = try members.readIfPresent("email")
        address = try members.readIfPresent("address")
        code = try members.read("code")
    }

    public func write(members: inout JSONText) {
        members.writeIfPresent("name", name)
        members.writeIfPresent("phone", phone)
        members.writeIfPresent("email", email)
        members.writeIfPresent("address", address)
        members.write("code", code)
    }
}
