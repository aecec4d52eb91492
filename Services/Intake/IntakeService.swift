import CaseFlow
import Models
import Postgres
import ServiceKit

/// Assembles intake.
public enum IntakeService {
    public static let migrations =
        FlowMigrations.all + [
            Migration(name: "M0001_intake", sql: PackageResources.M0001_intake_sql),
            Migration(name: "M0002_compression", sql: PackageResources.M0002_compression_sql),
            Migration(name: "M0003_ledger_months", sql: PackageResources.M0003_ledger_months_sql),
            Migration(name: "M0005_sessions", sql: PackageResources.M0005_sessions_sql),
            Migration(name: "M0006_lists", sql: PackageResources.M0006_lists_sql),
            Migration(name: "M0007_sessions", sql: PackageResources.M0007_sessions_sql),
            Migration(name: "M0008_house", sql: PackageResources.M0008_house_sql),
            Migration(name: "M0009_places", sql: PackageResources.M0009_places_sql),
            Migration(name: "M0010_writers", sql: PackageResources.M0010_writers_sql),
            Migration(name: "M0011_room", sql: PackageResources.M0011_room_sql),
        ]

    /// The service's OpenAPI document, in YAML.
    public static let openAPI = PackageResources.openapi_yaml

    /// The parts in dependency order.
    public static func assemble(_ context: RuntimeContext) throws -> [Part] {
        let settings = context.configuration.settings
        let seal = try settings.seal()
        guard let signer = ReceiptSigner(seed: try settings.value(.receiptKey).bytes) else {
            throw StartupFailure("HUIYIN_RECEIPT_KEY must hold the 32 bytes of an Ed25519 seed.")
        }
        let flow = try FlowParts(
            context, process: IntakeProcess(signer: signer), tables: IntakeTables(), migrations: migrations, growing: ["ledger"],
            // The first event of notification comes when a notice has been delivered: a gateway that is slow holds up bursts alone.
            pace: Pace(behind: [.routing, .deadline, .notification]),
            precondition: { try await HashKeyGuard.check(seal, on: $0) })
        let api = IntakeAPI(flow: flow, seal: seal, signer: signer, logger: context.logger)
        var options = HTTPOptions()
        // A county definition and a batch of cases are larger than any single case.
        options.bodyLimit = 4 << 20
        let http = ServiceHTTP(
            context, checks: flow.checks, openAPI: openAPI, options: options, translate: Problem.ofFlow
        ) { api.add(to: $0) }
        return flow.parts([Part(http)])
    }
}
