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
        func progress(unitName unit: LocalizedText?, following first: Found?) -> JSONValue {
            return .object([
                "number": .string(file.number), "registered": .string(file.registered.description), "stage": .string(file.stage.rawValue),
                "stageName": .object(["zh": .string(file.stage.name.zh), "en": .string(file.stage.name.en)]),
                "unit": .object(["zh": .string(unit?.zh ?? file.unit.text), "en": .string(unit?.en ?? file.unit.text)]),
                "nextDate": .text(file.nextDate(at: SystemTime.now)?.description), "answer": file.answer?.shown ?? .null,
                "explanation": .text(file.explanation),
                "outcome": .text(file.outcome?.rawValue), "satisfaction": .text(file.satisfaction?.rawValue),
                // A repeated matter follows the first case, whose state its writer is told (Article 19).
                "follows": first.map {
                    .object(["number": .string($0.file.number), "stage": .string($0.file.stage.rawValue)])
                } ?? .null,
            ])
        }
    }

    /// Who wrote a case, as keyed hashes, and where it stands.
    struct Writers: Sendable {
        var subject: Subject
        var stage: Stage
        var isConfidential: Bool
        var persons: Set<String>
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

    /// The phase of a session; nil when there is none of this name.
    func phase(ofSession session: Subject) async throws -> SessionPhase? {
        let phase: String? = try await client.run("SELECT phase FROM sessions WHERE subject = \(session)").first?.value(0)
        return phase.flatMap { SessionPhase(rawValue: $0) }
    }

    /// The file of a case.
    func file(of subject: Subject) async throws -> Found? {
        guard let row = try await client.run("SELECT file FROM cases WHERE subject = \(subject) AND file IS NOT NULL").first else {
            return nil
        }
        return Found(subject: subject, file: try StateCoding.decode(row.value(0)))
    }

    func writers(of number: String) async throws -> Writers? {
        guard let subject = try await subject(number: number) else { return nil }
        return try await writers(of: subject)
    }

    func writers(of subject: Subject) async throws -> Writers? {
        guard
            let row = try await client.run(
                "SELECT r.petitioners, c.file FROM registrations r JOIN cases c USING (subject) WHERE r.subject = \(subject)"
            ).first
        else { return nil }
        let (petitioners, file): ([CaseRegistered.Petitioner], CaseFile) =
            (try StateCoding.decode(row.value(0)), try StateCoding.decode(row.value(1)))
        return Writers(
            subject: subject, stage: file.stage, isConfidential: file.life.isConfidential, persons: Set(petitioners.map(\.person)))
    }

    /// Names and phone numbers, for somebody whose look is in the ledger.
    func petitioners(of subject: Subject, seal: SealKey) async throws -> JSONValue {
        guard let row = try await client.run("SELECT petitioners FROM registrations WHERE subject = \(subject)").first else { return .null }
        return CaseSheet.unmasked(try StateCoding.decode(row.value(0)), seal)
    }

    /// A petitioner by its place; nil when the case has fewer.
    func petitioner(_ index: Int, of subject: Subject) async throws -> CaseRegistered.Petitioner? {
        guard let row = try await client.run("SELECT petitioners FROM registrations WHERE subject = \(subject)").first else { return nil }
        let petitioners: [CaseRegistered.Petitioner] = try StateCoding.decode(row.value(0))
        return petitioners.indices.contains(index) ? petitioners[index] : nil
    }

    /// A case as the staff see it, with names and numbers of people masked.
    func show(_ subject: Subject, seal: SealKey, _ access: CaseAccess) async throws -> JSONValue? {
        guard
            let row = try await client.run(
                """
                SELECT r.kind, r.channel, r.narrative, r.topic, r.region, r.occurred_at, r.anonymous, r.petitioners, c.file, c.position, c.head
                FROM registrations r JOIN cases c USING (subject) WHERE r.subject = \(subject)
                """
            ).first
        else { return nil }
        return CaseSheet(
            subject: subject, kind: try row.value(0), channel: try row.value(1), narrative: try row.value(2), topic: try row.optional(3),
            region: try row.optional(4), occurred: try row.optional(5), anonymous: try row.value(6),
            petitioners: try StateCoding.decode(row.value(7)), file: try StateCoding.decode(row.value(8)), lines: try row.value(9),
            head: try row.value(10)
        ).shown(seal, access)
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

    func complete(among cases: [CaseID]) async throws -> Set<CaseID> {
        let rows = try await client.run("SELECT subject FROM cases WHERE subject = ANY(\(cases)) AND completed_at IS NOT NULL")
        return Set(try rows.map { try $0.value(0) })
    }

    /// The files of those of the cases that are complete.
    func completeFiles(among cases: [CaseID]) async throws -> [Found] {
        let rows = try await client.run(
            "SELECT subject, file FROM cases WHERE subject = ANY(\(cases)) AND completed_at IS NOT NULL AND file IS NOT NULL")
        return try rows.map { Found(subject: try $0.value(0), file: try StateCoding.decode($0.value(1))) }
    }

    func countyInForce() async throws -> String? {
        try await client.run("SELECT version FROM counties ORDER BY sequence DESC LIMIT 1").first?.value(0)
    }

    func edition(_ version: String) async throws -> CountyDefinition? {
        guard let row = try await client.run("SELECT definition FROM counties WHERE version = \(version) LIMIT 1").first else { return nil }
        return try CountyDefinition(canonicalJSON: row.value(0))
    }
}
