import Models
import Notification

/// The gateway that notices are posted to: it tells who was sent what by the identifiers alone, as a real one does.
struct SimulatedGateway {
    /// A notice as somebody got it.
    struct Letter: Hashable {
        var subject: Subject
        var template: TemplateID
        var recipient: NoticeRecipient
        var time: Instant
    }

    private(set) var letters: [NoticeID: Letter] = [:]

    mutating func post(_ notice: Notice, as id: NoticeID) {
        letters[id] = Letter(subject: notice.subject, template: notice.template, recipient: notice.recipient, time: notice.time)
    }
}
