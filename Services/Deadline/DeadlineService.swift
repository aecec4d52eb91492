import CaseFlow
import Models
import Postgres
import ServiceKit

/// Assembles deadline.
public enum DeadlineService {
    public static let migrations =
        FlowMigrations.all + [
            Migration(name: "M0001_deadline", sql: PackageResources.M0001_deadline_sql),
            Migration(name: "M0002_recounts", sql: PackageResources.M0002_recounts_sql),
        ]

    /// The service's OpenAPI document, in YAML.
    public static let openAPI = PackageResources.openapi_yaml

    /// The parts in dependency order.
    public static func assemble(_ context: RuntimeContext) throws -> [Part] {
        let flow = try FlowParts(context, process: DeadlineProcess(), tables: DeadlineTables(), migrations: migrations)
        let sweep = ClockSweep(worker: flow.worker, logger: context.logger)
        let recounts = Recounts(
            worker: flow.worker, holder: UniqueID(high: .random(in: 0 ... .max), low: .random(in: 0 ... .max)).description,
            logger: context.logger)
        let http = ServiceHTTP(context, checks: flow.checks, openAPI: openAPI, translate: Problem.ofFlow) {
            DeadlineAPI(flow: flow).add(to: $0)
        }
        return flow.parts([Part("clock sweep", Loop { await sweep.run() }), Part("recount", Loop { await recounts.run() }), Part(http)])
    }
}
