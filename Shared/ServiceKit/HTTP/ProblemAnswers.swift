import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// Turns everything that a handler throws into a problem document.
///
/// What a handler throws on purpose is a `Problem`, or an error that the service's `translate` knows. The framework's own
/// errors keep their status. Anything else is a defect: the client gets 500 without particulars, and the log gets one line
/// with the trace that the client was given.
struct ProblemAnswers: RouterMiddleware {
    typealias Context = ServiceRequestContext

    let translate: @Sendable (any Error) -> Problem?

    func handle(
        _ request: Request, context: ServiceRequestContext, next: @concurrent (Request, ServiceRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let problem = problem(for: error, context: context)
            return problem.response(instance: request.uri.path, trace: context.trace.traceID)
        }
    }

    private func problem(for error: any Error, context: ServiceRequestContext) -> Problem {
        if let problem = error as? Problem ?? translate(error) { return problem }
        switch error {
        case is NIOTooManyBytesError:
            return BodyLimit.problem(limit: context.maxUploadSize)
        case is HTTPParserError, is IOError, is ChannelError:
            // The client's doing, or its network's: nobody here has to mend anything.
            context.logger.debug("a request did not arrive whole", metadata: .of([.error: "\(loggableDescription(of: error))"]))
            return BrokenRequest.problem
        case is CancellationError:
            return .unavailable("The service is stopping: send the request again.", retryAfter: .seconds(1))
        case let error as HTTPError:
            return problem(for: error)
        default:
            context.logger.error(
                "a request failed unexpectedly",
                metadata: .of([.error: "\(loggableDescription(of: error))", .route: "\(context.endpointPath ?? "none")"]))
            return Problem(
                .internalError,
                detail: "The request could not be completed. Quote the trace of this answer when you ask the operator about it.")
        }
    }

    private func problem(for error: HTTPError) -> Problem {
        switch error.status {
        case .notFound:
            return .notFound("No route of this service has this path.")
        case .badRequest:
            return Problem(.malformedRequest, detail: error.body ?? "The request could not be read.", headers: error.headers)
        case .contentTooLarge:
            return Problem(.bodyTooLarge, detail: error.body ?? "The body is too large.", headers: error.headers)
        default:
            let type = ProblemType.shared.first { $0.status == error.status } ?? .malformedRequest
            return Problem(type, status: error.status, detail: error.body ?? type.title + ".", headers: error.headers)
        }
    }
}
