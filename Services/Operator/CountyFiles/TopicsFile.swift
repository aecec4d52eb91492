import Models

/// `topics.yaml`: the topics, written as a tree of at most three levels.
enum TopicsFile {
    static let levels = 3

    static func topics(_ root: Item) -> [CountyTopic] {
        guard let fields = root.fields("the file", ["topics"]), let list = fields.required("topics")?.list("\"topics\"") else { return [] }
        var topics: [CountyTopic] = []
        read(list, below: nil, level: 1, into: &topics)
        return topics
    }

    private static func read(_ list: [Item], below parent: TopicCode?, level: Int, into topics: inout [CountyTopic]) {
        for item in list {
            guard let topic = item.fields("a topic", ["code", "name", "topics"]) else { continue }
            let code = topic.required("code")?.code(TopicCode.self)
            let name = topic.localized("name")
            if let code {
                let place = topic.optional("code")?.place ?? topic.place
                if let earlier = item.notes.topics.define(code, place) {
                    item.notes.mistake(
                        place, "the topic code \"\(code)\" is already used in line \(earlier.line)", "Give one of the two another code.")
                } else if let name {
                    topics.append(CountyTopic(code: code, parent: parent, name: name))
                }
            }
            guard let below = topic.optional("topics") else { continue }
            guard level < levels else {
                below.mistake("topics have at most \(levels) levels", "Move these topics up or leave them out.")
                continue
            }
            read(below.list("\"topics\""), below: code, level: level + 1, into: &topics)
        }
    }
}
