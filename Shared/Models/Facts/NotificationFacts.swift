/// A notice reached its recipient's channel for good.
public struct NoticeDelivered: EventFacts {
    public static var type: String { "notice.delivered" }

    public var notice: NoticeID
    /// The template: `receipt`.
    public var template: String
    public var recipient: NoticeRecipient
    /// How it was delivered: `file`, `webhook`.
    public var by: String
    public var attempts: Int

    public init(notice: NoticeID, template: String, recipient: NoticeRecipient, by: String, attempts: Int) {
        self.notice = notice
        self.template = template
        self.recipient = recipient
        self.by = by
        self.attempts = attempts
    }
}

/// A notice could not be delivered, and no more tries are made.
public struct NoticeFailed: EventFacts {
    public static var type: String { "notice.failed" }

    public var notice: NoticeID
    public var template: String
    public var recipient: NoticeRecipient
    public var by: String
    public var attempts: Int
    /// What the last try answered, without personal data.
    public var reason: String

    public init(notice: NoticeID, template: String, recipient: NoticeRecipient, by: String, attempts: Int, reason: String) {
        self.notice = notice
        self.template = template
        self.recipient = recipient
        self.by = by
        self.attempts = attempts
        self.reason = reason
    }
}

/// Whom a notice is for: `petitioner`, a further representative of a joint petition (`petitioner-2`), a unit by its code (`unit:edu`), or
/// somebody who acts for one by their staff number (`person:edu-1`).
public enum NoticeRecipient: Hashable, Sendable, Codable, JSONReadable, JSONWritable, LosslessStringConvertible {
    /// The one who wrote the case, or the first representative.
    case petitioner
    /// A further representative of a joint petition (Article 20), from the second on.
    case representative(Int)
    /// Somebody else of a joint petition, by their place in it from 1, who is told where it stands and not what is answered (Article 20).
    case member(Int)
    case unit(UnitCode)
    /// An officer, a unit's head or a leader whom the county's file gives an address of their own.
    case person(PersonCode)

    /// What the description of every unit begins with, and of nobody else.
    public static let unitPrefix = "unit:"
    /// What the description of every member of the staff begins with, and of nobody else.
    public static let personPrefix = "person:"

    public var description: String {
        switch self {
        case .petitioner: "petitioner"
        case .representative(let number): "petitioner-\(number)"
        case .member(let number): "member-\(number)"
        case .unit(let code): Self.unitPrefix + code.text
        case .person(let code): Self.personPrefix + code.text
        }
    }

    /// Whether it goes to somebody who wrote the case.
    public var isPetitioner: Bool {
        switch self {
        case .petitioner, .representative, .member: true
        case .unit, .person: false
        }
    }

    /// Whether its delivery is told to the ledger: that of what is owed to those who speak for the case.
    ///
    /// A failure always is.
    public var isOnRecord: Bool {
        switch self {
        case .petitioner, .representative: true
        case .member, .unit, .person: false
        }
    }

    public init?(_ description: String) {
        if description == "petitioner" {
            self = .petitioner
        } else if description.hasPrefix("petitioner-"), let number = Int(description.dropFirst(11)), (2...1000).contains(number) {
            self = .representative(number)
        } else if description.hasPrefix("member-"), let number = Int(description.dropFirst(7)), (1...1_000_000).contains(number) {
            self = .member(number)
        } else if description.hasPrefix(Self.unitPrefix), let code = UnitCode(String(description.dropFirst(Self.unitPrefix.count))) {
            self = .unit(code)
        } else if description.hasPrefix(Self.personPrefix), let code = PersonCode(String(description.dropFirst(Self.personPrefix.count))) {
            self = .person(code)
        } else {
            return nil
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = NoticeRecipient(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "is neither petitioner nor a unit nor somebody of the staff")
        }
        self = value
    }

    public init(json place: JSONPlace) throws {
        guard let value = NoticeRecipient(try place.string()) else {
            throw place.corrupted("is neither petitioner nor a unit nor somebody of the staff")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    public func write(json text: inout JSONText) { text.write(description) }
}

// As the members are declared; what is missing where nothing may be is refused.

extension NoticeDelivered: JSONRecord {
    public init(members: inout JSONMembers) throws {
        notice = try members.read("notice")
        template = try members.read("template")
        recipient = try members.read("recipient")
        by = try members.read("by")
        attempts = try members.read("attempts")
    }

    public func write(members: inout JSONText) {
        members.write("notice", notice)
        members.write("template", template)
        members.write("recipient", recipient)
        members.write("by", by)
        members.write("attempts", attempts)
    }
}

extension NoticeFailed: JSONRecord {
    public init(members: inout JSONMembers) throws {
        notice = try members.read("notice")
        template = try members.read("template")
        recipient = try members.read("recipient")
        by = try members.read("by")
        attempts = try members.read("attempts")
        reason = try members.read("reason")
    }

    public func write(members: inout JSONText) {
        members.write("notice", notice)
        members.write("template", template)
        members.write("recipient", recipient)
        members.write("by", by)
        members.write("attempts", attempts)
        members.write("reason", reason)
    }
}
