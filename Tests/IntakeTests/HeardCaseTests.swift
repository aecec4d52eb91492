import CaseFlow
import Models
import Postgres
import TestSupport
import Testing

@testable import Intake

@Suite("Cases that were heard at a session", .timeLimit(.minutes(5)))
struct HeardCaseTests {
    private static func book(_ county: CountyIndex) throws -> CountyBook {
        var book = CountyBook()
        book.add(try CountyBook.Edition(county.definition))
        book.putInForce(county.version)
        return book
    }

    @Test("are those registered under it, heard or served, and those alone")
    func union() async throws {
        var invented = try InventedCases(seed: 11)
        var cases = try (0..<5).map { _ in try invented.next(after: InventedCases.start) }
        cases[0].facts.session = PlayedSession.subject
        cases[1].facts.session = PlayedSession.subject
        cases[2].facts.session = Subject(UniqueID(high: 9, low: 9))
        var session = try PlayedSession(at: .open)
        try session.give(.queue(contact: nil))
        try session.give(.serve(number: 1, case: CaseID(cases[3].subject), left: false))
        for subject in [cases[1].subject, cases[4].subject, Subject(UniqueID(high: 8, low: 8))] {
            try session.give(.hear(CaseID(subject)))
        }
        let record = try session.record
        try await CaseShelf.with(invented.county) { [cases] shelf in
            try await shelf.save(cases, isNew: true)
            let queries = SessionQueries(client: shelf.client)

            let heard = try await queries.cases(of: PlayedSession.subject, record)

            #expect(heard.map(\.id) == [cases[0], cases[1], cases[3], cases[4]].map(\.subject).sorted())
            #expect(try await queries.found(CaseID(cases[2].subject)).map(\.file) == [cases[2].file])
            #expect(try await queries.found(CaseID(UniqueID(high: 8, low: 8))).isEmpty)
        }
    }

    @Test("may be named by whoever may see them and by administrators, but no confidential one is listed")
    func access() throws {
        var invented = try InventedCases(seed: 12)
        let counties = try Self.book(invented.county)
        let cases = try (0..<200).map { _ in try invented.next(after: InventedCases.start) }.map {
            HeardCase(id: $0.subject, file: $0.file)
        }
        let (hidden, plain) = (cases.filter(\.file.life.isConfidential), cases.filter { !$0.file.life.isConfidential })
        let (clerk, accused) = (
            ActingPerson(role: .clerk), ActingPerson(role: .administrator, person: PersonCode(validated: "someone"))
        )
        let operatorToken = ActingPerson(role: .administrator)

        #expect(!hidden.isEmpty && !plain.isEmpty)
        #expect(plain.allSatisfy { $0.isListed(for: clerk, in: counties) && $0.isKnown(to: clerk, in: counties) })
        #expect(hidden.allSatisfy { !$0.isKnown(to: clerk, in: counties) && $0.isKnown(to: operatorToken, in: counties) })
        for role in Role.allCases { #expect(!hidden.contains { $0.isListed(for: ActingPerson(role: role), in: counties) }) }
        let against = hidden.filter { $0.file.life.accused?.persons.contains(PersonCode(validated: "someone")) ?? false }
        #expect(!against.isEmpty && !against.contains { $0.isKnown(to: accused, in: counties) })
        #expect(!plain.contains { $0.isKnown(to: ActingPerson(role: .subscriber), in: counties) })
    }

    @Test("are registered under it once it has begun, also after it ended", arguments: SessionPhase.allCases)
    func phases(phase: SessionPhase) {
        #expect((phase.registrationFault == nil) == [.open, .closed].contains(phase))
    }

    @Test("are found to be in no stored revision after the migration")
    func migration() async throws {
        var session = try PlayedSession(at: .open)
        for number in 1...3 { try session.give(.hear(CaseID(UniqueID(high: 1, low: UInt64(number))))) }
        let state = try #require(session.state)
        var old = state
        old.session?.revision += 3
        let lines = session.events.enumerated().map {
            LedgerLine(position: Int64($0.offset + 1), event: $0.element, previous: [UInt8](repeating: 0, count: 32))
        }
        let update = try #require(
            IntakeService.migrations.first { $0.name == "M0007_sessions" }?.sql.split(separator: ";").first {
                $0.contains("UPDATE sessions")
            })
        try await CaseShelf.with(try CountyIndex(TestCounty.definition())) { [old] shelf in
            try await shelf.client.run(
                try IntakeTables().statements(saving: [(PlayedSession.subject, old)], effects: lines.map { .line($0) }))

            try await shelf.client.run(SQL(unsafe: String(update)))

            #expect(try await SessionQueries(client: shelf.client).record(of: PlayedSession.subject) == state.session)
        }
    }
}
