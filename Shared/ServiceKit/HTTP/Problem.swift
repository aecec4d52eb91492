public import HTTPTypes
public import Hummingbird

/// A refusal or failure of an HTTP request, answered as a problem document (RFC 9457).
///
/// Handlers throw it. `detail` is a sentence for whoever sent the request: what is wrong and what to do; it may repeat what
/// they sent, but never anything of another person and nothing of the inside of the service.
public struct Problem: Error, Sendable, Equatable {
    /// One fault of the request's content.
    public struct Fault: Sendable, Equatable {
        /// Where in the body, as a JSON pointer (RFC 6901): `/petitioner/phone`; empty for the whole body.
        public let pointer: String
        /// What is wrong there.
        public let detail: String

        public init(pointer: String, detail: String) {
            self.pointer = pointer
            self.detail = detail
        }
    }

    public let type: ProblemType
    /// The type's status unless the occurrence has another.
    public var status: HTTPResponse.Status
    public var detail: String
    /// The extension member `errors`, left out when empty.
    public var errors: [Fault]
    /// Headers that the answer carries besides, such as `Retry-After`.
    public var headers: HTTPFields

    public init(
        _ type: ProblemType, status: HTTPResponse.Status? = nil, detail: String, errors: [Fault] = [], headers: HTTPFields = [:]
    ) {
        self.type = type
        self.status = status ?? type.status
        self.detail = detail
        self.errors = errors
        self.headers = headers
    }

    /// Says that the service cannot do this now and when to try again (503 and `Retry-After`, in whole seconds, at least one).
    public static func unavailable(_ detail: String, retryAfter: Duration) -> Self {
        let (seconds, attoseconds) = retryAfter.components
        let rounded = max(1, seconds + (attoseconds > 0 ? 1 : 0))
        return Self(.unavailable, detail: detail, headers: [.retryAfter: "\(rounded)"])
    }

    /// Says what is wrong with the content (422), one fault per place.
    public static func invalidContent(_ errors: [Fault]) -> Self {
        let detail =
            errors.count == 1 ? "One value is not valid: \(errors[0].detail)." : "\(errors.count) values are not valid; see errors."
        return Self(.invalidContent, detail: detail, errors: errors)
    }

    /// Says that nothing is found (404).
    public static func notFound(_ detail: String) -> Self {
        Self(.notFound, detail: detail)
    }

    static let contentType = "application/problem+json"

    /// The document.
    ///
    /// `instance` is the path of the request and `trace` the identifier to look for in the logs.
    public func document(instance: String?, trace: String?) -> [UInt8] {
        var json = JSONText()
        json.beginObject()
        json.member("type", type.uri)
        json.member("title", type.title)
        json.member("status", status.code)
        json.member("detail", detail)
        if let instance { json.member("instance", instance) }
        if let trace { json.member("trace", trace) }
        if !errors.isEmpty {
            json.key("errors")
            json.beginArray()
            for fault in errors {
                json.beginObject()
                json.member("pointer", fault.pointer)
                json.member("detail", fault.detail)
                json.endObject()
            }
            json.endArray()
        }
        json.endObject()
        return json.bytes
    }

    func response(instance: String?, trace: String?) -> Response {
        var headers = headers
        headers[.contentType] = Self.contentType
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: document(instance: instance, trace: trace))))
    }
}

extension Problem: HTTPResponseError {
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        response(instance: request.uri.path, trace: (context as? ServiceRequestContext)?.trace.traceID)
    }
}

extension Problem: LoggableError {
    public var logDescription: String { type.slug }
}
