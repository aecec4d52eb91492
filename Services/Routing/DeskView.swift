import Models

/// Cases as desks show them.
enum DeskView {
    /// A case in a list.
    static func line(_ item: DeskQueries.Item) -> JSONValue {
        var members = common(item.subject, item.state)
        members["due"] = item.due == DeskQueries.distantDue ? .null : .string(item.due.description)
        return .object(members)
    }

    /// A case with everything that a desk works with, and the steps that `person` may take now.
    ///
    /// `others` says what else was written of the same matter.
    static func whole(
        _ subject: Subject, _ state: RoutingState, for person: ActingPerson, in county: CountyIndex, others: [String: JSONValue]
    ) -> JSONValue {
        let life = state.life
        var members = common(subject, state).merging(others) { $1 }
        members["due"] = state.due.map { .string($0.description) } ?? .null
        members["reviewer"] = code(life.reviewer?.text)
        members["reason"] = state.assignment.map { .object(["zh": .string($0.reason.zh), "en": .string($0.reason.en)]) } ?? .null
        members["rule"] = code(state.assignment?.rule?.text)
        members["pack"] = code(state.assignment?.pack.text)
        members["place"] =
            state.assignment?.place.map { place in
                .object(["region": .string(place.region.text), "names": .array(place.names.map { .string($0) })])
            } ?? .null
        members["suggested"] = state.assignment?.suggested.map(suggestion) ?? .null
        members["coHandlers"] = .array(
            life.coHandlers.map { .object(["unit": .string($0.unit.text), "phase": .string($0.phase.rawValue)]) })
        members["objection"] =
            life.objection.map { .object(["unit": .string($0.unit.text), "proposed": .string($0.proposed.text)]) } ?? .null
        members["assistance"] = .array(
            life.assistance.map {
                .object(["serial": .integer(Int64($0.serial)), "unit": .string($0.unit.text), "open": .bool($0.isOpen)])
            })
        members["clocks"] = .array(
            state.clocks.map { clock in
                .object([
                    "name": .string(clock.name.text), "serial": .integer(Int64(clock.serial)), "due": .string(clock.due.description),
                    "unit": code(clock.unit?.text),
                ])
            })
        members["steps"] = .array(
            CaseStep.allCases.filter { (try? life.judge($0, by: person, in: county)) != nil }.map { .string($0.rawValue) })
        members["revision"] = .string(life.revision.description)
        return .object(members)
    }

    /// A case of the same matter as another.
    static func similar(_ likeness: IssueRows.Likeness, _ state: RoutingState) -> JSONValue {
        .object([
            "id": .string(likeness.other.description), "number": .string(state.number), "title": .string(state.title),
            "stage": .string(state.life.stage.rawValue), "unit": .string(state.life.lead.text),
            "registered": .string(state.registered.description), "likeness": .integer(Int64(likeness.likeness)),
            "sameWriter": .bool(likeness.isSameWriter),
        ])
    }

    private static func suggestion(_ finding: TopicFinding) -> JSONValue {
        .object([
            "model": .string(finding.model), "given": .bool(finding.given),
            "topics": .array(
                finding.choices.map { choice in
                    .object([
                        "topic": .string(choice.topic.text), "share": .integer(Int64(choice.share)),
                        "words": .array(choice.words.map { .string($0) }), "against": .array(choice.against.map { .string($0) }),
                    ])
                }),
        ])
    }

    private static func common(_ subject: Subject, _ state: RoutingState) -> [String: JSONValue] {
        let life = state.life
        return [
            "id": .string(subject.description), "number": .string(state.number), "title": .string(state.title),
            "kind": .string(life.kind.rawValue), "channel": .string(state.channel.rawValue), "stage": .string(life.stage.rawValue),
            "unit": .string(life.lead.text), "officer": code(life.officer?.text), "handOffs": .integer(Int64(life.handOffs)),
            "urgency": .string((state.assignment?.urgency ?? .ordinary).rawValue), "topic": code(state.assignment?.topic?.text),
            "region": code(state.region?.text), "registered": .string(state.registered.description),
            "confidential": .bool(life.isConfidential), "leader": code(life.leader?.text),
        ]
    }

    private static func code(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
}
