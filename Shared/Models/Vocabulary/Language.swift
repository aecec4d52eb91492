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
