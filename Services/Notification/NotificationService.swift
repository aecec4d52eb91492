import AsyncHTTPClient
import CaseFlow
import Glibc
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
        ]

    /// The service's OpenAPI document, in YAML.
    public static let openAPI = PackageResources.openapi_yaml

    /// The parts in dependency order.
    public static func assemble(_ context: RuntimeContext) throws -> [Part] {
        let settings = context.configuration.settings
        let seal = try settings.seal()
        let directory = try settings.value(.noticesDirectory)
        if mkdir(directory, 0o700) != 0, errno != EEXIST {
            throw StartupFailure(
                "HUIYIN_NOTICES_DIRECTORY: the folder \(directory) cannot be made (\(String(cString: strerror(errno)))): create it.")
        }
        let files = FileCarrier(directory: directory)
        var client: HTTPClient?
        var ways: [(audience: NoticeAudience, carrier: any NoticeCarrier)] = [(.everyone, files)]
        if let url = try settings.optional(.noticeWebhook) {
            var configuration = HTTPClient.Configuration()
            configuration.redirectConfiguration = .disallow
            let made = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
            client = made
            ways = [(.petitioners, files), (.units, WebhookCarrier(url: url, client: made))]
        }
        let trays = ways.map { NoticeTray($0.audience) }
        let bell = FeedBell()
        let flow = try FlowParts(
            context, process: NotificationProcess(), tables: NotificationTables(trays: trays, bell: bell), migrations: migrations,
            growing: ["feed"])
        let feed = try FeedParts(context, flow: flow, seal: seal, bell: bell)
        let couriers = zip(ways, trays).map { way, tray in
            NoticeCourier(
                worker: flow.worker, seal: seal, carrier: way.carrier, audience: way.audience, tray: tray, logger: context.logger)
        }
        let http = ServiceHTTP(context, checks: flow.checks, openAPI: openAPI, translate: Problem.ofFlow) { feed.add(to: $0) }
        let posting = client
        return flow.parts(
            feed.parts + [
                Part(
                    "couriers",
                    Loop {
                        await withTaskGroup { group in
                            for courier in couriers { group.addTask { await courier.run() } }
                        }
                        try? await posting?.shutdown()
                    }), Part(http),
            ])
    }
}
