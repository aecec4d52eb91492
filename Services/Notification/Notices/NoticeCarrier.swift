import Models

/// A way by which notices travel.
public protocol NoticeCarrier: Sendable {
    /// The way's name in events: `file`, `webhook`.
    var name: String { get }

    /// Delivers letters and says what became of each, in their order.
    ///
    /// The same letter may come again after a crash; it then has the same identifier.
    func deliver(_ letters: [NoticeLetter]) async -> [NoticeOutcome]
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
    public var date: LocalDate

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
    /// It never will.
    case impossible(String)
}
