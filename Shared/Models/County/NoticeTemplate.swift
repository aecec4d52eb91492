/// The text of one notice in one language, with `{{fields}}` in mustache syntax.
public struct NoticeTemplate: Codable, Sendable, Hashable {
    public var id: TemplateID
    public var language: Language
    public var channel: NoticeChannel
    public var subject: String
    public var body: String

    public init(id: TemplateID, language: Language, channel: NoticeChannel, subject: String, body: String) {
        self.id = id
        self.language = language
        self.channel = channel
        self.subject = subject
        self.body = body
    }
}

/// The way a notice travels; `any` is the text for every way that has none of its own.
public enum NoticeChannel: String, CaseIterable, Codable, Sendable, Hashable {
    case any, sms, mail, letter, inbox
}
