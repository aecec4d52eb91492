/// What a case is about (内容分类): a node of a tree of three levels.
public struct CountyTopic: Codable, Sendable, Hashable {
    public var code: TopicCode
    /// The wider topic; nil for the first level.
    public var parent: TopicCode?
    public var name: LocalizedText

    public init(code: TopicCode, parent: TopicCode?, name: LocalizedText) {
        self.code = code
        self.parent = parent
        self.name = name
    }
}
