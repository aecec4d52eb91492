import Models

/// A registered case with its file, as the staff see it: names and numbers of people only masked.
struct CaseSheet {
    var subject: Subject
    var kind: String
    var channel: String
    var narrative: String
    var topic: String?
    var region: String?
    var occurred: Instant?
    var anonymous: Bool
    var petitioners: [CaseRegistered.Petitioner]
    var file: CaseFile
    /// How many lines its ledger has.
    var lines: Int64
    /// The hash of the last of them.
    var head: [UInt8]

    /// - Parameter access: What the asker may see; what is said of people is for those who handle the case.
    func shown(_ seal: SealKey, _ access: CaseAccess) -> JSONValue {
        var members = file.members
        members["id"] = .string(subject.description)
        members["kind"] = .string(kind)
        members["channel"] = .string(channel)
        members["narrative"] = .string(narrative)
        members["topic"] = .text(topic ?? file.topic?.text)
        members["region"] = .text(region)
        members["occurredAt"] = .text(occurred?.description)
        members["anonymous"] = .bool(anonymous)
        members["petitioners"] = .array(petitioners.map { Self.masked($0, seal) })
        members["tags"] = access >= .handling ? .array((file.tags ?? []).map { .string($0.rawValue) }) : .null
        members["ledgerLines"] = .integer(lines)
        members["ledgerHead"] = .string(hexadecimal(head))
        return .object(members)
    }

    /// The case in a list.
    static func line(_ subject: Subject, _ file: ListedFile, kind: String, channel: String, completed: Instant?) -> JSONValue {
        .object([
            "id": .string(subject.description), "number": .string(file.number), "title": .string(file.title), "kind": .string(kind),
            "channel": .string(channel), "stage": .string(file.life.stage.rawValue), "unit": .string(file.life.lead.text),
            "registered": .string(file.registered.description), "completed": .text(completed?.description),
        ])
    }

    /// Names and how people are reached, for somebody whose look is in the ledger.
    static func unmasked(_ petitioners: [CaseRegistered.Petitioner], _ seal: SealKey) -> JSONValue {
        .object([
            "petitioners": .array(
                petitioners.map { petitioner in
                    guard let contact = try? seal.open(petitioner.contact, as: PetitionerContact.self) else { return .null }
                    return .object([
                        "name": .text(contact.name), "phone": .text(contact.phone), "email": .text(contact.email),
                        "address": .text(contact.address), "represents": .bool(petitioner.represents ?? false),
                    ])
                })
        ])
    }

    private static func masked(_ petitioner: CaseRegistered.Petitioner, _ seal: SealKey) -> JSONValue {
        guard let contact = try? seal.open(petitioner.contact, as: PetitionerContact.self) else { return .object([:]) }
        return .object(["name": .text(contact.name.map(Mask.name)), "phone": .text(contact.phone.map(Mask.phone))])
    }
}
