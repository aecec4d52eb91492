import HTTPTypes
import Hummingbird
import Logging
import Synchronization

/// The routes that every service has: `/livez`, `/readyz`, `/metrics`, `/version` and, with a document, `/openapi.yaml`.
struct StandardRoutes: Sendable {
    let service: ServiceName
    let registry: MetricsRegistry
    let checks: [ReadinessCheck]
    let readinessTimeout: Duration
    let drain: DrainState
    /// The OpenAPI document; nil when the service has none.
    let openAPI: [UInt8]?

    func add(to router: ServiceRouter) {
        router.get("livez") { _, _ in
            var json = JSONText()
            json.beginObject()
            json.member("status", "alive")
            json.endObject()
            return Self.answer(json.bytes)
        }
        router.get("readyz") { _, context in await readiness(context.logger) }
        router.get("version") { _, _ in
            var json = JSONText()
            json.beginObject()
            json.member("service", service.executable)
            json.member("version", Version.current)
            json.endObject()
            return Self.answer(json.bytes)
        }
        router.get("metrics") { _, _ in
            let text = MetricsText.exposition(of: registry) + ProcessMetrics.exposition()
            return Self.answer(Array(text.utf8), type: MetricsText.contentType)
        }
        if let openAPI { router.get("openapi.yaml") { _, _ in Self.answer(openAPI, type: "application/yaml") } }
    }

    private func readiness(_ logger: Logger) async -> Response {
        let stopping = ReadinessCheck("stopping") {
            guard !drain.isDraining else { throw ReadinessFailure("the service is stopping and takes no new work") }
        }
        let report = await ReadinessReport.make(
            of: drain.isDraining ? [stopping] + checks : checks, timeout: readinessTimeout, logger: logger)
        guard !report.isReady else { return Self.answer(report.document()) }
        return Self.answer(report.document(), type: Problem.contentType, status: ProblemType.notReady.status)
    }

    private static func answer(_ body: [UInt8], type: String = "application/json", status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}

/// Whether the server has begun to stop; readiness says so while open connections are served to their end.
final class DrainState: Sendable {
    private let flag = Atomic(false)

    var isDraining: Bool { flag.load(ordering: .relaxed) }

    func begin() { flag.store(true, ordering: .relaxed) }
}
