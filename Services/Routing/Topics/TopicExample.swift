/// A message with the topic that somebody gave it: a line of a labelled file, or a dispatcher's correction.
public struct TopicExample: Sendable, Hashable {
    public var text: String
    /// What the county calls the topic; the model keeps the word as it is.
    public var topic: String

    public init(text: String, topic: String) { (self.text, self.topic) = (text, topic) }

    public init(title: String, narrative: String, topic: String) {
        self.init(text: TopicText.joined(title: title, narrative: narrative), topic: topic)
    }

    /// The examples without repeats: of several with the same text the last topic holds, at the place of the first.
    static func withoutRepeats(_ examples: [TopicExample]) -> [TopicExample] {
        var kept: [TopicExample] = []
        var places: [String: Int] = [:]
        for example in examples {
            if let place = places[example.text] {
                kept[place].topic = example.topic
            } else {
                places[example.text] = kept.count
                kept.append(example)
            }
        }
        return kept
    }
}

/// Says why no topic model can be made of the examples.
public struct TopicTrainingError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
}
