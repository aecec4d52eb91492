/// A body that can be responsible for a case (单位): a bureau, a township, a village, a volunteer team.
///
/// The file that describes units names offices, never people.
public struct CountyUnit: Codable, Sendable, Hashable {
    public var code: UnitCode
    /// The unit it answers to; nil for the county itself.
    public var parent: UnitCode?
    public var kind: UnitKind
    public var name: LocalizedText
    /// The place that a township or village unit serves.
    public var region: RegionCode?
    /// What the unit's head is called: 局长, 乡镇长.
    public var head: LocalizedText?
    /// Words for what it does, for search and for suggestions to a dispatcher.
    public var functions: [String]
    /// Who acts for it, by staff number.
    public var members: [UnitMember]?
    /// The unit that reviews its answers (Articles 35 and 36); nil for the one it answers to.
    public var reviewedBy: UnitCode?
    /// The unit that has taken over its duties; nil while it exists (Article 24).
    public var successor: UnitCode?
    /// Further units that have taken over a part of its duties when it was split (Article 24).
    public var heirs: [UnitCode]?
    /// The day from which its successor has its duties; nil while it exists, or when nobody wrote it down.
    public var ended: LocalDate?
    /// The office's mail address, to which its notices go; nil when it has none.
    public var email: String?
    /// The office's mobile number for text messages; nil when it has none.
    public var phone: String?
    /// The language in which it reads notices; nil for Chinese.
    public var language: Language?

    public init(
        code: UnitCode, parent: UnitCode?, kind: UnitKind, name: LocalizedText, region: RegionCode? = nil, head: LocalizedText? = nil,
        functions: [String] = [], members: [UnitMember]? = nil, reviewedBy: UnitCode? = nil, successor: UnitCode? = nil,
        heirs: [UnitCode]? = nil, ended: LocalDate? = nil, email: String? = nil, phone: String? = nil, language: Language? = nil
    ) {
        self.code = code
        self.parent = parent
        self.kind = kind
        self.name = name
        self.region = region
        self.head = head
        self.functions = functions
        self.members = members
        self.reviewedBy = reviewedBy
        self.successor = successor
        self.heirs = heirs
        self.ended = ended
        self.email = email
        self.phone = phone
        self.language = language
    }
}

/// Somebody who acts for a unit.
public struct UnitMember: Codable, Sendable, Hashable {
    public var person: PersonCode
    public var role: Role
    /// The mail address at work, to which notices go besides the unit's own; nil for none.
    public var email: String?
    /// The number at work for text messages; nil for none.
    public var phone: String?
    /// The language in which they read notices; nil for Chinese.
    public var language: Language?

    public init(person: PersonCode, role: Role, email: String? = nil, phone: String? = nil, language: Language? = nil) {
        self.person = person
        self.role = role
        self.email = email
        self.phone = phone
        self.language = language
    }
}
