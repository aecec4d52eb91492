import CaseFlow
import Models
import Postgres
import ServiceKit

/// Questions to intake's tables that change nothing.
struct IntakeQueries: Sendable {
    /// A case as its petitioner may see it.
    struct Found: Sendable {
        var subject: Subject
        var file: CaseFile

        /// The stage, the unit and the next date: nothing that a petitioner has not written or is not owed.
        func progress(unitName unit: LocalizedText?) -> JSONValue {
            let now = SystemTime.now
            let next = file.clocks.filter { $0.phase == .running && $0.due >= now }.map(\.dueDate).min()
            return .object([
                "number": .string(file.number), "registered": .string(file.registered.description), "stage": .string(file.stage.rawValue),
                "stageName": .object(["zh": .string(file.stage.name.zh), "en": .string(file.stage.name.en)]),
                "unit": .object(["zh": .string(unit?.zh ?? file.unit.text), "en": .string(unit?.en ?? file.unit.text)]),
                "nextDate": next.map { .string($0.description) } ?? .null,
            ])
        }
    }

    let client: PostgresClient

    func subject(number: String) async throws -> Subject? {
        try await client.run("SELECT subject FROM registrations WHERE number = \(number)").first?.value(0)
    }

    func progress(_ number: String) async throws -> Found? {
        guard
            let row = try await client.run(
                "SELECT r.subject, c.file FROM registrations r JOIN cases c USING (subject) WHERE r.number = \(number)"
            ).first
        else { return nil }
        return Found(subject: try row.value(0), file: try StateCoding.decode(row.value(1)))
    }

    /// Cases from the newest to the oldest; identifiers grow with time, so pages stay stable while cases come in.
    func list(limit: Int, after: Subject?) async throws -> JSONValue {
        let bound = after ?? Subject(UniqueID(high: .max, low: .max))
        let rows = try await client.run(
            """
            SELECT r.subject, r.number, r.title, r.kind, r.channel, c.stage, c.unit, r.registered_at, c.completed_at
            FROM registrations r JOIN cases c USING (subject) WHERE r.subject < \(bound) ORDER BY r.subject DESC LIMIT \(limit)
            """)
        var cases: [JSONValue] = []
        for row in rows {
            cases.append(
                .object([
                    "id": .string(try row.value(0, as: Subject.self).description), "number": .string(try row.value(1)),
                    "title": .string(try row.value(2)), "kind": .string(try row.value(3)), "channel": .string(try row.value(4)),
                    "stage": .string(try row.value(5)), "unit": .string(try row.value(6)),
                    "registered": .string(try row.value(7, as: Instant.self).description),
                    "completed": try row.optional(8, as: Instant.self).map { .string($0.description) } ?? .null,
                ]))
        }
        let last: JSONValue =
            try cases.count == limit ? rows.last.map { .string(try $0.value(0, as: Subject.self).description) } ?? .null : .null
        return .object(["cases": .array(cases), "next": last])
    }

    func show(_ subject: Subject, seal: SealKey) async throws -> JSONValue? {
        guard
            let row = try await client.run(
                """
                SELECT r.number, r.kind, r.channel, r.title, r.narrative, r.topic, r.region, r.occurred_at, r.anonymous, r.petitioners,
                    r.registered_at, c.file, c.position
                FROM registrations r JOIN cases c USING (subject) WHERE r.subject = \(subject)
                """
            ).first
        else { return nil }
        let file: CaseFile = try StateCoding.decode(row.value(11))
        let petitioners: [CaseRegistered.Petitioner] = try StateCoding.decode(row.value(9))
        return .object([
            "id": .string(subject.description), "number": .string(try row.value(0)), "kind": .string(try row.value(1)),
            "channel": .string(try row.value(2)), "title": .string(try row.value(3)), "narrative": .string(try row.value(4)),
            "topic": try (row.optional(5) ?? file.topic?.text).map { .string($0) } ?? .null,
            "region": try row.optional(6).map { .string($0) } ?? .null,
            "occurredAt": try row.optional(7, as: Instant.self).map { .string($0.description) } ?? .null,
            "anonymous": .bool(try row.value(8)), "petitioners": .array(petitioners.map { Self.masked($0, seal) }),
            "registered": .string(try row.value(10, as: Instant.self).description), "stage": .string(file.stage.rawValue),
            "unit": .string(file.unit.text), "urgency": .string(file.urgency.rawValue), "county": .string(file.county),
            "completed": file.completed.map { .string($0.description) } ?? .null, "ledgerLines": .integer(try row.value(12)),
            "clocks": .array(
                file.clocks.map { clock in
                    .object([
                        "name": .string(clock.name.text), "serial": .integer(Int64(clock.serial)), "due": .string(clock.due.description),
                        "dueDate": .string(clock.dueDate.description), "provisional": .bool(clock.provisional),
                        "phase": .string(clock.phase.rawValue),
                    ])
                }),
        ])
    }

    /// The ledger as one JSON document; each event stands in it byte for byte as it was hashed.
    func ledger(_ subject: Subject) async throws -> [UInt8]? {
        let rows = try await client.run("SELECT position, event, previous, hash FROM ledger WHERE subject = \(subject) ORDER BY position")
        if rows.isEmpty { return nil }
        var document = Array(#"{"lines":["#.utf8)
        for (index, row) in rows.enumerated() {
            let (previous, hash): ([UInt8], [UInt8]) = (try row.value(2), try row.value(3))
            document += Array("\(index > 0 ? "," : ""){\"position\":\(try row.value(0, as: Int.self)),\"event\":".utf8)
            document += try row.value(1, as: [UInt8].self)
            document += Array(#","previous":"\#(hexadecimal(previous))","hash":"\#(hexadecimal(hash))"}"#.utf8)
        }
        return document + Array("]}".utf8)
    }

    func incomplete(among cases: [CaseID]) async throws -> [CaseID] {
        let rows = try await client.run("SELECT subject FROM cases WHERE subject = ANY(\(cases)) AND completed_at IS NOT NULL")
        let complete = Set(try rows.map { try $0.value(0, as: CaseID.self) })
        return cases.filter { !complete.contains($0) }
    }

    func countyInForce() async throws -> String? {
        try await client.run("SELECT version FROM counties ORDER BY sequence DESC LIMIT 1").first?.value(0)
    }

    func edition(_ version: String) async throws -> CountyDefinition? {
        guard let row = try await client.run("SELECT definition FROM counties WHERE version = \(version) LIMIT 1").first else { return nil }
        return try CountyDefinition(canonicalJSON: row.value(0))
    }

    private static func masked(_ petitioner: CaseRegistered.Petitioner, _ seal: SealKey) -> JSONValue {
        guard let contact = try? seal.open(petitioner.contact, as: PetitionerContact.self) else { return .object([:]) }
        return .object([
            "name": contact.name.map { .string(Mask.name($0)) } ?? .null, "phone": contact.phone.map { .string(Mask.phone($0)) } ?? .null,
        ])
    }
}
