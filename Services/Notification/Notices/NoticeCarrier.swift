import Models

/// A way by which notices travel.
public protocol NoticeCarrier: Sendable {
    /// The way's name in events: `file`, `webhook`.
    var name: String { get }

    /// Delivers letters and says what became of each, in their order; begins none once `limit` is over.
    ///
    /// The same letter may come again after a crash; it then has the same identifier.
    func deliver(_ letters: [NoticeLetter], within limit: Duration) async -> [NoticeOutcome]
}

/// A notice with its texts, ready to go.
public struct NoticeLetter: Sendable, Hashable {
    public var id: NoticeID
    public var template: TemplateID
    public var recipient: NoticeRecipient
    public var number: String
    public var name: String?
    public var phone: String?
    public var subject: String
    public var body: String
    /// The local date of the event that it tells of: the same at each try.
    public var date: LocalDate

    public init(
        id: NoticeID, template: TemplateID, recipient: NoticeRecipient, number: String, name: String?, phone: String?, subject: String,
        body: String, date: LocalDate
    ) {
        self.id = id
        self.template = template
        self.recipient = recipient
        self.number = number
        self.name = name
        self.phone = phone
        self.subject = subject
        self.body = body
        self.date = date
    }

    /// The letter as the bytes of one JSON object, for whoever prints or sends it.
    var document: [UInt8] {
        JSONValue.object([
            "id": .string(id.description), "template": .string(template.rawValue), "number": .string(number),
            "recipient": .string(recipient.description), "name": name.map { .string($0) } ?? .null,
            "phone": phone.map { .string($0) } ?? .null, "subject": .string(subject), "body": .string(body),
        ]).canonical
    }
}

/// What became of one try.
public enum NoticeOutcome: Sendable, Hashable {
    case delivered
    /// It may work later.
    case later(String)
    /// It was not tried: others before it took too long, or got no answer.
    case untried(String)
    /// It cannot be written before this service has what it lacks.
    case waiting(String)
    /// It never will.
    case impossible(String)
}
