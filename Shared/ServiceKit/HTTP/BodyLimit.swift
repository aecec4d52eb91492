import HTTPTypes
import Hummingbird

/// Refuses bodies that are larger than the service reads, with 413 and the end of the connection.
///
/// A declared length is refused before a byte is read. A body that comes in chunks is counted as the handler reads it.
struct BodyLimit: RouterMiddleware {
    typealias Context = ServiceRequestContext

    func handle(
        _ request: Request, context: ServiceRequestContext, next: @concurrent (Request, ServiceRequestContext) async throws -> Response
    ) async throws -> Response {
        let limit = context.maxUploadSize
        if let declared = request.headers[.contentLength] {
            guard let length = Int(declared), length <= limit else { throw Self.problem(limit: limit) }
        } else if request.headers.contains(.transferEncoding) {
            var limited = request
            limited.body = RequestBody(asyncSequence: CountedBody(base: request.body, limit: limit))
            return try await next(limited, context)
        }
        return try await next(request, context)
    }

    static func problem(limit: Int) -> Problem {
        Problem(
            .bodyTooLarge, detail: "The body is larger than \(limit) bytes: send less, or in several requests.",
            headers: [.connection: "close"])
    }
}

/// A body that throws when more bytes come than the limit allows.
struct CountedBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let base: RequestBody
    let limit: Int

    struct AsyncIterator: AsyncIteratorProtocol {
        var base: RequestBody.AsyncIterator
        let limit: Int
        var count = 0

        @concurrent
        mutating func next() async throws -> ByteBuffer? {
            guard let chunk = try await base.next() else { return nil }
            count += chunk.readableBytes
            guard count <= limit else { throw BodyLimit.problem(limit: limit) }
            return chunk
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: base.makeAsyncIterator(), limit: limit)
    }
}
