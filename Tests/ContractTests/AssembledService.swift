import Deadline
import Intake
import Logging
import Models
import Notification
import Routing
import TestSupport
import Testing

@testable import ServiceKit

/// A service as its program assembles it, with nothing connected yet.
enum AssembledService: String, CaseIterable {
    case intake, routing, deadline, notification

    /// Every path and method that it answers.
    func routes() throws -> [ServiceRoute] { try http().routes }

    /// Its server, which runs without the database and the broker; what needs them is answered with 503.
    func http(_ more: [String: String] = [:]) throws -> ServiceHTTP {
        let directory = try TestDirectory("huiyin-contract")
        let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        var environment = [
            "HUIYIN_DATABASE_URL": "postgresql://huiyin:pw@127.0.0.1:1/huiyin", "HUIYIN_BROKER_URL": "amqp://huiyin:pw@127.0.0.1:1/huiyin",
            "HUIYIN_LISTEN": "127.0.0.1:0", "HUIYIN_SEAL_KEY": key, "HUIYIN_RECEIPT_KEY": key,
            "HUIYIN_NOTICES_DIRECTORY": directory.path + "/notices",
        ]
        environment.merge(more) { $1 }
        let name = try #require(ServiceName(rawValue: rawValue))
        let context = RuntimeContext(
            configuration: try ServiceConfiguration(for: name, from: SettingsReader(environment: environment)),
            logger: Logger(label: "contract") { _ in SwiftLogNoOpLogHandler() }, metrics: MetricsRegistry())
        let parts =
            switch self {
            case .intake: try IntakeService.assemble(context)
            case .routing: try RoutingService.assemble(context)
            case .deadline: try DeadlineService.assemble(context)
            case .notification: try NotificationService.assemble(context)
            }
        return try #require(parts.lazy.compactMap { $0.service as? ServiceHTTP }.first)
    }

    /// The document that it gives out.
    func document() throws -> OpenAPIDocument {
        let yaml =
            switch self {
            case .intake: IntakeService.openAPI
            case .routing: RoutingService.openAPI
            case .deadline: DeadlineService.openAPI
            case .notification: NotificationService.openAPI
            }
        return try OpenAPIDocument(yaml: yaml)
    }
}
