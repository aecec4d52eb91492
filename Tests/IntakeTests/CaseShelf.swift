import CaseFlow
import Models
import Postgres
import TestSupport

@testable import Intake

/// Intake's schema on the tests' PostgreSQL, and lists of the cases that are put there.
struct CaseShelf {
    let client: PostgresClient
    let county: CountyIndex

    static func with(_ county: CountyIndex, _ body: (CaseShelf) async throws -> Void) async throws {
        let url = try await PostgresServer.shared.database(like: "intake lists") { url in
            let client = PostgresClient(PostgresConfiguration(url: url, applicationName: "test", maximumConnections: 1))
            try await client.run("CREATE SCHEMA intake")
            try await Migrator(schema: "intake", migrations: IntakeService.migrations).apply(on: client)
            await client.close()
        }
        let client = PostgresClient(
            PostgresConfiguration(url: url, applicationName: "test", schema: "intake", queryTimeout: .seconds(600)))
        do {
            try await body(CaseShelf(client: client, county: county))
            await client.close()
        } catch {
            await client.close()
            throw error
        }
    }

    /// Stores cases as a unit of work does; `isNew` for those that are registered with it.
    func save(_ cases: [InventedCases.Case], isNew: Bool) async throws {
        try await client.run(try statements(saving: cases, isNew: isNew))
    }

    func statements(saving cases: [InventedCases.Case], isNew: Bool) throws -> [SQL] {
        let states = cases.map { found in
            var state = IntakeState()
            state.file = found.file
            return (found.subject, state)
        }
        let effects = isNew ? cases.map { IntakeEffect.registration($0.subject, $0.facts) } : []
        return try IntakeTables().statements(saving: states, effects: effects)
    }

    func page(
        _ filter: CaseFilter, for person: ActingPerson, limit: Int, after: Subject?, path: ListPath? = nil, now: Instant
    ) async throws -> CaseListing.Page {
        guard let sight = CaseSight(of: person, in: county) else { return .init(items: [], next: nil) }
        return try await CaseListing(client: client, filter: filter, sight: sight, now: now).page(limit: limit, after: after, path: path) {
            files in
            files.map { $0.life.access(of: person, in: county, current: county) > .none }
        }
    }

    /// Every case of all pages, with `between` after each page.
    func all(
        _ filter: CaseFilter, for person: ActingPerson, limit: Int, now: Instant, between: () async throws -> Void = {}
    ) async throws -> [Subject] {
        var (found, next, path) = ([Subject](), Subject?.none, ListPath?.none)
        repeat {
            let page = try await page(filter, for: person, limit: limit, after: next, path: path, now: now)
            found += page.items.map(\.subject)
            (next, path) = (page.next, page.path)
            try await between()
        } while next != nil
        return found
    }
}
