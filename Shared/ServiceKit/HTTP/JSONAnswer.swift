import HTTPTypes
import Hummingbird
import Models
import NIOCore

/// A JSON document as the answer to a request.
public struct JSONAnswer: ResponseGenerator, Sendable {
    public var bytes: [UInt8]
    public var status: HTTPResponse.Status
    public var headers: HTTPFields = [:]

    public init(bytes: [UInt8], status: HTTPResponse.Status = .ok) {
        self.bytes = bytes
        self.status = status
    }

    /// Writes a tree in its canonical spelling.
    public init(_ value: JSONValue, status: HTTPResponse.Status = .ok) { self.init(bytes: value.canonical, status: status) }

    public func response(from request: Request, context: some RequestContext) throws -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

extension Request {
    /// The whole body, of at most `limit` bytes if that is less than the service reads; throws a 413 problem when it is larger.
    public func body(within context: ServiceRequestContext, upTo limit: Int = .max) async throws -> [UInt8] {
        let limit = min(limit, context.maxUploadSize)
        if let declared = headers[.contentLength].flatMap({ Int($0) }), declared > limit { throw BodyLimit.problem(limit: limit) }
        do {
            return Array(buffer: try await self.body.collect(upTo: limit))
        } catch is NIOTooManyBytesError {
            throw BodyLimit.problem(limit: limit)
        }
    }
}
