import AsyncHTTPClient
import FoundationEssentials
import Glibc
import ServiceKit

/// The ways of this service: what the operator's file sets up, or without one files, and for units the webhook where there is one.
struct NoticeWays: Sendable {
    var carriers: [any NoticeCarrier]
    var routes: NoticeRoutes

    /// Reads the settings and makes the folders; throws a `StartupFailure` that says what to do.
    init(_ settings: SettingsReader, environment: [String: String] = ProcessInfo.processInfo.environment, client: HTTPClient) throws {
        let files = try settings.value(.noticesDirectory)
        try Self.make(files, "HUIYIN_NOTICES_DIRECTORY")
        if let path = try settings.optional(.noticeWays) {
            if try settings.optional(.noticeWebhook) != nil {
                throw StartupFailure(
                    "HUIYIN_NOTICE_WEBHOOK and HUIYIN_NOTICE_WAYS are both set: make the webhook one of the ways and unset HUIYIN_NOTICE_WEBHOOK."
                )
            }
            let file = try WayFile(path: path, environment: environment)
            for way in file.ways { if let folder = way.folder { try Self.make(folder, "HUIYIN_NOTICE_WAYS: the way \(way.name)") } }
            carriers = file.ways.map { $0.carrier(client: client, files: files) }
            routes = file.routes
            return
        }
        carriers = [FileCarrier(directory: files)]
        routes = .files
        if let url = try settings.optional(.noticeWebhook) {
            let webhook = WebhookCarrier(url: url, client: client)
            carriers.append(webhook)
            routes.units = [webhook.name]
        }
    }

    private static func make(_ folder: String, _ setting: String) throws(StartupFailure) {
        if mkdir(folder, 0o700) != 0, errno != EEXIST {
            throw StartupFailure("\(setting): the folder \(folder) cannot be made (\(String(cString: strerror(errno)))): create it.")
        }
    }
}
