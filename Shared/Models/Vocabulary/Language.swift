/// A language that notices, reasons and names are written in.
public enum Language: String, CaseIterable, Codable, Sendable, Hashable {
    case zh, en
}

/// A text in both languages of the house.
public struct LocalizedText: Codable, Sendable, Hashable {
    public var zh: String
    public var en: String

    public init(zh: String, en: String) {
        self.zh = zh
        self.en = en
    }

    public subscript(_ language: Language) -> String {
        switch language {
        case .zh: zh
        case .en: en
        }
    }
}

/// A word of the field that people see by its name, not by its wire spelling.
public protocol Named {
    var name: LocalizedText { get }
}

// As the members are declared; what is missing where nothing may be is refused.

extension LocalizedText: JSONRecord {
    public init(members: inout JSONMembers) throws {
        zh = try members.read("zh")
        en = try members.read("en")
    }

    public func write(members: inout JSONText) {
        members.write("zh", zh)
        members.write("en", en)
    }
}
