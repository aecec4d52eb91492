import HTTPTypes
public import Hummingbird
import NIOCore

/// A calendar (RFC 5545) as the answer to a request.
public struct CalendarAnswer: ResponseGenerator, Sendable {
    private let bytes: [UInt8]

    public init(_ calendar: ICalendar) { bytes = calendar.bytes }

    public func response(from request: Hummingbird.Request, context: some RequestContext) throws -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/calendar; charset=utf-8"], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
