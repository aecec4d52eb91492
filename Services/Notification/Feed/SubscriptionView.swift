import CaseFlow
import Models
import Postgres

/// How a subscription is shown to an operator: what it is, how far it came, and what keeps it.
enum SubscriptionView {
    static func all(_ code: SubscriptionCode?, from client: PostgresClient, _ shelf: SubscriptionShelf) async throws -> [JSONValue] {
        let subscriptions = try await shelf.all(code)
        let parked = try await client.run(
            "SELECT subscription, count(*) FROM feed_parked WHERE \(code == nil) OR subscription = \(code?.text ?? "") GROUP BY subscription"
        )
        let counts = try Dictionary(parked.map { (try $0.value(0, as: String.self), try $0.value(1, as: Int64.self)) }) { $1 }
        let head: Int64 = try await client.run("SELECT position FROM feed_head").first?.value(0) ?? 0
        return subscriptions.map { shown($0, parked: counts[$0.code.text] ?? 0, head: head) }
    }

    private static func shown(_ found: Subscription, parked: Int64, head: Int64) -> JSONValue {
        func list(_ values: [String]?) -> JSONValue { values.map { .array($0.map { .string($0) }) } ?? .null }
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        let filter = found.definition.filter
        return .object([
            "code": .string(found.code.text), "unit": .string(found.unit.text), "kind": .string(found.definition.kind.rawValue),
            "url": text(found.definition.url), "form": text(found.definition.form?.rawValue),
            "room": found.definition.room.map { .integer(Int64($0)) } ?? .null,
            "filter": .object([
                "types": list(filter.types), "topics": list(filter.topics?.map(\.text)), "regions": list(filter.regions?.map(\.text)),
                "units": list(filter.units?.map(\.text)), "kinds": list(filter.kinds?.map(\.rawValue)),
            ]),
            "phase": .string(found.phase.rawValue), "reason": text(found.reason), "number": .integer(found.number),
            // Entries of the whole feed that it has not looked at; which of them are for it nobody knows yet.
            "behind": .integer(max(0, head - found.position)), "parked": .integer(parked), "failures": .integer(Int64(found.failures)),
            "retryAt": text(found.retryAt?.description), "lastAnswer": text(found.lastAnswer),
            "lastSuccess": text(found.lastSuccess?.description), "created": .string(found.created.description),
        ])
    }
}
