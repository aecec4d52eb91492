import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// The answer to bytes that are no whole HTTP request.
enum BrokenRequest {
    static let problem = Problem(
        .malformedRequest,
        detail: "The request is no whole HTTP/1.1 request: its first line, a header or its body has a wrong form, or it ended early.",
        headers: [.connection: "close"])

    /// The answer where there is no request that a router could be asked with.
    static func answer() -> (HTTPResponse, ByteBuffer) {
        let trace = TraceContext.begin()
        let body = ByteBuffer(bytes: problem.document(instance: nil, trace: trace.traceID))
        var head = HTTPResponse(status: problem.status, headerFields: problem.headers)
        head.headerFields[.contentType] = Problem.contentType
        head.headerFields[.contentLength] = "\(body.readableBytes)"
        head.headerFields[.traceparent] = trace.description
        return (head, body)
    }
}
