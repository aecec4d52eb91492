import Models

/// A notice with its texts and its recipient's addresses, ready to go.
public struct NoticeLetter: Sendable, Hashable {
    public var id: NoticeID
    public var template: TemplateID
    public var recipient: NoticeRecipient
    public var number: String
    public var name: String?
    public var phone: String?
    public var email: String?
    /// Where a letter is carried to.
    public var address: String?
    public var subject: String
    public var body: String
    /// The local date of the event that it tells of: the same at each try.
    public var date: LocalDate
    /// The moment of that event.
    public var time: Instant
    /// Who writes: the county, by its name in the notice's language.
    public var county: String
    public var language: Language

    public init(
        id: NoticeID, template: TemplateID, recipient: NoticeRecipient, number: String, name: String?, phone: String?, email: String? = nil,
        address: String? = nil, subject: String, body: String, date: LocalDate, time: Instant = Instant(microseconds: 0),
        county: String = "",
        language: Language = .zh
    ) {
        self.id = id
        self.template = template
        self.recipient = recipient
        self.number = number
        self.name = name
        self.phone = phone
        self.email = email
        self.address = address
        self.subject = subject
        self.body = body
        self.date = date
        self.time = time
        self.county = county
        self.language = language
    }

    /// The letter as the bytes of one JSON object, for whoever prints or sends it.
    var document: [UInt8] {
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        return JSONValue.object([
            "id": .string(id.description), "template": .string(template.rawValue), "number": .string(number),
            "recipient": .string(recipient.description), "name": text(name), "phone": text(phone), "email": text(email),
            "address": text(address), "subject": .string(subject), "body": .string(body),
        ]).canonical
    }
}
