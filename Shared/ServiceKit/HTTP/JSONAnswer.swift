import HTTPTypes
import Hummingbird
import Models

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
    /// The whole body; throws a 413 problem when it is larger than the service reads.
    public func body(within context: ServiceRequestContext) async throws -> [UInt8] {
        let buffer = try await self.body.collect(upTo: context.maxUploadSize)
        return Array(buffer: buffer)
    }
}
