import Logging
import ServiceLifecycle

@testable import ServiceKit

/// A `ServiceHTTP` on a free port of loopback, for the length of one test.
struct LiveServer: Sendable {
    static let token = "a-token-of-the-tests-0123456789"

    let port: Int
    let metrics: MetricsRegistry
    let log: CapturedLog
    private let stopper: ServiceGroup

    static func with<Result>(
        token: String? = token, staffKeys: String? = nil, options: HTTPOptions = HTTPOptions(), checks: [ReadinessCheck] = [],
        translate: @escaping @Sendable (any Error) -> Problem? = { _ in nil }, routes: (ServiceRouter) -> Void = { _ in },
        _ body: (LiveServer) async throws -> Result
    ) async throws -> Result {
        var environment = testEnvironment
        environment["HUIYIN_LISTEN"] = "127.0.0.1:0"
        environment["HUIYIN_OPERATOR_TOKEN"] = token
        environment["HUIYIN_STAFF_KEYS"] = staffKeys
        let configuration = try ServiceConfiguration(for: .intake, from: SettingsReader(environment: environment))
        let log = CapturedLog()
        let context = RuntimeContext(configuration: configuration, logger: log.logger(level: .debug), metrics: MetricsRegistry())
        let http = ServiceHTTP(context, checks: checks, options: options, translate: translate, routes: routes)
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: http, successTerminationBehavior: .gracefullyShutdownGroup)], logger: log.logger(level: .critical)
            ))
        let running = Task { try await group.run() }
        do {
            let address = try await http.listening()
            let result = try await body(LiveServer(port: address.port, metrics: context.metrics, log: log, stopper: group))
            await group.triggerGracefulShutdown()
            try await running.value
            return result
        } catch {
            await group.triggerGracefulShutdown()
            _ = await running.result
            throw error
        }
    }

    /// Begins a graceful stop and returns at once.
    func stop() async {
        await stopper.triggerGracefulShutdown()
    }

    /// Sends one request on a connection of its own.
    func request(_ method: String, _ path: String, headers: [String] = [], body: String? = nil) async throws -> RawAnswer {
        let connection = try await RawConnection.open(port: port)
        var head = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1"] + headers
        if let body { head.append("Content-Length: \(body.utf8.count)") }
        try await connection.send(head.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
        return try await connection.receive()
    }
}

/// The variables that every service needs.
let testEnvironment = [
    "HUIYIN_DATABASE_URL": "postgresql://intake:pw@127.0.0.1/huiyin",
    "HUIYIN_BROKER_URL": "amqp://huiyin:pw@127.0.0.1/huiyin",
]
