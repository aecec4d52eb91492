/// What a topic model made of the text of a case that was registered without a topic (内容分类建议).
public struct TopicFinding: Codable, Sendable, Hashable {
    /// A topic that the case may have, and what speaks for it.
    public struct Choice: Codable, Sendable, Hashable {
        public var topic: TopicCode
        /// How likely it is, in thousandths.
        public var share: Int
        /// The pieces of the text that spoke for it most, the strongest first.
        public var words: [String]
        /// Those that spoke against it.
        public var against: [String]

        public init(topic: TopicCode, share: Int, words: [String], against: [String]) {
            self.topic = topic
            self.share = share
            self.words = words
            self.against = against
        }
    }

    /// The version of the model.
    public var model: String
    /// The three likeliest topics at most, the likeliest first.
    public var choices: [Choice]
    /// Whether the first was given without a person, because the model is as sure as the county wants it to be.
    public var given: Bool

    public init(model: String, choices: [Choice], given: Bool) {
        self.model = model
        self.choices = choices
        self.given = given
    }
}

// As the members are declared; what is missing where nothing may be is refused.

extension TopicFinding: JSONRecord {
    public init(members: inout JSONMembers) throws {
        model = try members.read("model")
        choices = try members.read("choices")
        given = try members.read("given")
    }

    public func write(members: inout JSONText) {
        members.write("model", model)
        members.write("choices", choices)
        members.write("given", given)
    }
}

extension TopicFinding.Choice: JSONRecord {
    public init(members: inout JSONMembers) throws {
        topic = try members.read("topic")
        share = try members.read("share")
        words = try members.read("words")
        against = try members.read("against")
    }

    public func write(members: inout JSONText) {
        members.write("topic", topic)
        members.write("share", share)
        members.write("words", words)
        members.write("against", against)
    }
}
