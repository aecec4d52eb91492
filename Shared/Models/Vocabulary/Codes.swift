/// Names a county: `demo-county`.
public struct CountyCode: Code {
    public static var noun: String { "county code" }
    public let text: String

    public init(validated text: String) { self.text = text }
}

/// Names a unit (单位) of the county.
public struct UnitCode: Code {
    public static var noun: String { "unit code" }
    public let text: String

    public init(validated text: String) { self.text = text }
}

/// Names a region (行政区划): a township, a village, a grid.
public struct RegionCode: Code {
    public static var noun: String { "region code" }
    public let text: String

    public init(validated text: String) { self.text = text }
}

/// Names a topic (内容分类) of the three-level tree.
public struct TopicCode: Code {
    public static var noun: String { "topic code" }
    public let text: String

    public init(validated text: String) { self.text = text }
}

/// Names a routing rule.
public struct RuleCode: Code {
    public static var noun: String { "rule id" }
    public let text: String

    public init(validated text: String) { self.text = text }
}

/// Names a rule pack (办理规则).
public struct RulePackCode: Code {
    public static var noun: String { "pack code" }
    public let text: String

    public init(validated text: String) { self.text = text }
}

/// Names a person who acts for a unit: a staff number, never a name.
public struct PersonCode: Code {
    public static var noun: String { "person code" }
    public let text: String

    public init(validated text: String) { self.text = text }
}
