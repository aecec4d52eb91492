/// How an answer is handed over (送达).
public enum ServiceWay: String, CaseIterable, Codable, Sendable, Hashable, Named {
    case inPerson = "in-person"
    case post, message
    /// Left where the petitioner lives, before witnesses.
    case left
    /// Made public, because nobody can be found.
    case announcement

    public var name: LocalizedText {
        switch self {
        case .inPerson: LocalizedText(zh: "直接送达", en: "handed over in person")
        case .post: LocalizedText(zh: "邮寄送达", en: "by post")
        case .message: LocalizedText(zh: "电子送达", en: "by electronic message")
        case .left: LocalizedText(zh: "留置送达", en: "left at the address")
        case .announcement: LocalizedText(zh: "公告送达", en: "by public announcement")
        }
    }
}
