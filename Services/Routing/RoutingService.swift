import CaseFlow
import Models
import Postgres
import ServiceKit

/// Assembles routing.
public enum RoutingService {
    public static let migrations =
        FlowMigrations.all + [
            Migration(name: "M0001_routing", sql: PackageResources.M0001_routing_sql),
            Migration(name: "M0002_desk", sql: PackageResources.M0002_desk_sql),
        ]

    /// The service's OpenAPI document, in YAML.
    public static let openAPI = PackageResources.openapi_yaml

    /// The parts in dependency order.
    public static func assemble(_ context: RuntimeContext) throws -> [Part] {
        let flow = try FlowParts(context, process: RoutingProcess(), tables: RoutingTables(), migrations: migrations)
        let api = RoutingAPI(flow: flow)
        return flow.parts([
            Part(
                ServiceHTTP(context, checks: flow.checks, openAPI: openAPI, translate: Problem.ofFlow) {
                    api.add(to: $0)
                })
        ])
    }
}
