import CaseFlow
import HTTPTypes
import Hummingbird
import Models
import Postgres
import ServiceKit

/// "Have we had this before?": the cases that a person wrote already, asked by the clerk before another one is registered (同人同事).
///
/// What is the same matter in term is told its state, and no second case begins (Article 19). Nothing is changed by asking, and only
/// those learn of a case who may know its petitioner: the question names a person.
struct KnownCases: Sendable {
    let flow: IntakeAPI.Flow
    let seal: SealKey

    /// Of one person so many cases are looked at, the latest.
    private static let mostCases = 200
    func add(to router: ServiceRouter) {
        router.staffGroup("v1").post("known-cases") { request, context in try await answer(request, context) }
    }

    private func answer(_ request: Request, _ context: ServiceRequestContext) async throws -> JSONAnswer {
        let person = try context.requireStaff()
        let form = try KnownCasesForm(try await request.body(within: context, upTo: RegistrationForm.largestBody))
        let persons = form.petitioners.compactMap { WriterRows.key(of: $0.hash(with: seal)) }
        let rows = try await flow.client.run(
            """
            SELECT r.subject, r.title, r.narrative, c.file FROM (
                SELECT DISTINCT subject FROM writers WHERE person = ANY(\(persons)) ORDER BY subject DESC LIMIT \(Self.mostCases)) AS w
            JOIN registrations r USING (subject) JOIN cases c USING (subject) WHERE c.file IS NOT NULL
            """)
        let found = try rows.map { row in
            (
                subject: try row.value(0, as: Subject.self), title: try row.value(1, as: String.self),
                narrative: try row.value(2, as: String.self), file: try StateCoding.decode(row.value(3), as: CaseFile.self)
            )
        }
        let counties = try await flow.store.book(with: Set(found.map(\.file.county)))
        var known: [(likeness: Double, subject: Subject, file: CaseFile)] = []
        for (subject, title, narrative, file) in found {
            guard let county = counties[file.county]?.index,
                file.life.access(of: person, in: county, current: counties.current?.index) >= .handling
            else { continue }
            known.append((form.likeness(title: title, narrative: narrative), subject, file))
        }
        known.sort { ($0.likeness, $0.subject) > ($1.likeness, $1.subject) }
        return JSONAnswer(.object(["cases": .array(known.prefix(20).map { Self.view($0.file, $0.subject, $0.likeness) })]))
    }

    private static func view(_ file: CaseFile, _ subject: Subject, _ likeness: Double) -> JSONValue {
        .object([
            "id": .string(subject.description), "number": .string(file.number), "title": .string(file.title),
            "stage": .string(file.stage.rawValue), "unit": .string(file.unit.text), "registered": .string(file.registered.description),
            "likeness": .integer(Int64(likeness * 1000)), "sameMatter": .bool(Int(likeness * 1000) >= MatterSketch.sameMatter),
            "inTerm": .bool(!file.stage.isFinal),
            "nextDate": .text(file.nextDate(at: SystemTime.now)?.description),
        ])
    }
}
