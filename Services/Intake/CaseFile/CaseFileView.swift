import Models

extension JSONValue {
    /// A string, or null for none.
    static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
}

extension AnswerText {
    /// The parts of an answer under their names on the wire.
    var shown: JSONValue {
        .object([
            "claim": .string(claim), "facts": .string(facts), "opinion": .string(opinion.rawValue),
            "opinionName": .object(["zh": .string(opinion.name.zh), "en": .string(opinion.name.en)]), "conclusion": .string(conclusion),
            "basis": .string(basis),
        ])
    }
}

extension CaseFile {
    /// What the file itself says, as the staff see it.
    var members: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "number": .string(number), "title": .string(title), "registered": .string(registered.description),
            "stage": .string(stage.rawValue), "unit": .string(unit.text), "urgency": .string(urgency.rawValue),
            "county": .string(county), "confidential": .bool(life.isConfidential), "handOffs": .integer(Int64(life.handOffs)),
        ]
        members["answer"] = answer?.shown ?? .null
        members["explanation"] = .text(explanation)
        members["outcome"] = .text(outcome?.rawValue)
        members["satisfaction"] = .text(satisfaction?.rawValue)
        members["mergedInto"] = .text(mergedInto?.description)
        members["revision"] = .string(life.revision.description)
        members["completed"] = .text(completed?.description)
        members["clocks"] = .array(
            clocks.map { clock in
                .object([
                    "name": .string(clock.name.text), "serial": .integer(Int64(clock.serial)), "due": .string(clock.due.description),
                    "dueDate": .string(clock.dueDate.description), "provisional": .bool(clock.provisional),
                    "phase": .string(clock.phase.rawValue),
                ])
            })
        return members
    }
}
