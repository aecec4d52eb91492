import CaseFlow
import Models

/// A case that somebody wants registered, checked in itself and with personal data already sealed.
public struct Registration: Sendable {
    public var id: CaseID
    /// Makes the case number unique.
    public var serial: Int64
    /// The query code of the receipt.
    public var code: String
    public var kind: CaseKind
    public var channel: Channel
    public var urgency: Urgency
    public var title: String
    public var narrative: String
    public var topic: TopicCode?
    public var region: RegionCode?
    public var occurred: Instant?
    public var anonymous: Bool
    public var petitioners: [CaseRegistered.Petitioner]
    /// A keyed hash of who wrote and what; nil for anonymous petitioners, of whom nobody can say that they are the same.
    public var fingerprint: ClaimKey?
    /// The same for a case that a rule keeps confidential: what was told openly before does not make it known.
    public var secretFingerprint: ClaimKey?
    /// Whom it accuses.
    public var accused: CaseRegistered.Accused?
    /// The matter was settled where it was raised.
    public var settlement: Settlement?
    /// The session at which it was heard.
    public var session: Subject?
    /// A terminated case on whose matter new facts are put forward (Article 36).
    public var follows: CaseID?
    /// How many have joined it with a like.
    public var likes: Int?
    /// What the staff know of its petitioners.
    public var tags: [HouseholdTag]?

    package init(
        id: CaseID, serial: Int64, code: String, kind: CaseKind, channel: Channel, urgency: Urgency, title: String, narrative: String,
        topic: TopicCode? = nil, region: RegionCode? = nil, occurred: Instant? = nil, anonymous: Bool,
        petitioners: [CaseRegistered.Petitioner], fingerprint: ClaimKey? = nil, secretFingerprint: ClaimKey? = nil,
        accused: CaseRegistered.Accused? = nil, settlement: Settlement? = nil,
        session: Subject? = nil, follows: CaseID? = nil, likes: Int? = nil, tags: [HouseholdTag]? = nil
    ) {
        self.id = id
        self.serial = serial
        self.code = code
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
        self.fingerprint = fingerprint
        self.secretFingerprint = secretFingerprint
        self.accused = accused
        self.settlement = settlement
        self.session = session
        self.follows = follows
        self.likes = likes
        self.tags = tags
    }

    /// The names under which the same matter may be known already.
    public var claims: [ClaimKey] { [fingerprint, secretFingerprint].compactMap { $0 } }

    /// How a matter was settled on the spot (当场解决).
    public struct Settlement: Sendable {
        public var by: ActingPerson
        public var unit: UnitCode
        public var answer: AnswerText

        public init(by: ActingPerson, unit: UnitCode, answer: AnswerText) {
            self.by = by
            self.unit = unit
            self.answer = answer
        }
    }
}

/// What registering gives back, and what is kept under its claims.
///
/// It is kept without the query code, so that the table of claims opens no case to its reader; whoever holds the seal key makes the code
/// again.
public struct RegistrationAnswer: Sendable, Hashable {
    /// The case had been registered before, by the same person with the same text.
    public var known: Bool
    public var receipt: Receipt

    public init(known: Bool, receipt: Receipt) {
        self.known = known
        self.receipt = receipt
    }

    /// Reads what `bytes` wrote; nil for anything else.
    public init?(bytes: [UInt8]) {
        guard let answer = try? JSONCoding.decode(Self.self, from: bytes) else { return nil }
        self = answer
    }

    /// The answer as it is shown: the whole receipt to whom it was made out, and of a known case what names it.
    var shown: [UInt8] {
        guard known else { return receipt.canonical }
        return JSONValue.object([
            "id": .string(receipt.id.description), "number": .string(receipt.number),
            "registered": .string(receipt.registered.description), "county": .string(receipt.county),
        ]).canonical
    }

    /// The answer as it is kept.
    public var bytes: [UInt8] {
        var receipt = receipt
        receipt.code = ""
        return Array("{\"known\":\(known),\"receipt\":".utf8) + receipt.canonical + [UInt8(ascii: "}")]
    }
}

extension RegistrationAnswer: JSONObject {
    public init(members: inout JSONMembers) throws {
        known = try members.read("known")
        receipt = try members.read("receipt")
    }
}
