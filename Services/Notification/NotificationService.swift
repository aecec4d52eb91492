import CaseFlow
import Models
import Postgres
import ServiceKit

/// Assembles notification.
public enum NotificationService {
    public static let migrations =
        FlowMigrations.all + [
            Migration(name: "M0001_notification", sql: PackageResources.M0001_notification_sql),
            Migration(name: "M0002_feed", sql: PackageResources.M0002_feed_sql),
            Migration(name: "M0003_feed_months", sql: PackageResources.M0003_feed_months_sql),
            Migration(name: "M0004_reminders", sql: PackageResources.M0004_reminders_sql),
            Migration(name: "M0005_subscriptions", sql: PackageResources.M0005_subscriptions_sql),
            Migration(name: "M0006_notices", sql: PackageResources.M0006_notices_sql),
            Migration(name: "M0007_patience", sql: PackageResources.M0007_patience_sql),
            Migration(name: "M0008_couriers", sql: PackageResources.M0008_couriers_sql),
            Migration(name: "M0009_room", sql: PackageResources.M0009_room_sql),
        ]

    /// The service's OpenAPI document, in YAML.
    public static let openAPI = PackageResources.openapi_yaml

    /// The parts in dependency order.
    public static func assemble(_ context: RuntimeContext) throws -> [Part] {
        let settings = context.configuration.settings
        let seal = try settings.seal()
        let ways = try NoticeWays(settings, client: HTTPExchange.client)
        let trays = ways.carriers.map { NoticeTray($0.name, of: ways.routes) }
        let (bell, id) = (FeedBell(), UniqueID.version7(at: SystemTime.now, random: SystemTime.random))
        let flow = try FlowParts(
            context, process: NotificationProcess(),
            tables: NotificationTables(trays: trays, routes: ways.routes, bell: bell, courier: id),
            migrations: migrations, growing: ["feed", "notice_attempts"])
        let pulse = CourierPulse(id, client: flow.client, trays: trays, logger: context.logger)
        let feed = try FeedParts(context, flow: flow, seal: seal, bell: bell)
        let lanes = Dictionary(uniqueKeysWithValues: zip(ways.carriers.map(\.name), trays))
        let couriers = ways.carriers.map { carrier in
            NoticeCourier(
                worker: flow.worker, seal: seal, carrier: carrier, routes: ways.routes, trays: lanes, logger: context.logger, pulse: pulse)
        }
        let watch = NoticeWatch(record: NoticeBook(client: flow.client), routes: ways.routes, logger: context.logger)
        let digests = DigestSweep(store: flow.store, routes: ways.routes, logger: context.logger)
        let http = ServiceHTTP(context, checks: flow.checks, openAPI: openAPI, translate: Problem.ofFlow) { router in
            feed.add(to: router)
            NoticeAPI(store: flow.store, seal: seal).add(to: router)
        }
        return flow.parts(
            feed.parts + [
                Part(
                    "couriers",
                    Loop {
                        await withTaskGroup { group in
                            group.addTask { await pulse.run() }
                            group.addTask { await pulse.watchStrays() }
                            for courier in couriers { group.addTask { await courier.run() } }
                            group.addTask { await watch.run() }
                            group.addTask { await digests.run() }
                        }
                        // The task is cancelled by now, and what nobody delivers any more is not to wait.
                        try? await Task { try await pulse.end() }.value
                    }), Part(http),
            ])
    }
}
