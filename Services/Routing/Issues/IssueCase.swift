import Models

/// What an issue takes over from the state of one of its cases; twenty states are looked at for an issue, and most of what else stands in
/// them would be read for nothing.
struct IssueCase: JSONObject {
    var region: RegionCode?
    var kind: CaseKind
    var topic: TopicCode?

    private struct Life: JSONObject {
        var kind: CaseKind

        init(members: inout JSONMembers) throws { kind = try members.read("kind") }
    }

    private struct Assignment: JSONObject {
        var topic: TopicCode?

        init(members: inout JSONMembers) throws { topic = try members.readIfPresent("topic") }
    }

    init(members: inout JSONMembers) throws {
        region = try members.readIfPresent("region")
        kind = (try members.read("life") as Life).kind
        topic = (try members.readIfPresent("assignment") as Assignment?)?.topic
    }
}
