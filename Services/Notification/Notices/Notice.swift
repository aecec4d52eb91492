import Crypto
import Models

/// A notice to one recipient, owed from the moment its event is applied.
public struct Notice: Sendable, Hashable {
    public var id: NoticeID
    public var subject: Subject
    public var template: TemplateID
    public var recipient: NoticeRecipient
    /// The moment of the event that it tells of.
    public var time: Instant
    /// Values of the template's fields, by their names.
    public var fields: [String: String]
    /// How to reach a petitioner; opened only when the notice is delivered.
    public var contact: SealedText?
    /// The county version whose texts are used.
    public var county: String
    /// The hours in which it may go out; nil for all.
    public var hours: ReminderHours?
    /// When it may go out; nil for at once.
    public var notBefore: Instant?
    /// Whether lives may depend on it: it goes before all others, and does not wait long for a way that is down.
    public var isUrgent = false
    /// The clock that it urges by, as its name and serial; nil for what urges nobody.
    public var clock: String?

    var contactKey: Correction.Key { .init(subject: subject, recipient: recipient) }

    /// The identifier of the notice that `event` makes owed to `recipient`: always the same for the same three, so that the
    /// notice exists once however often the event is worked on.
    public static func id(event: EventID, template: TemplateID, recipient: NoticeRecipient) -> NoticeID {
        NoticeID(.version8(digest: SHA256.hash(data: Array("\(event) \(template.rawValue) \(recipient)".utf8))))
    }
}
