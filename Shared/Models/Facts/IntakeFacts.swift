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

    public init(
        number: String, kind: CaseKind, channel: Channel, urgency: Urgency, title: String, narrative: String, topic: TopicCode?,
        region: RegionCode?, occurred: Instant?, anonymous: Bool, petitioners: [Petitioner], registered: Instant, receipt: String
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
    }

    /// A petitioner (信访人) as events carry one: who it is only for those who hold the county's seal key.
    public struct Petitioner: Codable, Sendable, Hashable {
        /// A keyed hash that is the same for the same person.
        public var person: String
        /// Name, phone and query code (`PetitionerContact`), sealed.
        public var contact: SealedText

        public init(person: String, contact: SealedText) {
            self.person = person
            self.contact = contact
        }
    }
}

/// What is sealed of a petitioner: how to reach them, and the code that their notices quote.
public struct PetitionerContact: Codable, Sendable, Hashable {
    public var name: String?
    public var phone: String?
    /// The query code of the receipt.
    public var code: String

    public init(name: String?, phone: String?, code: String) {
        self.name = name
        self.phone = phone
        self.code = code
    }
}
