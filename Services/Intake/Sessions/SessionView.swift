import Models

/// A session as staff see it: names and phones of visitors only masked, and none of the cases, which have a list of their own.
///
/// Nothing in it tells how many cases were heard: of confidential ones nobody outside learns that there are any.
struct SessionView {
    let seal: SealKey

    /// One line of a list.
    static func line(_ entry: Roster.Entry) -> JSONValue { .object(members(entry)) }

    func whole(_ entry: Roster.Entry, for person: ActingPerson) -> JSONValue {
        let record = entry.record
        var members = Self.members(entry)
        members["visitors"] = .array(record.visitors.map(visitor))
        members["attendance"] = .array(
            record.attendance.map { seat in
                .object([
                    "unit": seat.unit.map { .string($0.text) } ?? .null, "person": seat.person.map { .string($0.text) } ?? .null,
                    "present": .bool(seat.present),
                ])
            })
        members["policies"] = .array(
            record.policies.map { .object(["title": .string($0.title), "reached": .integer(Int64($0.reached))]) })
        members["households"] = .array(record.households.map(household))
        // Matters that were heard have names, too. An administrator brings in what was recorded offline, and asks what is there already.
        if person.role == .administrator { members["entries"] = .array(record.entries.map { .string($0.description) }) }
        members["summary"] = record.summary.map { .string($0) } ?? .null
        members["reached"] = record.reached.map { .integer(Int64($0)) } ?? .null
        return .object(members)
    }

    private static func members(_ entry: Roster.Entry) -> [String: JSONValue] {
        let record = entry.record
        func time(_ instant: Instant?) -> JSONValue { instant.map { .string($0.description) } ?? .null }
        return [
            "id": .string(entry.id.description), "kind": .string(record.kind.rawValue), "phase": .string(record.phase.rawValue),
            "level": .string(record.level.rawValue), "leader": .string(record.leader.text), "unit": .string(record.unit.text),
            "office": record.office.map { .string($0) } ?? .null, "place": .string(record.place),
            "region": record.region.map { .string($0.text) } ?? .null, "units": .array(record.units.map { .string($0.text) }),
            "starts": time(record.starts), "ends": time(record.ends), "published": time(record.published),
            "opened": time(record.opened), "closed": time(record.closed), "revision": .string(record.tag.description),
            "came": .integer(Int64(record.visitors.count)),
        ]
    }

    private func visitor(_ visitor: SessionRecord.Visitor) -> JSONValue {
        let contact = visitor.contact.flatMap { try? seal.open($0, as: VisitorContact.self) }
        return .object([
            "id": visitor.entry.map { .string($0.description) } ?? .null, "number": .integer(Int64(visitor.number)),
            "phase": .string(visitor.phase.rawValue), "name": contact?.name.map { .string(Mask.name($0)) } ?? .null,
            "phone": contact?.phone.map { .string(Mask.phone($0)) } ?? .null,
        ])
    }

    /// What was heard in a household stays sealed here.
    private func household(_ household: SessionRecord.Household) -> JSONValue {
        .object([
            "region": .string(household.region.text), "tags": .array(household.tags.map { .string($0.rawValue) }),
            "contactPoint": household.contactPoint.map { .string($0) } ?? .null, "hasNote": .bool(household.note != nil),
        ])
    }
}
