import HTTPTypes
import Hummingbird
import Logging

/// The outermost step of every request: trace, logger, metrics and the headers that every answer carries.
struct EdgeResponder: HTTPResponder {
    typealias Context = ServiceRequestContext

    let router: RouterResponder<ServiceRequestContext>
    let metrics: RequestMetrics
    let bodyLimit: Int
    let logger: Logger

    func respond(to request: Request, context: ServiceRequestContext) async throws -> Response {
        let started = ContinuousClock.now
        var context = context
        context.trace = request.headers[.traceparent].flatMap { TraceContext($0) }?.child() ?? .begin()
        context.maxUploadSize = bodyLimit
        context.logger = logger(for: context)
        metrics.began()
        var response = await answer(request, context)
        // The framework sends whatever body it is given; bytes after a HEAD answer would be read as the next answer.
        if request.method == .head { response = response.createHeadResponse() }
        Self.addCommonHeaders(to: &response, trace: context.trace)
        let duration = ContinuousClock.now - started
        let route = Self.route(of: context)
        let method = ServiceRouter.commonMethods.contains(request.method) ? request.method : Self.otherMethod
        metrics.ended(method: method, route: route, status: response.status.code, duration: duration)
        context.logger.debug(
            "request answered",
            metadata: .of([
                .method: "\(method.rawValue)", .route: "\(route)", .status: .stringConvertible(response.status.code),
                .duration: .stringConvertible(duration / .seconds(1)),
            ]))
        return response
    }

    /// Names every method outside the common ones in metrics, so that a client cannot make up series.
    private static let otherMethod = HTTPRequest.Method("OTHER") ?? .trace

    /// The template of the route that answered, or "none"; the framework calls the lack of one "NotFound".
    private static func route(of context: ServiceRequestContext) -> String {
        guard let template = context.endpointPath, template.hasPrefix("/") else { return "none" }
        return template
    }

    private func answer(_ request: Request, _ context: ServiceRequestContext) async -> Response {
        let problem: Problem
        if ServiceRouter.commonMethods.contains(request.method) {
            do {
                return try await router.respond(to: request, context: context)
            } catch {
                // The router's own steps turn every error into an answer; this one comes from a framework step outside them.
                context.logger.error("a request failed unexpectedly", metadata: .of([.error: "\(loggableDescription(of: error))"]))
                problem = Problem(.internalError, detail: "The request could not be completed.")
            }
        } else {
            let list = ServiceRouter.commonMethods.map(\.rawValue).sorted().joined(separator: ", ")
            problem = Problem(.methodUnknown, detail: "This service knows the methods \(list).")
        }
        return problem.response(instance: request.uri.path, trace: context.trace.traceID)
    }

    private func logger(for context: ServiceRequestContext) -> Logger {
        var own = logger
        own[.trace] = "\(context.trace.traceID)"
        // The framework finds its own request number in the logger.
        own[metadataKey: "hb.request.id"] = context.logger[metadataKey: "hb.request.id"]
        return own
    }

    /// Answers are for programs: nothing may be sniffed, framed, cached or embedded, unless the handler says otherwise.
    private static func addCommonHeaders(to response: inout Response, trace: TraceContext) {
        response.headers[.traceparent] = trace.description
        let defaults: [(HTTPField.Name, String)] = [
            (.xContentTypeOptions, "nosniff"),
            (.cacheControl, "no-store"),
            (.contentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'"),
            (.referrerPolicy, "no-referrer"),
            (.crossOriginResourcePolicy, "same-origin"),
        ]
        for (name, value) in defaults where !response.headers.contains(name) {
            response.headers[name] = value
        }
    }
}
