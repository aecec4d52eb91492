import CaseFlow
import Models
import Postgres
import ServiceKit

/// Assembles deadline.
public enum DeadlineService {
    public static let migrations =
        FlowMigrations.all + [
            Migration(name: "M0001_deadline", sql: PackageResources.M0001_deadline_sql)
        ]

    /// The parts in dependency order.
    public static func assemble(_ context: RuntimeContext) throws -> [Part] {
        let flow = try FlowParts(context, process: DeadlineProcess(), tables: DeadlineTables(), migrations: migrations)
        let sweep = ClockSweep(worker: flow.worker, logger: context.logger)
        let http = ServiceHTTP(context, checks: flow.checks, translate: Problem.ofFlow) { DeadlineAPI(flow: flow).add(to: $0) }
        return flow.parts([Part("clock sweep", Loop { await sweep.run() }), Part(http)])
    }
}
