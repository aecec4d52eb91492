import CaseFlow
import Hummingbird
import Models
import ServiceKit

/// How much work units have, over HTTP: `GET /v1/units/load`.
struct LoadAPI: Sendable {
    /// Those who see at least their own units; officers and heads no others.
    static let roles: Set<Role> = [.officer, .unitHead, .dispatcher, .supervisor, .leader, .auditor, .administrator]

    let flow: RoutingAPI.Flow
    let book: LoadBook

    func add(to router: ServiceRouter) {
        router.staffGroup("v1", roles: Self.roles).get("units/load") { _, context in try await load(context) }
    }

    private func load(_ context: ServiceRequestContext) async throws -> JSONAnswer {
        let person = try context.requireStaff()
        guard let county = try await flow.store.book(with: []).current?.index else { throw Problem(Refusal.unknownCase) }
        return JSONAnswer(Self.view(of: try await book.count(), for: person, in: county))
    }

    /// The loads of the units that somebody may see, those of units without work among them; what has ended only while it has work.
    static func view(of count: LoadBook.Count, for person: ActingPerson, in county: CountyIndex) -> JSONValue {
        let living = county.definition.units.filter { $0.successor == nil }.map(\.code)
        let units = Set(living).union(count.units.keys).filter { person.mayLook(at: $0, in: county.unitTree) }
        return .object([
            "counted": .string(count.at.description), "days": .integer(Int64(LoadBook.days)),
            "units": .array(units.sorted().map { (count.units[$0] ?? UnitLoad()).shown($0) }),
        ])
    }
}
